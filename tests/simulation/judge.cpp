#include "tests/simulation/judge.hpp"

#include "runtime/storage/checkpoint.hpp"
#include "tests/simulation/cluster.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {

bool Judge::judge(HeadProcess& head, bool newest, std::uint64_t heads) {
  const core::supervisor_effect::EndRun& end = *head.supervisor().ended();
  end_ = end.reason;
  // Its successor has the say; one that could not be started after it had raised the term comes again.
  if (!newest || says("another head has taken over")) {
    world_.happened(Happening::head_superseded);
    return false;
  }
  version_ = end.state.version;
  const bool by_verdict = end.failed && says("is not finite");
  const bool by_killer = end.failed && world_.scenario.killer && (says("leaf") || says("is quarantined"));
  const bool by_disk = end.failed && says("could not be written");
  completed_ = end.completed;
  if (by_verdict) {
    judge_stop_by_verdict(head);
    over_ = true;
  } else if (by_killer) {
    judge_killer();
    over_ = true;
  } else if (end.completed) {
    judge_completed(head, heads);
    over_ = true;
  } else {
    world_.checks.expect(!end.failed || by_disk, [&] { return "SUP-5: the run failed: " + end_; });
    if (!end.failed) world_.happened(Happening::stopped_and_resumed);
  }
  return over_;
}

// What is computed beyond an early end does not count. An asynchronous run ends wherever it is.
void Judge::judge_stop_by_verdict(HeadProcess& head) const {
  const bool synchronous = world_.scenario.is_synchronous();
  const bool right = synchronous ? world_.reference.stopped() && version_ == world_.reference.end()
                                 : world_.checks.has_reason_to_stop(head);
  world_.checks.expect(right, [&] { return "SUP-2: a wrong stop: " + end_; });
}

void Judge::judge_completed(HeadProcess& head, std::uint64_t heads) {
  const core::supervisor_effect::EndRun& end = *head.supervisor().ended();
  world_.checks.state(head.timeline(), end.state, "the end");
  const bool synchronous = world_.scenario.is_synchronous();
  const auto due = synchronous ? world_.reference.end() : world_.reference.end_up_to(head.timeline().back());
  world_.checks.expect(!(synchronous && world_.reference.stopped()) && version_ == due, [&] {
    return "SUP-2: ends at " + std::to_string(version_) + ", not at " + std::to_string(due.value_or(0));
  });
  const bool may_have_rotted = world_.scenario.faults.has(Fault::bit_flip);
  if (may_have_rotted) return;
  const storage::CheckpointInfo checkpoint = storage::CheckpointStore(world_.disk).verify(version_);
  world_.checks.expect(end.failed || checkpoint.ok,
                       [&] { return "CHECKPOINT-1: the end has no checkpoint: " + checkpoint.problem; });
  judge_best(head, heads);
}

// A head that was lost takes with it what it knew of a failed write.
void Judge::judge_best(HeadProcess& head, std::uint64_t heads) {
  const core::supervisor_effect::EndRun& end = *head.supervisor().ended();
  const std::optional<core::ValidationRecord>& best = end.state.validation.best;
  const Faults& faults = world_.scenario.faults;
  const bool disk_fails = faults.has(Fault::disk_full) || faults.has(Fault::sync_failure);
  if (!best || (heads > 1 && disk_fails)) return;
  const auto named = storage::CheckpointStore(world_.disk).best();
  const bool is_named = named && *named && **named == best->version;
  const bool lost = says("the weights of its best version");
  world_.checks.expect(is_named != lost, [&] { return "VALID-2: other weights are kept as the best: " + end_; });
  world_.checks.expect(end.failed || !lost, [] { return "a lost best is no failure"; });
}

// Who else dies at the right moment can make another leaf look guilty.
void Judge::judge_killer() const {
  const Faults& faults = world_.scenario.faults;
  for (const Fault other : {Fault::node_crash, Fault::node_freeze, Fault::slot_death, Fault::link_cut,
                            Fault::local_crash, Fault::message_loss, Fault::message_delay}) {
    if (faults.has(other)) return;
  }
  const core::LeafId& killer = *world_.scenario.killer;
  const std::string leaf = "leaf " + std::to_string(killer.leaf) + " (";
  const std::string unit = "unit " + std::to_string(killer.version) + " (";
  world_.checks.expect(says(leaf.c_str()) || (!killer.validation && says(unit.c_str())),
                       [&] { return "BUDGET-1: the message does not name the leaf: " + end_; });
}

std::string Judge::stuck(const Cluster& cluster) const {
  std::string what = "LIVE-1: the run does not finish: ";
  HeadProcess* head = cluster.head();
  if (head == nullptr) return what + "there is no head";
  const core::Supervisor& supervisor = head->supervisor().core();
  what += "the supervisor is at version " + std::to_string(supervisor.state().version) + " of " +
          std::to_string(world_.scenario.end_version);
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) {
    const core::Aggregator& aggregator = head->shard(shard).core();
    what += ", shard " + std::to_string(shard) + " at " + std::to_string(aggregator.version()) + " lacks " +
            std::to_string(aggregator.missing().size()) + " blocks";
  }
  return what + "; " + std::to_string(supervisor.members().all().size()) + " members, " +
         std::to_string(supervisor.members().active()) + " active";
}

// Of a version the supervisor hears that each shard has published it, the verdict, of each shard once more where a cut
// is tried, and of at most two files; of a validated one at most the losses of each leaf; of a member that it joins. On
// the network a round is, for each shard, a slice to each member and at most a push of each leaf, with
// acknowledgements; and by time, for each member and role, ten beats a second and at most an acknowledgement and a
// probe each tick.
void Judge::judge_cost(HeadProcess& head) const {
  const core::RunShape& shape = world_.scenario.shape;
  const std::uint64_t shards = world_.scenario.shards;
  const std::uint64_t members = world_.hosts.size() + world_.scenario.local_slots.size();
  const std::uint64_t rounds = head.shard(0).core().version() + 1;
  const std::uint64_t validations = shape.has_validation() ? rounds / shape.rounds_per_epoch() + 1 : 0;
  const std::uint64_t heard_max =
      rounds * (3 * shards + 3) + validations * shape.validation_leaves() + 10 * members + shards;
  world_.checks.expect(head.supervisor().heard() <= heard_max, [&] {
    return "SUP-6: the supervisor heard " + std::to_string(head.supervisor().heard()) + " messages, at most " +
           std::to_string(heard_max) + " were expected";
  });
  const auto ticks = static_cast<std::uint64_t>(world_.queue.now() / world_.scenario.liveness.tick()) + 1;
  const std::uint64_t sent_max =
      4 * rounds * shards * (members + shape.leaves) + 3 * ticks * members * (shards + 1) + 20 * members;
  world_.checks.expect(world_.network.sent() <= sent_max, [&] {
    return "LINK-6: " + std::to_string(world_.network.sent()) + " datagrams were sent, at most " +
           std::to_string(sent_max) + " were expected";
  });
}

void Judge::look_back(const Cluster& cluster) {
  HeadProcess* head = cluster.head();
  if (head == nullptr) return;
  world_.checks.audit(head->timeline(), version_);
  if (!completed_) return;
  if (!head->supervisor().ended()->failed) world_.checks.replays(head->timeline(), version_);
  if (world_.scenario.faults.none() && cluster.heads_started() == 1) judge_cost(*head);
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) {
    for (const auto& [version, pinned] : head->shard(shard).pinned()) {
      world_.checks.expect(version > version_,
                           [&] { return "SUP-4: version " + std::to_string(version) + " is still pinned"; });
    }
  }
}

}  // namespace fulmar::simulation
