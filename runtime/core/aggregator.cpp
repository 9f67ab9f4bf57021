#include "runtime/core/aggregator.hpp"

#include <algorithm>
#include <utility>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {
namespace effect = aggregator_effect;

Aggregator::Aggregator(AggregatorSettings settings, Version version, std::uint64_t updates_applied,
                       std::uint64_t voided_in_a_row)
    : settings_(settings),
      version_(version),
      updates_applied_(updates_applied),
      voided_in_a_row_(voided_in_a_row),
      reduction_(settings_.shape.tree(version)),
      undecided_(version),
      window_(settings_.shape, settings_.shards, version),
      clock_(settings_.liveness.gap_max()),
      timer_(settings_.liveness) {}

bool Aggregator::is_milestone(Version version) const {
  const std::uint64_t every = settings_.checkpoint_every_rounds;
  return settings_.shape.is_validated(version) || (every > 0 && version > 0 && version % every == 0);
}

AggregatorEffects Aggregator::step(Time now, const AggregatorEvent& event) {
  now_ = clock_.look(now);
  AggregatorEffects effects;
  std::visit([&](const auto& concrete) { on(concrete, effects); }, event);
  return effects;
}

const char* Aggregator::reason_to_drop(const BlockPushed& pushed) const {
  if (stopped_) return "stopped";
  if (pushed.sender.term != settings_.term) return "old_term";
  if (!alive_.contains(pushed.sender.incarnation)) return "old_incarnation";
  if (pushed.base < version_) return "late";
  if (pushed.base > version_) return "ahead";
  return nullptr;
}

void Aggregator::on(const BlockPushed& pushed, AggregatorEffects& effects) {
  if (const char* reason = reason_to_drop(pushed)) {
    effects.push_back(effect::Drop{reason});
    return;
  }
  accept(pushed, effects);
}

void Aggregator::accept(const BlockPushed& pushed, AggregatorEffects& effects) {
  const Accepted accepted = reduction_.accept(pushed.block, pushed.digest, pushed.sender.node);
  if (accepted.acceptance == Acceptance::mismatch) {
    effects.push_back(effect::Drop{to_string(accepted.acceptance)});
    effects.push_back(effect::Tell{DeterminismAlarm{settings_.shard, version_, pushed.block,
                                                    static_cast<NodeId>(*accepted.holder), pushed.sender.node}});
    return;
  }
  if (accepted.acceptance != Acceptance::accepted) {
    effects.push_back(effect::Drop{to_string(accepted.acceptance)});
    return;
  }

  for (const Block& replaced : accepted.replaced) {
    sums_.erase(replaced);
    effects.push_back(effect::Discard{replaced});
  }
  const BlockTree& tree = reduction_.tree();
  const Block block = tree.canonical(pushed.block);
  sums_[block] = {pushed.finite, pushed.loss_sum, pushed.weight_sum};
  effects.push_back(effect::Keep{block});
  for (const Block& parent : accepted.combined) {
    join_sums(tree.left(parent), tree.right(parent), parent);
    effects.push_back(effect::Combine{tree.left(parent), tree.right(parent), parent});
  }
  if (!reduction_.complete()) return;

  timer_.finish(now_);
  const Block root = tree.root();
  const Sums& sums = sums_.at(root);
  effects.push_back(effect::ReportRoot{version_, root, sums.finite, sums.loss_sum, sums.weight_sum});
}

void Aggregator::join_sums(const Block& left, const Block& right, const Block& parent) {
  const Sums a = sums_.at(left);
  const Sums b = sums_.at(right);
  sums_.erase(left);
  sums_.erase(right);
  sums_[parent] = {a.finite && b.finite, a.loss_sum + b.loss_sum, a.weight_sum + b.weight_sum};
}

void Aggregator::on(const RootReport& report, AggregatorEffects& effects) {
  FULMAR_ASSERT(settings_.shard == 0, "a root report reached shard " + std::to_string(settings_.shard));
  const auto same_shard = [&](const RootReport& other) { return other.shard == report.shard; };
  if (report.base != undecided_ || std::any_of(reports_.begin(), reports_.end(), same_shard)) return;
  reports_.push_back(report);
  if (reports_.size() < settings_.shards) return;
  // The lead's own report is among them, so it is at this base itself, and its counts are those before the round.
  VerdictReached reached{reach_verdict(reports_, settings_.rule, updates_applied_, voided_in_a_row_)};
  if (reached.verdict.action != Action::stop) {
    undecided_ = version_ + 1;
    reports_.clear();
    reached.behind = window_.decide(undecided_);
  }
  effects.push_back(effect::SendVerdict{std::move(reached)});
}

void Aggregator::on(const VerdictReached& reached, AggregatorEffects& effects) {
  if (stopped_ || reached.verdict.base != version_ || verdict_) return;
  FULMAR_ASSERT(reduction_.complete(), "AGG-1: a verdict on round " + std::to_string(version_) + " without its root");
  if (reached.verdict.action == Action::stop) {
    stopped_ = true;
    effects.push_back(effect::Discard{reduction_.tree().root()});
    return;
  }
  verdict_ = reached;
  apply_if_possible(effects);
}

