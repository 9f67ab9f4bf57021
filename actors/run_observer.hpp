// What a run shows of itself while it goes on: to a progress bar, to metrics.
// Thread rule: all calls come from the supervisor's thread, one at a time, and must be quick. An observer overrides
// what it wants to know.
#pragma once

#include <cstdint>
#include <string>

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
  revoked,  ///< its holder is told that it is of no use any longer
  voided    ///< nothing that is made of it will be applied
};

class RunObserver {
 public:
  virtual ~RunObserver() = default;
  /// A version is out; `samples` went into its round, which took `seconds` since the version before.
  virtual void on_round(const core::RunState& /*state*/, const core::Verdict& /*verdict*/, std::uint64_t /*samples*/,
                        double /*seconds*/) {}
  virtual void on_record(const core::JournalRecord& /*record*/) {}
  virtual void on_checkpoint(bool /*written*/, double /*seconds*/, std::uint64_t /*bytes*/) {}
  virtual void on_journal(std::uint64_t /*bytes*/) {}
  /// When a member comes or goes, and now and then.
  virtual void on_members(const core::Membership& /*members*/) {}
  /// When a member comes or goes, and every second.
  virtual void on_status(const transport::Status& /*status*/) {}
  /// Leaves of the round under way were leased anew: some had lost their holder, some were late and are duplicated.
  virtual void on_relief(std::uint64_t /*leased*/, std::uint64_t /*duplicated*/) {}
  virtual void on_unit_lease(LeaseNews /*news*/) {}
  /// What a lost member had has holders again: so long after its last word it was declared lost, and so long after
  /// that.
  virtual void on_recovery(double /*detection_seconds*/, double /*recovery_seconds*/) {}
  virtual void on_dropped_message(const std::string& /*reason*/) {}
  /// Something a user should hear of although the run goes on.
  virtual void on_trouble(const std::string& /*message*/) {}
};

}  // namespace fulmar::actors
