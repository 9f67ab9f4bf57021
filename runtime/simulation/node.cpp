#include "runtime/simulation/node.hpp"

#include "runtime/simulation/head.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::planner {
namespace effect = core::worker_effect;
namespace event = core::worker_event;

Node::Node(World& world, Head& head, Machine& machine)
    : world_(world),
      head_(head),
      machine_(machine),
      core_({world.shape, machine.slots, world.model.shards}),
      slots_(machine.slots) {}

Node::~Node() {
  for (const auto& [key, leaves] : vectors_) world_.leaves.lost += leaves;
  for (const std::optional<Slot>& slot : slots_) world_.leaves.lost += slot ? slot->leaves : 0;
}

// ---- to and from the head

void Node::join() {
  head_.receive_join({machine_.name, machine_.slots, machine_.instance, machine_.attempt}, weak_from_this());
}

void Node::receive(const core::WorkerEvent& occurred) {
  if (const auto* welcome = std::get_if<core::Welcome>(&occurred)) {
    identity_ = welcome->identity;
    beat_regularly();
  }
  step(occurred);
}

void Node::send_slice(const core::VersionSlice& slice) {
  const std::uint64_t bytes = world_.shard_bytes(slice.shard);
  const Line::Passage sent = world_.head_out.pass(world_.queue.now(), bytes);
  const Time last_byte = sent.last + world_.model.latency;
  world_.queue.at(sent.first + world_.model.latency, [self = weak_from_this(), slice, bytes, last_byte] {
    const std::shared_ptr<Node> node = self.lock();
    if (!node) return;
    const Line::Passage taken = node->machine_.in.pass(node->world_.queue.now(), bytes);
    node->world_.queue.at(std::max(taken.last, last_byte), [self, slice] {
      if (const std::shared_ptr<Node> receiver = self.lock()) receiver->step(slice);
    });
  });
}

void Node::beat() {
  if (identity_) head_.send(core_.beat(world_.queue.now()));
}

void Node::beat_regularly() {
  world_.queue.after(world_.model.liveness.beat(), [self = weak_from_this()] {
    const std::shared_ptr<Node> node = self.lock();
    if (!node) return;
    node->beat();
    node->beat_regularly();
  });
}

void Node::step(const core::WorkerEvent& occurred) {
  for (const core::WorkerEffect& next : core_.step(world_.queue.now(), occurred)) {
    std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
  }
}

// ---- slots

void Node::carry_out(const effect::StartJob& start) {
  std::optional<Slot>& slot = slots_.at(start.slot);
  FULMAR_ASSERT(!slot, machine_.name + " starts a job on a busy slot");
  slot = Slot{start.job};
  if (start.job.kind == core::JobKind::gradient) return compute_leaf(start.slot);

  const core::BlockTree tree = world_.shape.tree(start.job.work.unit);
  slot->leaves = take(start.job.work, tree.left(start.job.block)) + take(start.job.work, tree.right(start.job.block));
  const Time adding = world_.memory_time(world_.model.model_bytes, kVectorsToAdd);
  world_.queue.after(adding, [self = weak_from_this(), id = start.slot] {
    if (const std::shared_ptr<Node> node = self.lock()) node->finish(id);
  });
}

void Node::compute_leaf(core::SlotId id) {
  world_.queue.after(machine_.leaf_time(), [self = weak_from_this(), id] {
    const std::shared_ptr<Node> node = self.lock();
    if (!node) return;
    Slot& slot = *node->slots_[id];
    ++slot.leaves;
    ++node->world_.leaves.computed;
    const bool complete = slot.leaves == node->world_.shape.tree(slot.job.work.unit).leaf_count(slot.job.block);
    if (complete || slot.job.work.number < node->abandon_before_) return node->finish(id);
    node->compute_leaf(id);
  });
}

void Node::finish(core::SlotId id) {
  const Slot slot = *slots_[id];
  slots_[id].reset();
  const bool computed = slot.job.kind == core::JobKind::gradient;
  const std::uint64_t wanted = world_.shape.tree(slot.job.work.unit).leaf_count(slot.job.block);
  outcome_ = slot.leaves;
  step(event::JobDone{id, slot.job, {}, slot.leaves < wanted, computed ? slot.leaves : 0});
  world_.leaves.abandoned += outcome_.value_or(0);  // the worker did not keep it
  outcome_.reset();
}

// ---- vectors

std::uint64_t Node::take(const core::Work& work, const core::Block& block) {
  auto vector = vectors_.extract({work.number, block});
  FULMAR_ASSERT(!vector.empty(), "WORK-2: " + machine_.name + " has no vector " + core::to_string(block));
  return vector.mapped();
}

void Node::carry_out(const effect::KeepVector& keep) {
  FULMAR_ASSERT(outcome_, "WORK-2: " + machine_.name + " keeps a vector that nobody brought");
  vectors_[{keep.work, keep.block}] = *outcome_;
  outcome_.reset();
}

void Node::carry_out(const effect::ReleaseVectors& release) {
  const auto end = vectors_.lower_bound({release.work, core::Block{}});
  for (auto vector = vectors_.begin(); vector != end; ++vector) world_.leaves.abandoned += vector->second;
  vectors_.erase(vectors_.begin(), end);
}

void Node::carry_out(const effect::Push& push) {
  const std::uint64_t leaves = take(push.work, push.block);
  const auto& [number, unit, base, lease] = push.work;
  const PushTrace trace{identity_->node, held_.at(base), world_.queue.now(), {}};
  const core::BlockPushed pushed{*identity_, base, push.block, 0, true, 0, static_cast<double>(leaves), lease, unit};
  for (core::ShardId shard = 0; shard < world_.model.shards; ++shard) {
    const std::uint64_t bytes = world_.shard_bytes(shard);
    const Line::Passage sent = machine_.out.pass(world_.queue.now(), bytes);
    const Time last_byte = sent.last + world_.model.latency;
    world_.queue.at(sent.first + world_.model.latency, [self = weak_from_this(), &world = world_, &head = head_, shard,
                                                        bytes, last_byte, leaves, pushed, trace] {
      const Line::Passage taken = world.head_in.pass(world.queue.now(), bytes);
      world.queue.at(std::max(taken.last, last_byte), [self, &world, &head, shard, leaves, pushed, trace] {
        if (!self.expired()) return head.shard(shard).receive_push(pushed, trace);
        if (shard == 0) world.leaves.lost += leaves;
      });
    });
  }
}

void Node::carry_out(const effect::AcknowledgeVersion& acknowledge) {
  head_.send_to_lead(acknowledge.held);
}

void Node::carry_out(const effect::SayDrained&) {
  head_.send(core::Drained{*identity_});
}

}  // namespace fulmar::planner
