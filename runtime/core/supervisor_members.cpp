// Members: how they come, are measured, get a share, fall silent, leave and die.
#include <algorithm>
#include <bit>
#include <cmath>
#include <utility>

#include "runtime/core/supervisor.hpp"

namespace fulmar::core {
namespace effect = supervisor_effect;
namespace event = supervisor_event;

// ---- coming

void Supervisor::on(const Join& joining) {
  if (members_.is_outdated(joining)) return;  // MEMBER-2
  if (const std::optional<Sender> present = members_.session_of(joining)) {
    if (members_.at(present->node).attempt == joining.attempt) {
      emit(effect::Greet{Welcome{*present, told_end_, joining.attempt, joining.instance}});
      return;
    }
    lose(present->node, "it came back with a new session");
    if (ended_) return;
  }
  const Sender identity = members_.admit(joining, now_);
  acquit(identity.node);
  record(NodeAdmitted{identity.node, identity.incarnation, joining.name});
  emit(effect::Admit{joining.name, Welcome{identity, told_end_, joining.attempt, joining.instance}});
}

void Supervisor::on(const Beat& beat) {
  if (!members_.knows(beat.sender)) return;
  const NodeId node = beat.sender.node;
  Member& member = members_.at(node);
  members_.heard(node, now_);
  if (beat.leaves_per_second > 0 && std::isfinite(beat.leaves_per_second)) {
    member.leaves_per_second = beat.leaves_per_second;
  }
  if (beat.holds) member.holds = beat.holds;
  member.usage = beat.usage;
  if (member.is_coming()) {
    take_further(node);
  } else if (member.state == MemberState::active && member.leaves_per_second > 0) {
    const Pace pace{member.leaves_per_second, member.slots};
    const double seconds = pace.seconds_for(member.planned_leaves);
    plan_stale_ = plan_stale_ || seconds > planned_seconds_ * (1 + kPlanGainMin) ||
                  member.leaves_per_second > member.planned_speed * (1 + kPlanGainMin);
  }
}

void Supervisor::take_further(NodeId node) {
  Member& member = members_.at(node);
  if (!member.holds) return;
  // A first lease might be the very leaf that is to be leased alone: who comes then is not measured first.
  const bool leaf_is_suspect = !blame_.isolated(round_ ? round_->base() : state_.version, false).empty();
  if (!works_in_rounds() || !members_.has_active() || member.leaves_per_second > 0 || leaf_is_suspect) {
    activate(node);
  } else if (member.state == MemberState::fetching) {
    members_.set_state(node, MemberState::trying);
    send_trial(node);
  }
}

Block Supervisor::first_lease(const Member& member) const {
  const std::uint64_t leaves = std::min<std::uint64_t>(member.slots, settings_.shape.leaves);
  return {static_cast<std::uint32_t>(std::bit_width(leaves) - 1), 0};
}

// Somebody else holds this block too: the round does not wait for a node of unknown speed. Leaf 0 is in every round.
void Supervisor::send_trial(NodeId node) {
  Member& member = members_.at(node);
  member.trial = first_lease(member);
  emit(effect::SendToWorker{node, PlanChanged{plan_number_, state_.version, {*member.trial}}});
}

void Supervisor::activate(NodeId node) {
  const bool first = !members_.has_active();
  members_.set_state(node, MemberState::active);
  const std::string reason = members_.at(node).name + " joined";
  if (!works_in_rounds()) {
    wait_for_unit(node);
  } else if (first) {
    change_plan(reason);
  } else {
    plan_wanted_ = reason;  // many may join at once: one plan for all of them, at the next tick
  }
  relieve(reason, false);
  grant_free_validation();
}

// Whoever returns has not died: it was cut off, or frozen.
void Supervisor::acquit(NodeId node) {
  blame_.acquit(node);
  unit_blame_.acquit(node);
  if (accused_ && !blame_for(accused_->first).is_convicted(accused_->first)) accused_.reset();
  for (Gone& gone : gone_) gone.failed = gone.failed && gone.node != node;
}

// ---- going

void Supervisor::end_session(NodeId node, const std::string& cause, bool failed, bool may_return) {
  const Member member = members_.at(node);
  const Sender identity = members_.sender(node);
  members_.remove(node);
  if (failed) {
    record(NodeFailed{node, member.incarnation, cause});
  } else {
    record(NodeLeft{node, member.incarnation, cause});
  }
  emit(effect::SendToAggregators{MemberLost{member.incarnation}});
  emit(effect::Dismiss{identity, Farewell{cause, may_return}});
  Gone gone{member.charged(node), node, member.incarnation, failed, now_, member.trial, member.share_from};
  gone.detection = members_.silence(member, now_);
  for (auto& [version, validation] : validations_) {
    for (const std::uint64_t leaf : validation.unfinished(member.incarnation)) {
      gone.validating.push_back({version, true, leaf});
    }
    validation.end_incarnation(member.incarnation);
  }
  if (const auto lease = leases_.of(member.incarnation)) {
    gone.unit = leases_.all().at(*lease).attempt.unit;
    gone.leaves = settings_.shape.leaves_in_round(*gone.unit);
    if (failed) lost_leases_.emplace(*lease, gone);
    end_lease(*lease);
  }
  idle_.forget(node, now_);
  gone_.push_back(std::move(gone));
  const bool had_share = member.state == MemberState::active;
  if (had_share) plan_wanted_ = member.name + (failed ? " was lost: " : ": ") + cause;
  promote_if_nobody_is_active();
  change_wanted_plan();
}

void Supervisor::promote_if_nobody_is_active() {
  if (members_.has_active()) return;
  for (const auto& [node, member] : members_.all()) {
    if (!member.is_coming() || !member.holds) continue;
    members_.set_state(node, MemberState::active);
    plan_wanted_ = "nobody else is left";
    if (!works_in_rounds()) wait_for_unit(node);
  }
}

void Supervisor::lose(NodeId node, const std::string& cause) {
  const Member member = members_.at(node);
  const std::string who = describe(members_.sender(node));
  end_session(node, cause, true, true);
  if (member.local) {
    const FailureDecision decision = budget_.died(0, state_.version);
    if (decision.stop) return fail(who + " died: " + cause + "; " + decision.reason);
    emit(effect::RespawnWorker{member.name, member.slots});
  } else {
    budget_.survive();
  }
}

void Supervisor::lose_silent_members() {
  const Time patience = settings_.liveness.lost_after();
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
  for (const NodeId node : members_.lost(now_)) {
    if (!ended_) lose(node, "nothing was heard of it for " + std::to_string(milliseconds) + " ms");
  }
}

void Supervisor::on(const event::MemberGone& gone) {
  if (members_.knows(gone.member)) lose(gone.member.node, gone.cause);
}

// ---- leaving

void Supervisor::on(const Leave& leave) {
  if (members_.knows(leave.sender)) start_draining(leave.sender.node, "it wanted to leave");
}

void Supervisor::on(const event::DrainRequested& request) {
  if (members_.all().contains(request.node)) start_draining(request.node, "it was asked to leave");
}

void Supervisor::start_draining(NodeId node, const std::string& reason) {
  const MemberState before = members_.at(node).state;
  if (before == MemberState::draining) return;
  members_.start_draining(node, reason);
  idle_.end(node, now_);
  emit(effect::SendToWorker{node, Drain{}});
  for (auto& [version, validation] : validations_) {
    validation.leases().end_incarnation(members_.at(node).incarnation);  // what it has in hand still counts if it comes
  }
  if (before == MemberState::active) plan_wanted_ = members_.at(node).name + ": " + reason;
  promote_if_nobody_is_active();
  change_wanted_plan();
  grant_free_validation();
}

void Supervisor::on(const Drained& drained) {
  const Member* member = members_.find(drained.sender);
  if (member == nullptr || member->state != MemberState::draining) return;
  const std::string reason = member->leaving;  // the member goes before its reason is last used
  end_session(drained.sender.node, reason, false, false);
}

}  // namespace fulmar::core
