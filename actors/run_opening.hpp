// Opening a run directory for training: a new one is claimed and its manifest written, an old one is checked against
// the config and resumed from its newest good checkpoint. The head's term is raised durably before anything else.
// Thread rule: one call at a time; what it returns belongs to the caller.
//
// OPEN-1: a directory that holds anything is never taken over without being asked to resume a run in it.
// OPEN-2: a resumed run has the config (as far as weights depend on it), the data and the arithmetic of the first
// start.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/experiment.hpp"
#include "runtime/core/manifest.hpp"
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
  MutableBuffer weights;
  std::vector<MutableBuffer> optimizer;
  bool resumed = false;
  bool finished = false;           ///< nothing is left to train
  std::vector<std::string> notes;  ///< what the user should know: a torn journal, a checkpoint that was passed over
};

Result<OpenedRun> open_run(const Experiment& experiment, bool resume);

}  // namespace fulmar::actors
