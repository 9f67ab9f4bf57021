// The roles that get what a peer sends: a supervisor and a shard with a local worker and one remote node, and that
// node's worker. They are pure, so a run of a few rounds takes microseconds; what passes the rules must not make them
// assert, reach out of bounds, overflow or go on for ever (RULE-1).
// Thread rule: one owner.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "runtime/core/aggregator.hpp"
#include "runtime/core/session_message.hpp"
#include "runtime/core/supervisor.hpp"
#include "runtime/core/worker.hpp"
#include "runtime/transport/message_rules.hpp"

namespace fulmar::fuzz {

class Roles {
 public:
  explicit Roles(const core::PolicySettings& policy);

  /// From a node to the head, or from the head to a node, whichever it is; nothing, where a rule forbids it.
  void take(const core::SessionMessage& message);

 private:
  struct Hear;

  void to_supervisor(const core::SupervisorEvent& event);
  void to_shard(const core::AggregatorEvent& event);
  void to_worker(const core::WorkerEvent& event);
  void carry_out(const core::SupervisorEffect& effect);
  void carry_out(const core::AggregatorEffect& effect);
  void carry_out(const core::WorkerEffect& effect);
  void work_off();
  /// The local worker's part, and time.
  void go_on();
  void push_round();
  void push_leased_unit();
  void lease(core::NodeId node, const core::UnitLease& lease);

  core::Time now_{};
  core::Supervisor supervisor_;
  core::Aggregator shard_;
  core::Worker worker_;
  core::Sender local_, remote_;
  bool ended_ = false;
  std::size_t messages_ = 0;
  std::deque<core::UnitLease> local_leases_;
  core::Unit newest_unit_ = 0;  ///< that the remote node was leased
  core::LeaseNumber newest_lease_ = 0;
  std::deque<core::SupervisorEvent> for_supervisor_;
  std::deque<core::AggregatorEvent> for_shard_;
  std::deque<core::worker_effect::StartJob> jobs_;
};

}  // namespace fulmar::fuzz
