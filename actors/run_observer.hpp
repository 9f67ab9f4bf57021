// What a run shows of itself while it goes on: to a progress bar, to metrics.
// Thread rule: all calls come from the supervisor's thread, one at a time, and must be quick. An observer overrides
// what it wants to know.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/core/journal_record.hpp"
#include "runtime/core/run_state.hpp"
#include "runtime/core/verdict.hpp"

namespace fulmar::actors {

class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// A version is out; `samples` went into its round, which took `seconds` since the version before.
  virtual void on_round(const core::RunState& /*state*/, const core::Verdict& /*verdict*/, std::uint64_t /*samples*/,
                        double /*seconds*/) {}
  virtual void on_record(const core::JournalRecord& /*record*/) {}
  virtual void on_checkpoint(bool /*written*/, double /*seconds*/, std::uint64_t /*bytes*/) {}
  virtual void on_journal(std::uint64_t /*bytes*/) {}
  virtual void on_members(std::uint64_t /*nodes*/, std::uint64_t /*slots*/) {}
  virtual void on_dropped_push(const std::string& /*reason*/) {}
  /// Something a user should hear of although the run goes on.
  virtual void on_trouble(const std::string& /*message*/) {}
};

}  // namespace fulmar::actors
