// A run as the user describes it: RUN.toml, read strictly, with every default resolved.
//
// Unknown keys, wrong types and impossible values are refused before anything starts, with file, line and the nearest
// valid name.
// Thread rule: plain values and pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/task.hpp"
#include "models/model.hpp"
#include "runtime/core/optimizer.hpp"
#include "runtime/core/policy.hpp"
#include "runtime/core/verdict.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::config {

struct RunSection {
  std::string name = "run";
  std::uint64_t seed = 1;
  std::string directory;  ///< default: "runs/" + name
};

struct PolicySection {
  /// kind, staleness, on_stale: checked and kept under every kind, since a run may switch to another one.
  core::PolicySettings settings;
  std::uint64_t leaf_size = 1;
  std::uint64_t leaves = 8;  ///< a power of two
  std::uint32_t shards = 1;
  core::NotFinitePolicy not_finite = core::NotFinitePolicy::stop;
  /// The one time setting: a member that falls silent is lost, and its work leased anew, within this time.
  std::chrono::nanoseconds liveness = std::chrono::seconds(1);
};

/// The run ends at whichever comes first.
struct StopSection {
  std::optional<std::uint64_t> epochs;  ///< 60 where neither epochs nor updates is given
  std::optional<std::uint64_t> updates;
  std::uint64_t patience = 0;  ///< epochs without a better validation; 0: no early stop
};

struct CheckpointSection {
  std::chrono::nanoseconds every{};  ///< 0: by rounds; 30 s where neither is given
  std::uint64_t every_rounds = 0;    ///< 0: by time
  std::uint64_t keep = 3;
};

struct RunConfig {
  RunSection run;
  data::DataSpec data;
  data::TaskSpec task;
  models::ModelSpec model;
  /// schedule.total_rounds is filled in by the run, which knows the data set's size; the remedies are keys of [policy].
  core::OptimizerSettings optimizer;
  PolicySection policy;
  StopSection stop;
  CheckpointSection checkpoint;

  std::string toml;  ///< the resolved config: parsing it gives this config again
  /// Canonical text of what the weights of a version depend on: all but run.name, run.directory, paths, data.cache,
  /// policy.shards, policy.not_finite, policy.liveness, [checkpoint], and [stop] unless the schedule is a cosine, which
  /// ends with the run. And all but policy.kind, policy.staleness and policy.on_stale, which may change while the run
  /// goes on: synchronous rounds yield the same weights under any of them, and asynchronous updates are journalled.
  std::string weights_part;
};

/// Parses the text of a config. `file` is for messages. `overrides` are "key=value" from --set, in order; a key is a
/// dotted path ("optimizer.learning_rate"), a value is TOML, or a bare word taken as a string.
Result<RunConfig> parse_run_config(std::string_view text, std::string_view file,
                                   const std::vector<std::string>& overrides);

/// Reads and parses a file.
Result<RunConfig> load_run_config(const std::string& path, const std::vector<std::string>& overrides);

}  // namespace fulmar::config
