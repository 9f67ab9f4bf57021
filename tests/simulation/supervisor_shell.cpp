#include "tests/simulation/supervisor_shell.hpp"

#include <iterator>

#include "tests/simulation/head_process.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace effect = core::supervisor_effect;
namespace event = core::supervisor_event;
namespace {

core::SupervisorSettings settings_of(const Scenario& scenario, const OpenedRun& from) {
  core::SupervisorSettings settings;
  settings.shape = scenario.shape;
  settings.term = from.term;
  settings.shards = scenario.shards;
  settings.end_version = scenario.end_version;
  settings.patience = scenario.patience;
  settings.checkpoint_every_rounds = scenario.checkpoint_every_rounds;
  settings.checkpoint_every = scenario.checkpoint_every;
  settings.liveness = scenario.liveness;
  settings.not_finite = scenario.not_finite;
  settings.policy = from.policy;
  settings.order = from.order;
  // Deaths by dice are to be survived, deaths by a killer leaf are not.
  settings.failures = {scenario.killer ? 3U : 1000U, 1000, 100};
  return settings;
}

}  // namespace

SupervisorShell::SupervisorShell(World& world, HeadProcess& head, const OpenedRun& from)
    : world_(world), head_(head), core_(settings_of(world.scenario, from), from.state) {}

void SupervisorShell::start() {
  carry_out(core_.start(head_.now()));
}

void SupervisorShell::step(const core::SupervisorEvent& event) {
  const bool in_passing = std::holds_alternative<core::Beat>(event) || std::holds_alternative<event::Tick>(event) ||
                          std::holds_alternative<core::Late>(event);
  if (!in_passing) ++heard_;
  was_asked_by_clock_ = std::holds_alternative<event::Tick>(event) || std::holds_alternative<core::SlotFailed>(event);
  carry_out(core_.step(head_.now(), event));
  const bool looks = std::holds_alternative<event::Tick>(event);
  if (looks && core_.units().outstanding() > 0 && core_.waited_for_units() > Time(0)) {
    world_.happened(Happening::gate_closed);
  }
}

void SupervisorShell::carry_out(const core::SupervisorEffects& effects) {
  for (const core::SupervisorEffect& next : effects) {
    std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
  }
}

void SupervisorShell::join(const core::Join& join, const Joiner& joiner) {
  joiner_ = joiner;
  step(join);
}

void SupervisorShell::request_stop() {
  step(event::StopRequested{"asked to"});
}

void SupervisorShell::request_policy(const core::PolicySettings& policy) {
  if (world_.log.wanted()) head_.say("asked to work by " + core::to_string(policy));
  const bool under_way = !core_.works_in_rounds() && core_.units().outstanding() > 0;
  if (under_way && world_.mutated(Mutation::switch_without_drain) && !core_.reason_to_keep_policy(policy)) {
    carry_out(effect::SendToAggregators{core::PolicyRequested{policy}});
  }
  step(event::PolicyRequested{policy, "asked to"});
}

void SupervisorShell::request_drain(std::uint64_t which) {
  if (members_.empty()) return;
  const auto member = std::next(members_.begin(), static_cast<std::ptrdiff_t>(which % members_.size()));
  if (world_.log.wanted()) head_.say("asked to drain node " + std::to_string(member->first));
  step(event::DrainRequested{member->first});
}

// ---- members

void SupervisorShell::carry_out(const effect::Admit& admit) {
  members_[admit.welcome.identity.node] = admit.welcome.identity;
  head_.admit(admit.welcome, joiner_);
}

void SupervisorShell::carry_out(const effect::Greet& greet) {
  head_.greet(greet.welcome, joiner_);
}

void SupervisorShell::carry_out(const effect::Dismiss& dismiss) {
  const auto member = members_.find(dismiss.member.node);
  if (member != members_.end() && member->second == dismiss.member) members_.erase(member);
  if (world_.log.wanted()) {
    head_.say("dismisses node " + std::to_string(dismiss.member.node) + ": " + dismiss.farewell.reason);
  }
  const std::string& reason = dismiss.farewell.reason;
  if (reason.find("nothing was heard") != std::string::npos) world_.happened(Happening::lost_by_silence);
  if (reason.find("acknowledged") != std::string::npos) world_.happened(Happening::lost_by_broken_link);
  if (reason.ends_with("to leave")) world_.happened(Happening::left_in_order);
  world_.checks.expect(!dismiss.farewell.reason.empty(), [] { return "somebody is dismissed for no reason"; });
  head_.dismiss(dismiss.member, dismiss.farewell);
}

void SupervisorShell::carry_out(const effect::RespawnWorker& respawn) {
  const Time delay = world_.dice.time(Time(0), std::chrono::milliseconds(100));
  head_.after(delay, [this, respawn] { head_.local_workers().start(respawn.name, respawn.slots); });
}

