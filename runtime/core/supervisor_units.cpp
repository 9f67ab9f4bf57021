// Asynchronous policies: units are leased one by one, as far as the policy and the next barrier let them; and the
// change from one policy to another.
#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/core/patience.hpp"
#include "runtime/core/supervisor.hpp"

namespace fulmar::core {
namespace effect = supervisor_effect;
namespace event = supervisor_event;
namespace {

constexpr Time kNoDeadline = Time::max();
/// How much a new measurement of a unit's time counts beside the older ones.
constexpr int kUnitTimeSmoothing = 3;

}  // namespace

// ---- how far units may go

// No unit is begun that could be under way across one of these: whoever has the state of such a version can go on from
// it without any older one.
Version Supervisor::next_barrier() const {
  const Version version = state_.version;
  const auto multiple_after = [&](std::uint64_t of) { return (version / of + 1) * of; };
  Version barrier = std::min(settings_.end_version, multiple_after(settings_.shape.rounds_per_epoch()));
  if (settings_.checkpoint_every_rounds > 0) {
    barrier = std::min(barrier, multiple_after(settings_.checkpoint_every_rounds));
  }
  if (const auto due = due_.upper_bound(version); due != due_.end()) barrier = std::min(barrier, *due);
  if (cuts_.proposed()) barrier = std::min(barrier, std::max(version, *cuts_.proposed()));
  if (ending_) barrier = std::min(barrier, std::max(version, ending_->version));
  if (policy_change_) barrier = std::min(barrier, std::max(version, policy_change_->at));
  return barrier;
}

// ---- granting

void Supervisor::wait_for_unit(NodeId node) {
  if (is_free_for_unit(node)) idle_.begin(node, now_);
}

bool Supervisor::is_free_for_unit(NodeId node) const {
  const auto found = members_.all().find(node);
  return found != members_.all().end() && found->second.state == MemberState::active &&
         !leases_.of(found->second.incarnation);
}

// Who has waited longest comes first; who is suspected waits until it is heard of. Ends with the first who may not
// begin.
void Supervisor::grant_units() {
  if (works_in_rounds() || ended_ || (policy_change_ && policy_change_->requested)) return;
  for (auto idle = idle_.queue().begin(); idle != idle_.queue().end();) {
    const NodeId node = idle->second;
    ++idle;  // a grant takes it out
    if (!members_.is_suspected(members_.at(node), now_) && !grant_next(node)) return;
  }
}

// False: nobody else may begin either.
bool Supervisor::grant_next(NodeId node) {
  using Refusal = UnitLeases::Refusal;
  const std::optional<NodeId> holder = members_.active() < 2 ? std::nullopt : std::optional(node);
  const UnitLeases::Next next = leases_.next(*policy_, next_barrier(), holder);
  if (next.refusal == Refusal::none) grant(next.update, node);
  if (next.refusal == Refusal::bound) {
    if (const auto oldest = leases_.to_revoke(*policy_)) revoke(*oldest);
  }
  return next.refusal == Refusal::none || next.refusal == Refusal::holder;
}

void Supervisor::grant(const PrescribedUpdate& update, NodeId node) {
  const Member& member = members_.at(node);
  idle_.end(node, now_);
  const Attempt attempt{++last_lease_, node, member.incarnation, update.unit, update.base};
  leases_.grant(attempt, now_, unit_deadline(update.unit, member));
  emit(effect::SendToAggregators{UnitGranted{attempt}});
  emit(effect::SendToWorker{node, UnitLease{attempt.lease, attempt.unit, attempt.base}});
}

// A unit that takes much longer than units do, and than its holder's speed says, is given to another; each time with
// twice the patience. Before the first update nobody knows how long it takes.
Time Supervisor::unit_deadline(Unit unit, const Member& holder) const {
  if (unit_time_ == Time{}) return kNoDeadline;
  const double speed = members_.assumed_speed(holder);
  const double seconds = speed > 0 ? static_cast<double>(settings_.shape.leaves_in_round(unit)) / speed : 0;
  const Time expected = std::max({time_of(seconds), unit_time_, holder.unit_time});
  return now_ + doubled(expected * 4 + settings_.liveness.value * 2, leases_.grants(unit));
}

void Supervisor::revoke_overdue_units() {
  if (works_in_rounds()) return;
  std::vector<OutstandingUnit> looked_at;
  for (const auto& [lease, unit] : leases_.all()) {
    const bool is_due = unit.deadline <= now_ || (unit.deadline == kNoDeadline && unit_time_ > Time{});
    if (is_due && !unit.ending && !unit.staged) looked_at.push_back(unit);
  }
  for (const auto& [attempt, granted, deadline, ending, staged] : looked_at) {
    const auto holder = members_.all().find(attempt.node);
    if (holder == members_.all().end()) continue;
    const bool is_active = holder->second.state == MemberState::active;
    const bool is_overdue = deadline <= now_ && members_.active() > (is_active ? 1U : 0U);
    if (is_overdue) {
      revoke(attempt.lease, true);
    } else {  // it was not known how long a unit takes, or there is nobody else to ask
      leases_.extend(attempt.lease, unit_deadline(attempt.unit, holder->second));
    }
  }
}

void Supervisor::measure_unit(Member& holder, Time taken) {
  for (Time* typical : {&unit_time_, &holder.unit_time}) {
    *typical = *typical == Time{} ? taken : *typical + (taken - *typical) / kUnitTimeSmoothing;
  }
}

// ---- leases end

void Supervisor::end_lease(LeaseNumber lease) {
  if (leases_.all().at(lease).ending) return;
  leases_.mark_ending(lease);
  emit(effect::SendToAggregators{LeaseEnded{lease}});
}

void Supervisor::revoke(LeaseNumber lease, bool expired) {
  const Attempt attempt = leases_.all().at(lease).attempt;
  end_lease(lease);
  emit(effect::SendToWorker{attempt.node, LeaseRevoked{lease}});
  emit(effect::Revoked{lease, expired});
}

void Supervisor::on(const AttemptStaged& staged) {
  const auto lease = leases_.all().find(staged.lease);
  if (lease == leases_.all().end()) return;
  const NodeId node = lease->second.attempt.node;
  leases_.mark_staged(staged.lease);
  wait_for_unit(node);
}

void Supervisor::on(const AttemptVoided& voided) {
  const auto ended = leases_.end_void(voided.lease);
  if (!ended) return;
  if (const auto lost = lost_leases_.extract(voided.lease)) {
    const Gone& gone = lost.mapped();
    emit(effect::Recovered{gone.member, gone.detection, now_ - gone.at, gone.leaves, true});
  }
  wait_for_unit(ended->attempt.node);
}

// ---- the policy

std::optional<std::string> Supervisor::reason_to_keep_policy(const PolicySettings& policy) const {
  if (ended_ || ending_ || stop_wanted_) return "the run is coming to its end";
  const PolicySettings& coming = next_policy_     ? next_policy_->policy
                                 : policy_change_ ? policy_change_->policy
                                                  : settings_.policy;
  if (policy.same_as(coming)) {
    return "the run works by " + to_string(policy) + (policy_change_ ? " from its next version on" : "") + " already";
  }
  return std::nullopt;
}

void Supervisor::on(const event::PolicyRequested& request) {
  if (reason_to_keep_policy(request.policy)) return;
  if (policy_change_ && policy_change_->requested) {
    next_policy_ = request;  // after the change that is under way
  } else {
    policy_change_ = PolicyChange{request.policy, request.by, leases_.rest_version(), false, {}};
  }
}

// Rounds are ended by the lead between two verdicts; leased units are brought to an end first.
void Supervisor::pursue_policy_change() {
  if (!policy_change_ || policy_change_->requested) return;
  if (ending_ || stop_wanted_) return policy_change_.reset();
  policy_change_->at = std::max(policy_change_->at, leases_.rest_version());
  const bool at_rest = state_.version == policy_change_->at && leases_.outstanding() == 0 && !leases_.replays();
  if (!works_in_rounds() && !at_rest) return;
  policy_change_->requested = true;
  emit(effect::SendToAggregators{PolicyRequested{policy_change_->policy}});
}

void Supervisor::on(const PolicyTaken& taken) {
  if (!policy_change_) return;
  policy_change_->taken.insert(taken.shard);
  if (policy_change_->taken.size() < settings_.shards) return;
  const PolicyChange change = *std::exchange(policy_change_, std::nullopt);
  settings_.policy = change.policy;
  policy_ = make_policy(change.policy);
  record(PolicySwitched{taken.version, to_string(change.policy), change.by});
  if (works_in_rounds()) {
    begin_rounds("the policy is " + to_string(change.policy));
  } else {
    begin_units();
  }
  // Units come first, so that rounds never begin again at a version of which workers have pushed something.
  grant_units();
  if (next_policy_) on(*std::exchange(next_policy_, std::nullopt));
}

void Supervisor::begin_rounds(const std::string& reason) {
  idle_.end_all(now_);
  if (members_.has_active()) change_plan(reason);
}

void Supervisor::begin_units() {
  round_.reset();
  recovering_.clear();
  takers_.clear();
  plan_wanted_.clear();
  plans_.clear();
  ++plan_number_;
  for (const auto& [node, member] : members_.all()) {
    emit(effect::SendToWorker{node, PlanChanged{plan_number_, state_.version, {}}});
    if (member.state == MemberState::trying) members_.set_state(node, MemberState::active);
    wait_for_unit(node);
  }
}

}  // namespace fulmar::core
