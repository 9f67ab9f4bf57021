// Where the time of each round goes: follows the push that completed it from the version that its node waited for.
// Thread rule: one simulation, one thread.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "runtime/core/identity.hpp"
#include "runtime/simulation/cluster_report.hpp"

namespace fulmar::planner {

/// The way of one push: when its node held the round's version, when it was sent, and when all of it was there.
struct PushTrace {
  core::NodeId node = 0;
  Time held{}, sent{}, arrived{};
};

class RoundTimes {
 public:
  /// The round under way accepted a push.
  void accepted(const PushTrace& push);
  /// Its version is out; the next round begins.
  void published(Time now);

  Spread totals() const { return spread(totals_); }
  RoundParts mean_parts() const;

 private:
  std::optional<Time> began_;              // nothing: the first round, whose version was not published
  std::map<core::NodeId, Time> computed_;  // until each node's last push
  PushTrace last_;
  std::vector<double> totals_;
  RoundParts sums_;
};

}  // namespace fulmar::planner
