// What downscaling reaches without a network, for the table that every score is shown in.
// Thread rule: pure function of immutable data.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "data/paired_fields.hpp"
#include "data/task.hpp"

namespace fulmar::data {

/// "nearest" and "bilinear" interpolate the coarse field; with a climatology also "climatology+bilinear" and
/// "climatology+ridge" (local_ridge.hpp, fitted on the training split), which interpolate its anomaly. Simplest first.
Result<std::vector<std::pair<std::string, Scores>>> downscale_baselines(const PairedFields& pairs, Split split);

}  // namespace fulmar::data
