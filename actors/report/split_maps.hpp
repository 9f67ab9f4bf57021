// Maps of what a network does over a split: one sample as an example, and where its errors lie.
// Thread rule: pure functions of a task that does not change.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "actors/evaluation.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::report {

/// "maps" of a report. The sample is the one whose RMSE is the median over the split; `error_rms` compares the model
/// with what its outputs are added to (data::Task::base). Errors name the file and the time that could not be read.
Result<nlohmann::json> split_maps(const data::Task& task, const actors::Evaluation& evaluation);

}  // namespace fulmar::report
