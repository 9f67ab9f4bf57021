// What an AggregatorShell does only under a mutation.
#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/core/vector_arithmetic.hpp"
#include "tests/simulation/aggregator_shell.hpp"
#include "tests/simulation/head_process.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {

core::AggregatorEvent AggregatorShell::as_taken(core::AggregatorEvent event) const {
  auto* pushed = std::get_if<core::BlockPushed>(&event);
  if (pushed == nullptr || members_.empty()) return event;
  core::Sender& sender = pushed->sender;
  const bool old_term = sender.term < term_;
  const bool dead = !members_.contains(sender.incarnation);
  if (world_.mutated(Mutation::accept_late_pushes)) pushed->base = core_.version();
  if (dead && world_.mutated(Mutation::stale_incarnation_accepted)) sender.incarnation = *members_.begin();
  if (old_term && world_.mutated(Mutation::stale_term_accepted)) sender = {sender.node, *members_.begin(), term_};
  return event;
}

core::BlockTree AggregatorShell::tree() const {
  return world_.scenario.shape.tree(core_.version());
}

void AggregatorShell::add_overlapping(const core::Block& block) {
  Kept& sum = vectors_.at(block);
  for (auto kept = vectors_.begin(); kept != vectors_.end();) {
    const bool overlaps = kept->first != block && tree().covers(block, kept->first);
    if (overlaps) {
      core::add(sum.values, kept->second.values);
      add(sum.leaves, kept->second.leaves);
    }
    kept = overlaps ? vectors_.erase(kept) : std::next(kept);
  }
}

void AggregatorShell::add_once_more() {
  for (auto& [block, kept] : vectors_) {
    const bool overlaps = std::ranges::equal(kept.leaves.counts, cargo_->leaves.counts,
                                             [](auto held, auto again) { return held >= again; });
    if (!overlaps || kept.leaves.base != cargo_->leaves.base) continue;
    core::add(kept.values, cargo_->values);
    add(kept.leaves, cargo_->leaves);
  }
}

Vector AggregatorShell::sum_by_arrival() {
  Vector sum(extent_.size(), 0.0F);
  for (const auto& [block, values] : std::exchange(arrived_, {})) core::add(sum, values);
  return sum;
}

void AggregatorShell::send_at_once(core::Incarnation newcomer) {
  receive(core::CatchUp{newcomer, core_.version()});
}

void AggregatorShell::report_for_all(core::RootReport report) {
  if (shard_ != 0) return;
  for (report.shard = 0; report.shard < world_.scenario.shards; ++report.shard) {
    head_.to_shard(head_.shard_endpoint(shard_), 0, report);
  }
}

}  // namespace fulmar::simulation
