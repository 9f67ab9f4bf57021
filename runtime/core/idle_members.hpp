// Who waits for a unit, since when, and how long each has waited: what the gate and the barriers of asynchronous
// policies cost.
// Thread rule: owned by one state machine; `now` is attended time.
//
// IDLE-1: what anybody has waited stays in the total, whether it ended with a unit, with the policy or with the member.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "runtime/core/identity.hpp"
#include "runtime/core/liveness.hpp"

namespace fulmar::core {

class IdleMembers {
 public:
  /// Whoever has waited longest comes first.
  using Queue = std::set<std::pair<Time, NodeId>>;

  /// Who waits already goes on waiting.
  void begin(NodeId node, Time now) {
    if (const auto wait = waits_.try_emplace(node).first; !wait->second.since) {
      wait->second.since = now;
      queue_.emplace(now, node);
    }
  }
  /// Nothing where it does not wait.
  void end(NodeId node, Time now) {
    const auto found = waits_.find(node);
    if (found == waits_.end() || !found->second.since) return;
    const Time since = *std::exchange(found->second.since, std::nullopt);
    queue_.erase({since, node});
    found->second.before += now - since;
    ended_ += now - since;
  }
  void end_all(Time now) {
    while (!queue_.empty()) end(queue_.begin()->second, now);
  }
  /// The member is no longer one.
  void forget(NodeId node, Time now) {
    end(node, now);
    waits_.erase(node);
  }

  const Queue& queue() const { return queue_; }
  /// What the member has waited so far.
  Time waited(NodeId node, Time now) const {
    const auto found = waits_.find(node);
    if (found == waits_.end()) return Time{};
    return found->second.before + (found->second.since ? now - *found->second.since : Time{});
  }
  /// What all have waited so far.
  Time waited(Time now) const {
    Time waited = ended_;
    for (const auto& [since, node] : queue_) waited += now - since;
    return waited;
  }

 private:
  struct Wait {
    std::optional<Time> since;
    Time before{};
  };

  std::map<NodeId, Wait> waits_;  // of members
  Queue queue_;
  Time ended_{};  // of waits that are over
};

}  // namespace fulmar::core
