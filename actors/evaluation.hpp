// Scores of stored weights on a split, beside the baselines.
// Thread rule: pure functions over a run directory; read only.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "actors/experiment.hpp"
#include "runtime/storage/storage.hpp"

namespace fulmar::actors {

struct Evaluation {
  core::Version version = 0;
  std::string which;  ///< "best", "latest" or the version: what was asked for, or the default
  data::Split split = data::Split::test;
  std::vector<float> outputs;  ///< of the network: [sample of the split][output extent]
  data::Scores scores;
  std::vector<std::pair<std::string, data::Scores>> baselines;
  std::string unit;
};

/// What the network makes of each sample of the split. `weights`: flat, as the experiment's layout has it.
Result<std::vector<float>> predict(const Experiment& experiment, data::Split split, std::span<const float> weights);

/// Whether `selection` is "best", "latest" or a version number; the error says that it should be.
Result<void> check_selection(const std::string& selection);

/// `selection`: what check_selection() accepts, or "" for the default: best where there is a validation split.
Result<Evaluation> evaluate(const Experiment& experiment, storage::Storage& storage, data::Split split,
                            const std::string& selection);

/// The JSON object of `evaluate --json` (INTERFACE): split, overall, scores, baselines, and what they are of.
nlohmann::json score_json(const Evaluation& evaluation);

}  // namespace fulmar::actors
