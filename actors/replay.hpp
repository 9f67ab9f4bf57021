// Recomputes a run from its config, its data and its journal, and compares what comes out with what the journal says:
// the sums of each asynchronous update's gradient, the validation losses, and the hash of every checkpoint.
//
// It is the run's own machinery, with every version's unit and base prescribed, in a directory of its own that is
// removed afterwards. Nothing is written into the run's directory.
// Thread rule: one call at a time in a process; blocks the caller.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "actors/experiment.hpp"
#include "actors/run_observer.hpp"
#include "actors/training.hpp"
#include "runtime/core/run_history.hpp"

namespace fulmar::actors {

/// What a run directory says of the run's past.
struct RecordedRun {
  core::Manifest manifest;
  core::RunHistory history;
  std::vector<std::string> notes;  ///< what the user should know: a torn tail
};

/// Refuses a journal that is damaged, that contradicts itself, or that is another run's.
Result<RecordedRun> read_recorded_run(const Experiment& experiment, const core::Manifest& manifest,
                                      const storage::Storage& storage);

struct ReplayPlan {
  core::Version end = 0;                ///< the last version to recompute
  std::vector<core::Version> compared;  ///< whose checkpoints' hashes are compared, ascending
};

/// Up to `until`, or as far as the journal goes. An Error where that is nothing, or beyond the journal.
Result<ReplayPlan> plan_replay(const core::RunHistory& history, std::optional<core::Version> until);

struct Difference {
  core::Version version = 0;
  std::string what;  ///< "the loss of the update of unit 7 from version 5 is 0.25, the journal says 0.5"
};

struct ReplayOutcome {
  std::uint64_t updates = 0;  ///< that were recomputed
  std::uint64_t checkpoints_compared = 0;
  std::uint64_t validations_compared = 0;
  std::optional<Difference> first_difference;
  bool interrupted = false;
};

/// `slots`: compute threads, at least 1. `started`: as in train().
Result<ReplayOutcome> replay(const Experiment& experiment, const RecordedRun& run, const ReplayPlan& plan,
                             std::uint32_t slots, std::vector<RunObserver*> observers,
                             const std::function<void(RequestStop)>& started);

}  // namespace fulmar::actors
