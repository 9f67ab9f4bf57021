// The plan in force, and what it makes of the own blocks and the queue of the round under way.
#include <algorithm>
#include <iterator>

#include "runtime/core/worker.hpp"

namespace fulmar::core {
namespace effect = worker_effect;

void Worker::follow_plan(WorkerEffects& effects) {
  if (!welcomed_ || !version_ || *version_ >= end_version_) return;
  const auto later = plans_.upper_bound(*version_);
  if (later == plans_.begin()) return;
  const auto in_force = std::prev(later);
  plans_.erase(plans_.begin(), in_force);

  const BlockTree tree = settings_.shape.tree(*version_);
  own_.clear();
  std::uint64_t leaves = 0;
  for (const Block& block : in_force->second.blocks) {
    if (!tree.contains(block)) continue;  // a short round lacks it
    own(tree, tree.canonical(block));
    leaves += tree.leaf_count(block);
  }
  for (const Block& block : std::set<Block>(ready_)) {
    if (is_part(block)) continue;  // its sibling is somebody else's now
    ready_.erase(block);
    pushed_.insert(block);
    std::erase_if(own_, [&](const Block& own) { return tree.covers(block, own); });
    effects.push_back(effect::Push{*version_, block});
  }
  std::erase_if(queue_, [](const Job& job) { return job.kind == JobKind::gradient; });
  const std::set<Block> busy = underway();
  for (const Block& block : own_) {
    if (!pushed_.contains(block)) queue_missing(tree, block, busy, job_level(leaves));
  }
}

void Worker::own(const BlockTree& tree, const Block& block) {
  const auto covers_block = [&](const Block& pushed) { return pushed != block && tree.covers(pushed, block); };
  if (std::any_of(pushed_.begin(), pushed_.end(), covers_block)) return;
  const auto is_inside = [&](const Block& pushed) { return pushed != block && tree.covers(block, pushed); };
  if (std::none_of(pushed_.begin(), pushed_.end(), is_inside)) {
    own_.insert(block);
    return;
  }
  own(tree, tree.left(block));
  own(tree, tree.right(block));
}

void Worker::queue_missing(const BlockTree& tree, const Block& block, const std::set<Block>& busy,
                           std::uint32_t level) {
  const auto covers_block = [&](const Block& other) { return tree.covers(other, block); };
  if (std::any_of(busy.begin(), busy.end(), covers_block)) return;
  const auto is_inside = [&](const Block& other) { return tree.covers(block, other); };
  if (std::any_of(busy.begin(), busy.end(), is_inside)) {
    queue_missing(tree, tree.left(block), busy, level);
    queue_missing(tree, tree.right(block), busy, level);
    return;
  }
  for (const Block& part : tree.split(block, level)) {
    queue_.push_back({JobKind::gradient, *version_, part, !is_part(part)});
  }
}

std::set<Block> Worker::underway() const {
  std::set<Block> blocks = ready_;
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
  const BlockTree tree = settings_.shape.tree(*version_);
  return std::any_of(own_.begin(), own_.end(),
                     [&](const Block& own) { return own != block && tree.covers(own, block); });
}

}  // namespace fulmar::core
