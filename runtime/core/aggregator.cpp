#include "runtime/core/aggregator.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {
namespace effect = aggregator_effect;

Aggregator::Aggregator(AggregatorSettings settings, Version version, std::uint64_t updates_applied,
                       std::uint64_t voided_in_a_row)
    : settings_(std::move(settings)),
      version_(version),
      updates_applied_(updates_applied),
      voided_in_a_row_(voided_in_a_row),
      policy_(make_policy(settings_.policy)),
      reduction_(settings_.shape.tree(version)),
      bases_from_(settings_.order ? settings_.order->end() : version),
      sequencer_(settings_.shards, AppliedUnits(version), settings_.order),
      undecided_(version),
      window_(settings_.shape, settings_.shards, version, works_in_rounds(version)),
      clock_(settings_.liveness.gap_max()),
      timer_(settings_.liveness) {}

bool Aggregator::is_milestone(Version version) const {
  const std::uint64_t every = settings_.checkpoint_every_rounds;
  return settings_.shape.is_validated(version) || (every > 0 && version > 0 && version % every == 0);
}

bool Aggregator::works_in_rounds(Version version) const {
  const bool replays = settings_.order && settings_.order->makes(version + 1);
  return !replays && !policy_->is_asynchronous();
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
  if (pushed.lease != 0) return reason_to_drop_leased(pushed);
  if (!works_in_rounds(version_)) return "other_policy";
  if (pushed.base < version_) return "late";
  if (pushed.base > version_) return "ahead";
  return nullptr;
}

void Aggregator::on(const BlockPushed& pushed, AggregatorEffects& effects) {
  if (const char* reason = reason_to_drop(pushed)) {
    effects.push_back(effect::Drop{reason});
    return;
  }
  if (pushed.lease != 0) return stage(pushed, effects);
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
  if (told_late_ == version_) effects.push_back(effect::Tell{Late{settings_.shard, version_, {}, false}});
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
  if (report.lease != 0) {
    if (!sequencer_.staged(report)) return;
    order_attempts(effects);
    if (sequencer_.waits(report.lease)) effects.push_back(effect::Tell{AttemptStaged{report.lease}});
    return;
  }
  if (policy_begins_ || !works_in_rounds(version_)) return;  // of a round that another policy ends, or has ended
  if (report.base != undecided_ || std::any_of(reports_.begin(), reports_.end(), same_shard)) return;
  reports_.push_back(report);
  if (reports_.size() == settings_.shards) send_verdict(synchronous_attempt(version_), reports_, effects);
}

// The lead's own report is among them, so it is at this base itself, and its counts are those before the update.
void Aggregator::send_verdict(const Attempt& attempt, const std::vector<RootReport>& reports,
                              AggregatorEffects& effects) {
  VerdictReached reached{reach_verdict(version_, attempt, reports, settings_.rule, updates_applied_, voided_in_a_row_)};
  undecided_ = version_ + 1;
  if (reached.verdict.action != Action::stop) {
    reports_.clear();
    reached.behind = window_.decide(undecided_, works_in_rounds(undecided_));
  }
  effects.push_back(effect::SendVerdict{std::move(reached)});
}

// ---- what the lead decides

void Aggregator::decided(Decision decision, AggregatorEffects& effects) {
  decisions_.push_back(std::move(decision));
  take_decisions(effects);
}

void Aggregator::take_decisions(AggregatorEffects& effects) {
  while (!stopped_ && !decisions_.empty()) {
    if (!std::visit([&](const auto& concrete) { return take(concrete, effects); }, decisions_.front())) return;
    decisions_.pop_front();
  }
  order_attempts(effects);
}

bool Aggregator::take(const VerdictReached& reached, AggregatorEffects& effects) {
  const Verdict& verdict = reached.verdict;
  const LeaseNumber lease = verdict.attempt.lease;
  if (verdict.base < version_) return true;  // it has been taken
  FULMAR_ASSERT(verdict.base == version_, "AGG-1: a verdict on version " + std::to_string(verdict.base) +
                                              " at version " + std::to_string(version_));
  FULMAR_ASSERT(lease == 0 ? reduction_.complete() : staged_.contains(lease),
                "AGG-1: a verdict on version " + std::to_string(version_) + " without its root");
  if (verdict.action == Action::stop) {
    stopped_ = true;
    effects.push_back(effect::Discard{settings_.shape.tree(verdict.attempt.unit).root(), lease});
    return true;
  }
  const Version next = version_ + 1;
  const bool pins = is_milestone(next) || cuts_.contains(next);
  if (pins && pinned_.size() >= kPinnedMax) return false;  // AGG-3: a release will come
  apply(reached, effects);
  if (pins) pin(version_, effects);
  cuts_.erase(version_);
  publish(reached.behind, effects);
  forget_unneeded_bases(effects);
  return true;
}

