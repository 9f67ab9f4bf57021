// Opening a run directory for training: a new one is claimed and its manifest written, an old one is checked against
// the config and resumed from its newest good checkpoint. What its journal has beyond that is to be recomputed, in the
// order that it has there.
//
// What fences this head off from others: the run lock, while the directory is claimed (manifest, start of the journal)
// and repaired (a torn journal is cut, what a crash left among the checkpoints is cleared); from then on its term,
// which is raised durably before anything that follows from the run's state is written.
//
// Thread rule: one call at a time; what it returns belongs to the caller.
//
// OPEN-1: a directory that holds anything is never taken over without being asked to resume a run in it, and nothing is
//         written into one that holds something else.
// OPEN-2: a resumed run has the config (as far as weights depend on it), the data and the arithmetic of the first
// start.
// OPEN-3: a finished run is marked so in its journal: its last record is RunEnded{completed}.
// OPEN-4: no update that the journal has is lost: the term starts at the last of them, and the run is recomputed to it.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "actors/experiment.hpp"
#include "runtime/core/manifest.hpp"
#include "runtime/core/policy.hpp"
#include "runtime/core/prescribed_order.hpp"
#include "runtime/core/run_state.hpp"
#include "runtime/memory/buffer_pool.hpp"
#include "runtime/storage/checkpoint.hpp"
#include "runtime/storage/journal.hpp"
#include "runtime/storage/posix_storage.hpp"
#include "runtime/storage/run_lock.hpp"

namespace fulmar::actors {

struct OpenedRun {
  std::unique_ptr<storage::PosixStorage> storage;
  std::optional<storage::RunLock> lock;
  std::shared_ptr<storage::Journal> journal;
  core::Manifest manifest;
  core::Term term = 0;
  core::RunState state;
  /// What is recomputed from `state` on before the run goes further; empty: nothing.
  std::shared_ptr<const core::PrescribedOrder> order;
  core::PolicySettings policy;                             ///< in force when that is done
  std::map<core::Version, core::PolicySettings> policies;  ///< so far, by the version from which each is in force
  std::optional<core::PolicySettings> policy_wanted;       ///< that the run is resumed with; empty: it stays
  MutableBuffer weights;
  std::vector<MutableBuffer> optimizer;
  bool resumed = false;
  bool finished = false;           ///< nothing is left to train
  std::vector<std::string> notes;  ///< what the user should know: a torn journal, a checkpoint that was passed over

  /// The version up to which everything is known already.
  core::Version goes_on_from() const { return order ? order->end() : state.version; }
};

/// Whether a journal's last word is that the run reached its own end.
bool says_completed(std::span<const core::JournalRecord> records);

Result<OpenedRun> open_run(const Experiment& experiment, bool resume);

/// Whether the config (as far as weights depend on it), the data and this build's arithmetic are those of the run.
Result<void> check_same_run(const core::Manifest& manifest, const Experiment& experiment);
/// Room for weights and optimizer state, all of it zero but the weights, which are not set.
void reserve_tensors(const Experiment& experiment, OpenedRun& run);
/// The weights of version 0.
void start_from_seed(const Experiment& experiment, OpenedRun& run);

}  // namespace fulmar::actors
