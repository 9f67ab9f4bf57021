// Scores as a person reads them and as scripts do: the model beside the baselines.
// Thread rule: pure functions.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "actors/evaluation.hpp"

namespace fulmar::commands {

/// A table, best read in a fixed-width font; ends with a line end.
std::string score_table(const actors::Evaluation& evaluation);

/// The JSON object of `evaluate --json` (INTERFACE): split, overall, scores, baselines, and what they are of.
nlohmann::json score_json(const actors::Evaluation& evaluation);

}  // namespace fulmar::commands
