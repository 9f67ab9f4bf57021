// Attempts of asynchronous policies: leased units that come in whole, and the bases that they are computed from.
#include <algorithm>
#include <iterator>

#include "runtime/core/aggregator.hpp"

namespace fulmar::core {
namespace effect = aggregator_effect;

void Aggregator::on(const UnitGranted& granted, AggregatorEffects& effects) {
  const Attempt& attempt = granted.attempt;
  if (stopped_) return;
  granted_.emplace(attempt.lease, attempt);
  if (settings_.shard == 0) sequencer_.granted(attempt);
  // Units are granted in the order of their bases, but for prescribed ones.
  const bool prescribed = settings_.order && attempt.base < settings_.order->end();
  if (!prescribed) bases_from_ = std::max(bases_from_, attempt.base);
  if (alive_.contains(attempt.incarnation)) {
    effects.push_back(effect::SendSlice{attempt.incarnation, attempt.base, attempt.lease});
  }
  forget_unneeded_bases(effects);
}

const char* Aggregator::reason_to_drop_leased(const BlockPushed& pushed) const {
  if (staged_.contains(pushed.lease)) return "duplicate";
  const auto granted = granted_.find(pushed.lease);
  if (granted == granted_.end()) return "revoked";
  const Attempt& attempt = granted->second;
  const bool as_granted = attempt.incarnation == pushed.sender.incarnation && attempt.unit == pushed.unit &&
                          attempt.base == pushed.base && settings_.shape.tree(attempt.unit).root() == pushed.block;
  return as_granted ? nullptr : "absent";
}

void Aggregator::stage(const BlockPushed& pushed, AggregatorEffects& effects) {
  auto granted = granted_.extract(pushed.lease);
  staged_.insert(std::move(granted));
  effects.push_back(effect::Keep{pushed.block, pushed.lease});
  effects.push_back(
      effect::ReportRoot{pushed.base, pushed.block, pushed.finite, pushed.loss_sum, pushed.weight_sum, pushed.lease});
}

// From now on nothing is staged for it here; what is staged stays until the lead says what becomes of it.
void Aggregator::on(const LeaseEnded& ended, AggregatorEffects& effects) {
  granted_.erase(ended.lease);
  if (settings_.shard == 0 && sequencer_.end_lease(ended.lease)) {
    effects.push_back(effect::SendDecision{AttemptVoided{ended.lease}});
    effects.push_back(effect::Tell{AttemptVoided{ended.lease}});
  }
  forget_unneeded_bases(effects);
}

bool Aggregator::take(const AttemptVoided& voided, AggregatorEffects& effects) {
  granted_.erase(voided.lease);
  if (const auto staged = staged_.extract(voided.lease)) {
    effects.push_back(effect::Discard{settings_.shape.tree(staged.mapped().unit).root(), voided.lease});
  }
  forget_unneeded_bases(effects);
  return true;
}

// One verdict at a time: the next when the lead itself has applied this one.
void Aggregator::order_attempts(AggregatorEffects& effects) {
  if (settings_.shard != 0 || stopped_ || policy_begins_ || undecided_ != version_ || !decisions_.empty()) return;
  if (works_in_rounds(version_)) return;
  if (const auto turn = sequencer_.take_turn(version_, policy_->bound())) {
    send_verdict(turn->attempt, turn->reports, effects);
  }
}

// The version that begins is the one of the next verdict: what follows works by the new policy.
void Aggregator::on(const PolicyRequested& requested, AggregatorEffects& effects) {
  if (settings_.shard != 0 || stopped_) return;
  policy_begins_ = true;
  effects.push_back(effect::SendDecision{PolicyBegins{undecided_, requested.policy}});
}

bool Aggregator::is_needed_as_base(Version version) const {
  if (version >= bases_from_ || (settings_.order && settings_.order->needs(version, version_))) return true;
  if (!settings_.keeps_bases_of_updates) return false;
  const auto is_base = [&](const auto& entry) { return entry.second.base == version; };
  return std::any_of(granted_.begin(), granted_.end(), is_base) || std::any_of(staged_.begin(), staged_.end(), is_base);
}

void Aggregator::forget_unneeded_bases(AggregatorEffects& effects) {
  for (auto base = bases_.begin(); base != bases_.end();) {
    const bool needed = *base < version_ && is_needed_as_base(*base) && !works_in_rounds(version_);
    if (!needed) effects.push_back(effect::ForgetBase{*base});
    base = needed ? std::next(base) : bases_.erase(base);
  }
}

}  // namespace fulmar::core