void Aggregator::apply(const VerdictReached& reached, AggregatorEffects& effects) {
  const Verdict& verdict = reached.verdict;
  const LeaseNumber lease = verdict.attempt.lease;
  const bool applied = verdict.action == Action::apply;
  updates_applied_ += applied ? 1 : 0;
  voided_in_a_row_ = applied ? 0 : voided_in_a_row_ + 1;
  if (lease != 0 && bases_.insert(version_).second) effects.push_back(effect::KeepBase{version_});
  if (lease == 0 && settings_.shard == 0) sequencer_.applied(verdict.attempt.unit);
  effects.push_back(effect::Apply{verdict, settings_.shape.tree(verdict.attempt.unit).root()});
  staged_.erase(lease);
  sums_.clear();
  ++version_;
  reduction_ = Reduction(settings_.shape.tree(version_));
  timer_.start(now_);
}

void Aggregator::publish(const std::vector<Incarnation>& behind, AggregatorEffects& effects) {
  const auto owed = owed_.extract(version_);
  std::vector<Incarnation> members = owed ? owed.mapped() : std::vector<Incarnation>{};
  std::sort(members.begin(), members.end());
  const bool to_all = works_in_rounds(version_) || settings_.shape.is_validated(version_);
  if (to_all) {
    std::vector<Incarnation> left_out;
    std::merge(behind.begin(), behind.end(), strangers_.begin(), strangers_.end(), std::back_inserter(left_out));
    std::erase_if(left_out, [&](Incarnation incarnation) {
      return std::binary_search(members.begin(), members.end(), incarnation);
    });
    members = std::move(left_out);
  } else {
    std::erase_if(members, [&](Incarnation incarnation) { return !alive_.contains(incarnation); });
  }
  effects.push_back(effect::Publish{version_, to_all, std::move(members)});
}

// The round under way, if there is one, is void: what is held of it is computed anew, as a leased unit. An asynchronous
// policy is left only when nothing of it is under way any longer.
bool Aggregator::take(const PolicyBegins& begins, AggregatorEffects& effects) {
  FULMAR_ASSERT(begins.version == version_, "a policy that begins at version " + std::to_string(begins.version) +
                                                " is taken at version " + std::to_string(version_));
  FULMAR_ASSERT(granted_.empty() && staged_.empty(), "a policy ends while its leases are under way");
  for (const Block& block : reduction_.held()) effects.push_back(effect::Discard{block});
  reduction_ = Reduction(settings_.shape.tree(version_));
  sums_.clear();
  reports_.clear();
  policy_ = make_policy(begins.policy);
  policy_begins_ = false;
  bases_from_ = version_;
  forget_unneeded_bases(effects);
  timer_.start(now_);
  effects.push_back(effect::Tell{PolicyTaken{settings_.shard, version_}});
  if (settings_.shard == 0) send_catch_ups(window_.work_in_rounds(works_in_rounds(version_)), effects);
  return true;
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
  for (const CatchUp& catch_up : catch_ups) effects.push_back(effect::SendDecision{catch_up});
}

void Aggregator::on(const MemberLost& lost, AggregatorEffects& effects) {
  if (alive_.erase(lost.incarnation) == 0) return;
  strangers_.erase(lost.incarnation);
  if (settings_.shard == 0) send_catch_ups(window_.lost(lost.incarnation), effects);
  if (stopped_ || !works_in_rounds(version_) || reduction_.complete()) return;
  told_late_ = version_;
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
  if (catch_up.version > version_ && !is_sent) {  // the verdict that makes it waits here
    owed_[catch_up.version].push_back(catch_up.incarnation);
    return;
  }
  FULMAR_ASSERT(catch_up.version == version_, "AGG-4: version " + std::to_string(catch_up.version) +
                                                  " is to be caught up with at " + std::to_string(version_));
  if (!is_sent) effects.push_back(effect::SendSlice{catch_up.incarnation, version_});
}

void Aggregator::on(const aggregator_event::Tick&, AggregatorEffects& effects) {
  if (stopped_ || alive_.empty() || !works_in_rounds(version_)) return;
  if (reduction_.complete() || !timer_.is_late(now_)) return;
  std::vector<Block> lacks = missing();
  if (!timer_.reports(now_, lacks)) return;
  told_late_ = version_;
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
  take_decisions(effects);
}

}  // namespace fulmar::core
