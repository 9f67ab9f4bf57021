// What an AggregatorShell does only under a mutation.
#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/core/vector_arithmetic.hpp"
#include "tests/simulation/aggregator_shell.hpp"
#include "tests/simulation/head_process.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace effect = core::aggregator_effect;

core::AggregatorEvent AggregatorShell::as_taken(core::AggregatorEvent event) const {
  auto* pushed = std::get_if<core::BlockPushed>(&event);
  if (pushed == nullptr || members_.empty()) return event;
  core::Sender& sender = pushed->sender;
  const bool old_term = sender.term < term_;
  const bool dead = !members_.contains(sender.incarnation);
  if (world_.mutated(Mutation::accept_late_pushes) && pushed->lease == 0) pushed->base = core_.version();
  if (dead && world_.mutated(Mutation::stale_incarnation_accepted)) sender.incarnation = *members_.begin();
  if (old_term && world_.mutated(Mutation::stale_term_accepted)) sender = {sender.node, *members_.begin(), term_};
  return event;
}

core::BlockTree AggregatorShell::tree() const {
  return world_.scenario.shape.tree(core_.version());
}

void AggregatorShell::add_overlapping(const core::Block& block) {
  Kept& sum = vectors_.at({0, block});
  for (auto kept = vectors_.begin(); kept != vectors_.end();) {
    const auto& [lease, other] = kept->first;
    const bool overlaps = lease == 0 && other != block && tree().covers(block, other);
    if (overlaps) {
      core::add(sum.values, kept->second.values);
      add(sum.leaves, kept->second.leaves);
    }
    kept = overlaps ? vectors_.erase(kept) : std::next(kept);
  }
}

void AggregatorShell::add_once_more() {
  for (auto& [key, kept] : vectors_) {
    const bool overlaps = std::ranges::equal(kept.leaves.counts, cargo_->leaves.counts,
                                             [](auto held, auto again) { return held >= again; });
    if (!overlaps || kept.leaves.unit != cargo_->leaves.unit) continue;
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

bool AggregatorShell::is_swallowed(const core::AggregatorEvent& event) {
  const auto* ended = std::get_if<core::LeaseEnded>(&event);
  const bool only_said = world_.mutated(Mutation::voided_attempt_applied) &&
                         !world_.scenario.faults.has(Fault::policy_switch);  // which the lead would not survive
  if (ended != nullptr && shard_ == 0 && only_said) {
    void_in_words_alone(ended->lease);
    return true;
  }
  const auto* reached = std::get_if<core::VerdictReached>(&event);
  if (reached == nullptr || shard_ == 0 || !world_.mutated(Mutation::shards_apply_in_other_order)) return false;
  const core::LeaseNumber lease = reached->verdict.attempt.lease;
  const auto waits = [&](const auto& kept) { return kept.first.first != 0 && kept.first.first != lease; };
  if (lease == 0 || (!held_back_ && std::ranges::none_of(vectors_, waits))) return false;
  swap_with_next(*reached);
  return true;
}

// To the others, and only where nobody has been told that it has a place.
void AggregatorShell::void_in_words_alone(core::LeaseNumber lease) {
  if (world_.checks.is_ordered(head_, lease)) return;
  world_.checks.voided(head_, lease);
  for (core::ShardId shard = 1; shard < world_.scenario.shards; ++shard) {
    head_.to_shard(head_.shard_endpoint(shard_), shard, core::AttemptVoided{lease});
  }
  carry_out(effect::Tell{core::AttemptVoided{lease}});
}

void AggregatorShell::swap_with_next(const core::VerdictReached& reached) {
  if (!held_back_) {
    held_back_ = reached;
    return;
  }
  core::VerdictReached first = *std::exchange(held_back_, std::nullopt);
  core::VerdictReached second = reached;
  std::swap(first.verdict.attempt, second.verdict.attempt);
  for (const core::VerdictReached& next : {first, second}) {
    for (const core::AggregatorEffect& effect : core_.step(head_.now(), next)) {
      std::visit([this](const auto& concrete) { carry_out(concrete); }, effect);
    }
  }
}

void AggregatorShell::report_for_all(core::RootReport report) {
  if (shard_ != 0) return;
  for (report.shard = 0; report.shard < world_.scenario.shards; ++report.shard) {
    head_.to_shard(head_.shard_endpoint(shard_), 0, report);
  }
}

}  // namespace fulmar::simulation
