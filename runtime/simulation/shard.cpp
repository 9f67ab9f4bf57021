#include "runtime/simulation/shard.hpp"

#include <algorithm>

#include "runtime/simulation/head.hpp"

namespace fulmar::planner {
namespace effect = core::aggregator_effect;
namespace {

core::AggregatorSettings settings_of(const World& world, core::ShardId shard) {
  core::AggregatorSettings settings;
  settings.shape = world.shape;
  settings.term = kTerm;
  settings.shard = shard;
  settings.shards = world.model.shards;
  settings.liveness = world.model.liveness;
  return settings;
}

}  // namespace

Shard::Shard(World& world, Head& head, core::ShardId shard)
    : world_(world),
      head_(head),
      shard_(shard),
      core_(settings_of(world, shard), 0, 0, 0),
      mailbox_(world.queue, world.model.message_cost) {}

void Shard::receive(const core::AggregatorEvent& event) {
  mailbox_.post([this, event] { step(event); });
}

void Shard::receive_push(const core::BlockPushed& pushed, PushTrace trace) {
  trace.arrived = world_.queue.now();
  mailbox_.post([this, pushed, trace] {
    push_ = {static_cast<std::uint64_t>(pushed.weight_sum), trace};
    step(pushed);
  });
}

void Shard::admit(const core::MemberAdmitted& admitted, const std::weak_ptr<Node>& node) {
  mailbox_.post([this, admitted, node] {
    nodes_[admitted.incarnation] = node;
    step(admitted);
  });
}

void Shard::lose(const core::MemberLost& lost) {
  mailbox_.post([this, lost] {
    nodes_.erase(lost.incarnation);
    step(lost);
  });
}

void Shard::tick() {
  mailbox_.wake([this] { step(core::aggregator_event::Tick{}); });
}

void Shard::step(const core::AggregatorEvent& event) {
  for (const core::AggregatorEffect& next : core_.step(world_.queue.now(), event)) {
    std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
  }
}

// ---- vectors; the lead keeps the account of leaves

std::uint64_t Shard::leaves_of(const core::Block& block) const {
  return world_.shape.tree(core_.version()).leaf_count(block);
}

void Shard::carry_out(const effect::Keep&) {
  if (is_lead()) world_.rounds.accepted(push_.trace);
}

void Shard::carry_out(const effect::Drop& drop) {
  if (!is_lead()) return;
  const bool of_the_dead = drop.reason == "old_incarnation";
  (of_the_dead ? world_.leaves.lost : world_.leaves.duplicate) += push_.leaves;
}

void Shard::carry_out(const effect::Discard& discard) {
  if (is_lead()) world_.leaves.duplicate += leaves_of(discard.block);
}

void Shard::carry_out(const effect::Combine&) {
  mailbox_.spend(world_.memory_time(world_.shard_bytes(shard_), kVectorsToAdd));
}

void Shard::carry_out(const effect::ReportRoot& report) {
  mailbox_.spend(world_.memory_time(world_.shard_bytes(shard_), kVectorsToMeasure));
  const core::RootReport root{shard_, report.base, report.finite, report.loss_sum, report.weight_sum,
                              {1.0},  report.lease};
  mailbox_.then([this, root] { head_.shard(0).receive(root); });
}

void Shard::carry_out(const effect::Apply& apply) {
  if (is_lead()) world_.leaves.used += world_.shape.leaves_in_round(apply.verdict.attempt.unit);
  mailbox_.spend(world_.memory_time(world_.shard_bytes(shard_), kVectorsToUpdate));
}

// ---- messages

void Shard::carry_out(const effect::SendVerdict& send) {
  mailbox_.then([this, reached = send.reached] {
    head_.send_to_shards(reached);
    head_.receive(reached);
  });
}

void Shard::carry_out(const effect::SendDecision& send) {
  mailbox_.then([this, send] { std::visit([this](const auto& what) { head_.send_to_shards(what); }, send.decision); });
}

void Shard::carry_out(const effect::SendKnown& send) {
  mailbox_.then([this, known = send.known] { head_.shard(0).receive(known); });
}

void Shard::carry_out(const effect::Publish& publish) {
  mailbox_.then([this, publish] {
    if (is_lead()) {
      world_.rounds.published(world_.queue.now());
      world_.recoveries.published();
    }
    for (const auto& [incarnation, reference] : nodes_) {
      const std::shared_ptr<Node> node = reference.lock();
      const bool named = std::binary_search(publish.members.begin(), publish.members.end(), incarnation);
      if (node && named != publish.to_all_but) node->send_slice({shard_, publish.version, 0});
    }
    head_.receive(core::ShardPublished{shard_, publish.version});
  });
}

void Shard::carry_out(const effect::SendSlice& send) {
  mailbox_.then([this, send] {
    const auto found = nodes_.find(send.incarnation);
    const std::shared_ptr<Node> node = found == nodes_.end() ? nullptr : found->second.lock();
    if (node) node->send_slice({shard_, send.version, send.lease});
  });
}

void Shard::carry_out(const effect::Tell& tell) {
  mailbox_.then([this, tell] { std::visit([this](const auto& message) { head_.receive(message); }, tell.message); });
}

}  // namespace fulmar::planner
