#include "runtime/simulation/head.hpp"

#include <algorithm>
#include <utility>

namespace fulmar::planner {
namespace effect = core::supervisor_effect;
namespace event = core::supervisor_event;
namespace {

/// More rounds than any simulation gets to.
constexpr core::Version kNoEnd = core::Version{1} << 52;

core::SupervisorSettings settings_of(const World& world) {
  core::SupervisorSettings settings;
  settings.shape = world.shape;
  settings.term = kTerm;
  settings.shards = world.model.shards;
  settings.end_version = world.model.rounds > 0 ? world.model.rounds : kNoEnd;
  settings.liveness = world.model.liveness;
  return settings;
}

}  // namespace

Head::Head(World& world)
    : world_(world), core_(settings_of(world), {}), mailbox_(world.queue, world.model.message_cost) {
  for (core::ShardId shard = 0; shard < world.model.shards; ++shard) {
    shards_.push_back(std::make_unique<Shard>(world, *this, shard));
  }
}

void Head::start() {
  carry_out_all(core_.start(world_.queue.now()));
  tick();
}

void Head::tick() {
  world_.queue.after(world_.model.liveness.tick(), [this] {
    receive_tick();
    for (const auto& shard : shards_) shard->tick();
    tick();
  });
}

// ---- what comes

void Head::receive(const core::SupervisorEvent& occurred) {
  mailbox_.post([this, occurred] { carry_out_all(core_.step(world_.queue.now(), occurred)); });
}

void Head::receive_tick() {
  mailbox_.wake([this] { carry_out_all(core_.step(world_.queue.now(), event::Tick{})); });
}

void Head::receive_join(const core::Join& join, const std::weak_ptr<Node>& node) {
  world_.queue.after(world_.model.latency, [this, join, node] {
    mailbox_.post([this, join, node] {
      joining_ = {{}, join.instance, join.attempt, node};
      if (!node.expired()) carry_out_all(core_.step(world_.queue.now(), join));
    });
  });
}

void Head::send(const core::SupervisorEvent& occurred) {
  world_.queue.after(world_.model.latency, [this, occurred] { receive(occurred); });
}

// Beside the tensors, so that it may overtake a push; which can only be one of a round that is over.
void Head::send_to_lead(const core::VersionHeld& held) {
  world_.queue.after(world_.model.latency, [this, held] { shard(0).receive(held); });
}

void Head::close_connection(std::uint64_t instance, std::uint64_t attempt) {
  world_.queue.after(world_.model.latency, [this, instance, attempt] {
    const auto is_it = [&](const auto& member) {
      return member.second.instance == instance && member.second.attempt == attempt;
    };
    const auto member = std::find_if(members_.begin(), members_.end(), is_it);
    if (member != members_.end()) receive(event::MemberGone{member->second.identity, "the connection was closed"});
  });
}

void Head::send_to_shards(const core::AggregatorEvent& occurred) {
  for (const auto& shard : shards_) shard->receive(occurred);
}

// ---- what the supervisor wants

void Head::carry_out_all(const core::SupervisorEffects& effects) {
  for (const core::SupervisorEffect& next : effects) {
    std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
  }
}

void Head::carry_out(const effect::Admit& admit) {
  ++admitted_;
  const core::Sender identity = admit.welcome.identity;
  joining_.identity = identity;
  members_[identity.node] = joining_;
  for (const auto& shard : shards_) shard->admit({identity.node, identity.incarnation}, joining_.node);
  welcome(admit.welcome);
}

void Head::welcome(const core::Welcome& welcome) {
  send_to_node(joining_.node, welcome);
}

void Head::carry_out(const effect::SendToWorker& send) {
  const auto member = members_.find(send.node);
  if (member == members_.end()) return;
  std::visit([&](const auto& message) { send_to_node(member->second.node, message); }, send.message);
}

void Head::send_to_node(const std::weak_ptr<Node>& node, const core::WorkerEvent& occurred) {
  world_.queue.after(world_.model.latency, [node, occurred] {
    if (const std::shared_ptr<Node> receiver = node.lock()) receiver->receive(occurred);
  });
}

void Head::carry_out(const effect::SendToAggregators& send) {
  if (const auto* lost = std::get_if<core::MemberLost>(&send.message)) {
    world_.recoveries.noticed(lost->incarnation, world_.queue.now());
    for (const auto& shard : shards_) shard->lose(*lost);
  } else {
    std::visit([this](const auto& message) { send_to_shards(message); }, send.message);
  }
}

void Head::carry_out(const effect::Dismiss& dismiss) {
  const auto found = members_.find(dismiss.member.node);
  if (found == members_.end() || found->second.identity != dismiss.member) return;
  const Member member = found->second;
  members_.erase(found);
  world_.queue.after(world_.model.latency, [this, node = member.node, farewell = dismiss.farewell] {
    if (const std::shared_ptr<Node> receiver = node.lock()) dismissed_(*receiver, farewell);
  });
}

void Head::carry_out(const effect::Relieved& relieved) {
  if (relieved.leased > 0) world_.recoveries.leased(world_.queue.now());
}

void Head::carry_out(const effect::Release& release) {
  send_to_shards(release.release);
  for (const auto& [id, member] : members_) send_to_node(member.node, release.release);
}

void Head::carry_out(const effect::WriteCheckpoint& write) {
  receive(event::CheckpointDone{write.state.version, write.kind, "", "", ""});
}

void Head::carry_out(const effect::Record& record) {
  if (std::holds_alternative<core::PlanRecorded>(record.record)) ++plan_changes_;
}

}  // namespace fulmar::planner
