// Where the time of an update goes, as the lead shard sees it: every moment between two versions is some part of it.
//
// A node that finishes a round at time t, having computed for c since it began (which it says itself), had weights and
// blocks on their way for t − start − c, and waits from t until the verdict is applied. start: the version is out, or
// the unit was leased, or the node was admitted. One clock tells all but c, which is a duration.
// Thread rule: one owner; pure: `now` is an argument.
#pragma once

#include <map>
#include <vector>

#include "monitoring/figures.hpp"
#include "runtime/core/liveness.hpp"
#include "runtime/core/messages.hpp"

namespace fulmar::actors {

struct NodeRoundParts {
  core::NodeId node = 0;
  monitoring::RoundParts parts;  ///< `apply` is 0: it is not the node's
};

struct RoundTimes {
  monitoring::RoundParts parts;       ///< of an average node, and the update
  std::vector<NodeRoundParts> nodes;  ///< who had a part in it, ascending
};

class RoundClock {
 public:
  explicit RoundClock(core::Time now) : out_(now) {}

  void admitted(core::NodeId node, core::Time now) { admitted_[node] = now; }
  void granted(core::LeaseNumber lease, core::Time now) { granted_[lease] = now; }
  /// A block was taken; the last one of a node counts.
  void took(const core::BlockPushed& pushed, core::Time now);
  void ended(core::LeaseNumber lease);
  /// The update of the lease, or of the round (0), was applied between the two moments: a version is out.
  RoundTimes applied(core::LeaseNumber lease, core::Time begin, core::Time end);

 private:
  struct Arrival {
    core::NodeId node = 0;
    core::Time at{};
    double compute_seconds = 0;
  };

  monitoring::RoundParts parts_of(const Arrival& arrival, core::Time start, core::Time end) const;

  core::Time out_;                               // when the newest version was
  std::map<core::NodeId, core::Time> admitted_;  // since the version was out
  std::map<core::NodeId, Arrival> round_;        // of the round under way
  std::map<core::LeaseNumber, core::Time> granted_;
  std::map<core::LeaseNumber, Arrival> staged_;
};

}  // namespace fulmar::actors