void Aggregator::apply_if_possible(AggregatorEffects& effects) {
  if (!verdict_) return;
  const Version next = version_ + 1;
  const bool pins = is_milestone(next) || cuts_.contains(next);
  if (pins && pinned_.size() >= kPinnedMax) return;  // AGG-3: a release will come

  const bool applied = verdict_->verdict.action == Action::apply;
  updates_applied_ += applied ? 1 : 0;
  voided_in_a_row_ = applied ? 0 : voided_in_a_row_ + 1;
  std::vector<Incarnation> behind = not_sent(std::move(verdict_->behind));
  effects.push_back(effect::Apply{std::move(verdict_->verdict), reduction_.tree().root()});
  verdict_.reset();
  sums_.clear();
  version_ = next;
  reduction_ = Reduction(settings_.shape.tree(version_));
  if (pins) pin(version_, effects);
  cuts_.erase(version_);
  timer_.start(now_);
  effects.push_back(effect::Publish{version_, std::move(behind)});
}

std::vector<Incarnation> Aggregator::not_sent(std::vector<Incarnation> behind) const {
  const auto passed_over = static_cast<std::ptrdiff_t>(behind.size());
  behind.insert(behind.end(), strangers_.begin(), strangers_.end());
  std::inplace_merge(behind.begin(), behind.begin() + passed_over, behind.end());
  return behind;
}

void Aggregator::pin(Version version, AggregatorEffects& effects) {
  if (pinned_.insert(version).second) effects.push_back(effect::Pin{version});
}

// ---- members

void Aggregator::on(const MemberAdmitted& admitted, AggregatorEffects& effects) {
  if (alive_.empty()) timer_.start(now_);  // nobody was there to be late
  alive_.insert(admitted.incarnation);
  strangers_.insert(admitted.incarnation);
  effects.push_back(effect::SendKnown{{settings_.shard, admitted.incarnation}});
}

void Aggregator::on(const MemberKnown& known, AggregatorEffects& effects) {
  FULMAR_ASSERT(settings_.shard == 0, "an admission was confirmed to shard " + std::to_string(settings_.shard));
  send_catch_ups(window_.admitted(known.incarnation), effects);
}

void Aggregator::send_catch_ups(const DeliveryWindow::CatchUps& catch_ups, AggregatorEffects& effects) const {
  for (const CatchUp& catch_up : catch_ups) effects.push_back(effect::SendCatchUp{catch_up});
}

void Aggregator::on(const MemberLost& lost, AggregatorEffects& effects) {
  if (alive_.erase(lost.incarnation) == 0) return;
  strangers_.erase(lost.incarnation);
  if (settings_.shard == 0) send_catch_ups(window_.lost(lost.incarnation), effects);
  if (stopped_ || reduction_.complete()) return;
  effects.push_back(effect::Tell{Late{settings_.shard, version_, missing(), false}});
}

void Aggregator::on(const VersionHeld& held, AggregatorEffects& effects) {
  if (held.sender.term != settings_.term) return;  // AGG-2; who is not alive, the window does not know
  send_catch_ups(window_.held(held.sender.incarnation, held.version), effects);
}

void Aggregator::on(const CatchUp& catch_up, AggregatorEffects& effects) {
  if (!alive_.contains(catch_up.incarnation)) return;
  bool is_sent = false;
  if (strangers_.erase(catch_up.incarnation) > 0) {
    for (const Version version : pinned_) {
      if (!settings_.shape.is_validated(version)) continue;  // nobody but a checkpoint needs it
      effects.push_back(effect::SendSlice{catch_up.incarnation, version});
      is_sent = is_sent || version == catch_up.version;
    }
  }
  if (verdict_ && catch_up.version == version_ + 1) {
    std::erase(verdict_->behind, catch_up.incarnation);  // it gets the version when that is published
    return;
  }
  FULMAR_ASSERT(catch_up.version == version_, "AGG-4: version " + std::to_string(catch_up.version) +
                                                  " is to be caught up with at " + std::to_string(version_));
  if (!is_sent) effects.push_back(effect::SendSlice{catch_up.incarnation, version_});
}

void Aggregator::on(const aggregator_event::Tick&, AggregatorEffects& effects) {
  if (stopped_ || alive_.empty() || reduction_.complete() || !timer_.is_late(now_)) return;
  std::vector<Block> lacks = missing();
  if (!timer_.reports(now_, lacks)) return;
  effects.push_back(effect::Tell{Late{settings_.shard, version_, std::move(lacks), true}});
}

// ---- versions that are kept

void Aggregator::on(const CutAnnounced& cut, AggregatorEffects& effects) {
  if (cut.version < version_ && !pinned_.contains(cut.version)) {
    effects.push_back(effect::Tell{CutMissed{settings_.shard, cut.version, version_, cut.attempt}});
    return;
  }
  if (cut.version == version_) {
    pin(version_, effects);
  } else if (cut.version > version_) {
    cuts_.insert(cut.version);
  }
  effects.push_back(effect::Tell{CutAccepted{settings_.shard, cut.version, cut.attempt}});
}

void Aggregator::on(const ReleaseVersion& release, AggregatorEffects& effects) {
  cuts_.erase(release.version);
  if (pinned_.erase(release.version) > 0) effects.push_back(effect::Unpin{release.version});
  apply_if_possible(effects);
}

}  // namespace fulmar::core