void SupervisorShell::carry_out(const effect::SendToWorker& send) {
  const bool lease = std::holds_alternative<core::RoundLease>(send.message);
  if (lease && world_.mutated(Mutation::orphans_not_leased)) return;
  const auto member = members_.find(send.node);
  world_.checks.expect(member != members_.end(), [&] { return "a message to nobody"; });
  if (member == members_.end()) return;
  if (std::holds_alternative<core::LeaseRevoked>(send.message)) note_revoked();
  std::visit(
      [&](const auto& message) { head_.to_member(member->second.incarnation, kSupervisorChannel, message, nullptr); },
      send.message);
}

void SupervisorShell::carry_out(const effect::SendToAggregators& send) {
  const bool loss = std::holds_alternative<core::MemberLost>(send.message);
  if (loss && world_.mutated(Mutation::lease_not_revoked)) return;
  if (const auto* granted = std::get_if<core::UnitGranted>(&send.message)) {
    world_.checks.granted(head_, granted->attempt);
  }
  const auto* ended = std::get_if<core::LeaseEnded>(&send.message);
  if (ended != nullptr && world_.mutated(Mutation::unit_granted_twice)) {
    head_.to_supervisor(head_.supervisor_endpoint(), core::AttemptVoided{ended->lease});
  }
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) {
    std::visit([&](const auto& message) { head_.to_shard(head_.supervisor_endpoint(), shard, message); }, send.message);
  }
}

// Where both are possible it is not counted.
void SupervisorShell::note_revoked() {
  const bool may_be_bound =
      core_.policy().kind == core::PolicyKind::bounded && core_.policy().on_stale == core::OnStale::revoke;
  if (!may_be_bound) world_.happened(Happening::lease_revoked_by_time);
  if (may_be_bound && !was_asked_by_clock_) world_.happened(Happening::lease_revoked_by_bound);
}

void SupervisorShell::carry_out(const effect::Revoked& revoked) {
  if (!world_.log.wanted()) return;
  head_.say("lease " + std::to_string(revoked.lease) + (revoked.expired ? " has expired" : " is revoked"));
}

void SupervisorShell::carry_out(const effect::Relieved& relieved) {
  if (world_.log.wanted()) {
    head_.say("round " + std::to_string(relieved.base) + ": " + std::to_string(relieved.leased) + " leaves leased, " +
              std::to_string(relieved.duplicated) + " doubled: " + relieved.reason);
  }
  if (relieved.leased > 0) world_.happened(Happening::leaves_leased_anew);
  if (relieved.duplicated > 0) world_.happened(Happening::leaves_doubled);
  world_.checks.expect(!relieved.reason.empty(), [] { return "work was leased anew for no reason"; });
}

// A closed connection is a loss however recent the last word is; silence is one only after lost_after of attended time.
void SupervisorShell::carry_out(const effect::Recovered& recovered) {
  world_.happened(Happening::lost_member_recovered);
  world_.checks.expect(recovered.detection >= Time(0) && recovered.recovery >= Time(0),
                       [] { return "LIVE-1: a member was lost before its last word"; });
}

void SupervisorShell::carry_out(const effect::Release& release) {
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) {
    head_.to_shard(head_.supervisor_endpoint(), shard, release.release);
  }
  for (const auto& [node, member] : members_) {
    head_.to_member(member.incarnation, kSupervisorChannel, release.release, nullptr);
  }
}

// ---- what is told and written

void SupervisorShell::carry_out(const effect::WriteCheckpoint& write) {
  head_.write_checkpoint(write);
}

void SupervisorShell::carry_out(const effect::Record& record) {
  const auto* decision = std::get_if<core::DecisionMade>(&record.record);
  if (decision != nullptr && decision->decision == "quarantine") world_.happened(Happening::leaf_quarantined);
  if (const auto* switched = std::get_if<core::PolicySwitched>(&record.record)) note_switch(*switched);
  const auto* plan = std::get_if<core::PlanRecorded>(&record.record);
  if (plan != nullptr && plan->reason.starts_with("speeds")) world_.happened(Happening::plan_for_new_speeds);
  head_.record(record.record);
}

void SupervisorShell::note_switch(const core::PolicySwitched& switched) {
  const auto is_rounds = [](const core::PolicySettings& policy) { return policy.kind == core::PolicyKind::sync; };
  const core::PolicySettings& before = head_.timeline().policy_before(switched.version);
  if (is_rounds(core_.policy())) {
    world_.happened(Happening::switched_to_rounds);
  } else {
    world_.happened(is_rounds(before) ? Happening::switched_to_units : Happening::switched_among_units);
  }
}

void SupervisorShell::carry_out(const effect::Report& report) {
  world_.checks.report(head_.timeline(), report.state);
}

void SupervisorShell::carry_out(const effect::EndRun& end) {
  world_.checks.expect(!ended_, [] { return "a run ended twice"; });
  if (world_.log.wanted()) head_.say("ended at " + std::to_string(end.state.version) + ": " + end.reason);
  ended_ = end;
}

}  // namespace fulmar::simulation
