// What a run shows of itself while it goes on: to a progress bar, to metrics.
// Thread rule: all calls come from the supervisor's thread, one at a time, and must be quick. An observer overrides
// what it wants to know.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "actors/round_clock.hpp"
#include "monitoring/run_event.hpp"
#include "runtime/core/journal_record.hpp"
#include "runtime/core/membership.hpp"
#include "runtime/core/run_state.hpp"
#include "runtime/core/verdict.hpp"

namespace fulmar::transport {
struct Status;
}

namespace fulmar::actors {

/// What becomes of a unit's lease, in an asynchronous policy.
enum class LeaseNews {
  granted,
  revoked,  ///< its holder is told that it is of no use any longer: others wait for it, or it failed
  expired,  ///< likewise, because it took too long
  voided    ///< nothing that is made of it will be applied
};

/// What a lost member had has holders again.
struct Recovery {
  core::NodeId node = 0;
  double detection_seconds = 0;      ///< from its last word until it was declared lost
  double recovery_seconds = 0;       ///< from then until its leaves were leased anew
  std::uint64_t leaves = 0;          ///< that it had not finished
  bool leased_unit = false;          ///< they are a whole unit, which nobody has yet
  std::vector<core::NodeId> takers;  ///< ascending: whom leaves were leased to; nobody: others had them too
};

class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// A version is out; `samples` went into its round, which took `seconds` since the version before.
  virtual void on_round(const core::RunState& /*state*/, const core::Verdict& /*verdict*/, std::uint64_t /*samples*/,
                        double /*seconds*/) {}
  virtual void on_record(const core::JournalRecord& /*record*/) {}
  virtual void on_checkpoint(core::CheckpointKind /*kind*/, bool /*written*/, double /*seconds*/,
                             std::uint64_t /*bytes*/) {}
  virtual void on_journal(std::uint64_t /*bytes*/) {}
  /// When a member comes or goes, and now and then.
  virtual void on_members(const core::Membership& /*members*/) {}
  /// When a member comes or goes, and every second.
  virtual void on_status(const transport::Status& /*status*/) {}
  /// Leaves of the round under way were leased anew: some had lost their holder, some were late and are duplicated.
  virtual void on_relief(std::uint64_t /*leased*/, std::uint64_t /*duplicated*/) {}
  virtual void on_unit_lease(LeaseNews /*news*/) {}
  virtual void on_recovery(const Recovery& /*recovery*/) {}
  /// Where the time of the newest version went.
  virtual void on_round_times(const RoundTimes& /*times*/) {}
  /// Now and then: how much waits for each of the head's actors.
  virtual void on_queues(const monitoring::QueueLengths& /*lengths*/) {}
  virtual void on_dropped_message(const std::string& /*reason*/) {}
  /// A file of the run directory could not be written.
  virtual void on_storage_failure() {}
  /// Something a user should hear of although the run goes on.
  virtual void on_trouble(const std::string& /*message*/) {}
  /// What RunStory makes of all this.
  virtual void on_event(const monitoring::RunEvent& /*event*/) {}
};

}  // namespace fulmar::actors
