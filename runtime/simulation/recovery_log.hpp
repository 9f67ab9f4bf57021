// From each failure of a node to the moment when the supervisor knows, and when the work is somebody else's.
// Thread rule: one simulation, one thread.
#pragma once

#include <map>
#include <vector>

#include "runtime/core/identity.hpp"
#include "runtime/simulation/cluster_report.hpp"

namespace fulmar::planner {

class RecoveryLog {
 public:
  /// A machine failed that the head had not admitted, or whose admission was on its way.
  void failed_outside() { ++failures_; }
  void failed(core::Incarnation incarnation, Time now);
  /// The head gives the session up.
  void noticed(core::Incarnation incarnation, Time now);
  /// Leaves without a holder were leased anew.
  void leased(Time now);
  /// A round is over.
  void published();

  Recoveries recoveries() const;

 private:
  /// A failure that is noticed while a round goes on may be followed by the lease in the next one.
  static constexpr int kRoundsToWait = 2;
  struct Open {
    Time failed{};
    int rounds = 0;
  };

  std::uint64_t failures_ = 0, no_work_ = 0;
  std::map<core::Incarnation, Time> unnoticed_;
  std::vector<Open> unleased_;
  std::vector<double> noticed_, leased_;
};

}  // namespace fulmar::planner
