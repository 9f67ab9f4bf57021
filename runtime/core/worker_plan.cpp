// The assignment, plan or lease, and what it makes of the own blocks and the queue of the round under way.
//
// The blocks that are held (running, ready, waiting to be combined), queued or pushed never share a leaf. So an
// assignment may change at any time: own blocks are what it names less what was pushed; a held vector that lies in an
// own block will be combined into it; any other is pushed as it is, whatever it was begun for.
#include <algorithm>
#include <iterator>

#include "runtime/core/worker.hpp"

namespace fulmar::core {
namespace effect = worker_effect;

void Worker::on(const PlanChanged& plan, WorkerEffects& effects) {
  if (draining_) return;
  plans_.erase(plans_.lower_bound(plan.from_version), plans_.end());  // a newer plan replaces those that were to come
  std::vector<Block>& blocks = plans_[plan.from_version] = plan.blocks;
  const auto first_leaf = [](const Block& block) { return block.index << block.level; };
  std::sort(blocks.begin(), blocks.end(),
            [&](const Block& a, const Block& b) { return first_leaf(a) < first_leaf(b); });
  if (version_ && !lease_ && (!work_ || is_leased())) begin(*version_, *version_, 0, effects);  // after leased units
  follow_assignment(effects);
}

void Worker::on(const RoundLease& lease, WorkerEffects& effects) {
  if (draining_ || (version_ && lease.base < *version_)) return;
  leases_[lease.base] = lease.blocks;
  if (leases_.size() > kRoundLeasesMax) leases_.erase(leases_.begin());
  if (version_ == lease.base) follow_assignment(effects);
}

std::optional<std::vector<Block>> Worker::assignment() {
  if (is_leased()) return std::vector<Block>{settings_.shape.tree(work_->unit).root()};
  const auto later = plans_.upper_bound(work_->base);
  if (later != plans_.begin()) plans_.erase(plans_.begin(), std::prev(later));
  const auto lease = leases_.find(work_->base);
  if (lease != leases_.end()) return lease->second;
  if (later == plans_.begin()) return std::nullopt;
  return plans_.begin()->second;
}

void Worker::follow_assignment(WorkerEffects& effects) {
  if (!welcomed_ || !work_ || (!is_leased() && (draining_ || work_->base >= end_version_))) return;
  const std::optional<std::vector<Block>> blocks = assignment();
  if (!blocks) return;

  const BlockTree tree = settings_.shape.tree(work_->unit);
  own_.clear();
  std::vector<Block> order;
  std::uint64_t leaves = 0;
  for (const Block& block : *blocks) {
    if (!tree.contains(block)) continue;  // a short round lacks it
    own(tree, tree.canonical(block), order);
    leaves += tree.leaf_count(block);
  }
  std::erase_if(ready_, [&](const Block& block) {
    if (is_part(block)) return false;
    push(block, effects);  // its sibling is somebody else's now
    return true;
  });
  std::erase_if(queue_, [](const Job& job) { return job.kind == JobKind::gradient; });
  const DisjointBlocks held = held_blocks();
  for (const Block& block : order) {
    if (!pushed_.covering(block)) queue_missing(tree, block, held, leaves);
  }
}

void Worker::own(const BlockTree& tree, const Block& block, std::vector<Block>& order) {
  if (own_.covering(block) || pushed_.covering(block)) return;
  if (!own_.any_inside(block) && !pushed_.any_inside(block)) {
    own_.insert(block);
    order.push_back(block);
    return;
  }
  own(tree, tree.left(block), order);
  own(tree, tree.right(block), order);
}

void Worker::queue_missing(const BlockTree& tree, const Block& block, const DisjointBlocks& held,
                           std::uint64_t& leaves) {
  const std::uint64_t count = tree.leaf_count(block);
  if (held.covering(block)) {
    leaves -= std::min(leaves, count);
    return;
  }
  if (held.any_inside(block) || (count > 1 && count > leaves / (kJobsPerSlot * settings_.slots))) {
    queue_missing(tree, tree.left(block), held, leaves);
    queue_missing(tree, tree.right(block), held, leaves);
    return;
  }
  queue_.push_back({JobKind::gradient, work_->base, block, !is_part(block), *work_});
  leaves -= std::min(leaves, count);
}

DisjointBlocks Worker::held_blocks() const {
  DisjointBlocks blocks;
  for (const Block& block : ready_) blocks.insert(block);
  for (const Slot& slot : slots_) {
    if (slot.state == SlotState::busy && is_current(slot.job)) blocks.insert(slot.job.block);
  }
  for (const Job& job : queue_) {
    if (job.kind == JobKind::combine) blocks.insert(job.block);
  }
  return blocks;
}

std::uint32_t Worker::job_level(std::uint64_t leaves) const {
  std::uint32_t level = 0;
  while ((leaves >> (level + 1)) >= kJobsPerSlot * settings_.slots) ++level;
  return level;
}

bool Worker::is_part(const Block& block) const {
  const std::optional<Block> own_block = own_.covering(block);
  return own_block && *own_block != block;
}

void Worker::push(const Block& block, WorkerEffects& effects) {
  pushed_.insert(block);
  effects.push_back(effect::Push{*work_, block, now_ - work_began_});
  if (is_leased()) end_lease(effects);  // it was the root
}

}  // namespace fulmar::core
