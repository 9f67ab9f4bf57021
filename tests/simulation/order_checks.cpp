// What must be true of the one order of updates: who leases which unit from which base, whose turn it is when, what of
// it the journal keeps, and that a head which goes on from the journal makes the same again.
#include <algorithm>
#include <cmath>

#include "runtime/storage/journal.hpp"
#include "tests/simulation/checks.hpp"
#include "tests/simulation/head_process.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace {

std::string describe(core::Unit unit, core::Version base) {
  return "unit " + std::to_string(unit) + " from version " + std::to_string(base);
}

}  // namespace

// ---- leases

void Checks::granted(HeadProcess& head, const core::Attempt& attempt) {
  Attempts& attempts = attempts_[head.id()];
  const bool free = attempts.outstanding.emplace(attempt.unit, attempt.lease).second;
  expect(free, [&] {
    return "LEASE-3: " + describe(attempt.unit, attempt.base) + " is leased, and nobody has said that an earlier " +
           "lease of it is void";
  });
  attempts.granted[attempt.lease] = attempt;
}

void Checks::staged(HeadProcess& head, core::LeaseNumber lease, const Leaves& leaves) {
  const core::Attempt& attempt = attempts_[head.id()].granted[lease];
  expect(leaves.unit == attempt.unit && leaves.base == attempt.base, [&] {
    return "WORK-6: lease " + std::to_string(lease) + " is of " + describe(attempt.unit, attempt.base) +
           ", and was computed as " + describe(leaves.unit, leaves.base);
  });
}

void Checks::voided(HeadProcess& head, core::LeaseNumber lease) {
  Attempts& attempts = attempts_[head.id()];
  expect(!attempts.ordered.contains(lease),
         [&] { return "SEQ-2: lease " + std::to_string(lease) + " is void, and has a place"; });
  attempts.voided.insert(lease);
  attempts.outstanding.erase(attempts.granted[lease].unit);
  world_.happened(Happening::attempt_voided);
}

bool Checks::is_ordered(const HeadProcess& head, core::LeaseNumber lease) {
  return attempts_[head.id()].ordered.contains(lease);
}

void Checks::leases(HeadProcess& head) {
  const core::Supervisor& supervisor = head.supervisor().core();
  if (head.supervisor().ended() || supervisor.works_in_rounds()) return;
  for (const auto& [lease, unit] : supervisor.units().all()) {
    const core::Attempt& attempt = unit.attempt;
    const bool is_there =
        unit.ending || unit.staged || supervisor.members().knows({attempt.node, attempt.incarnation, head.term()});
    expect(is_there, [&] {
      return "SUP-1: " + describe(attempt.unit, attempt.base) + " is leased to incarnation " +
             std::to_string(attempt.incarnation) + ", whose session is over";
    });
  }
}

// ---- whose turn it is

void Checks::ordered(HeadProcess& head, const core::Verdict& verdict) {
  if (verdict.attempt.lease == 0) {
    round_ordered(head, verdict);
  } else {
    attempt_ordered(head, verdict);
  }
  const Timeline& timeline = head.timeline();
  if (verdict.action != core::Action::stop || timeline.newest() != verdict.base) return;
  const core::PrescribedUpdate update{verdict.attempt.unit, verdict.attempt.base};
  expect(world_.reference.after(timeline.back(), update).action == core::Action::stop,
         [&] { return "AGG-1: version " + std::to_string(verdict.base) + " has no reason to stop"; });
  not_finite_.insert(head.id());
}

bool Checks::has_reason_to_stop(const HeadProcess& head) const {
  return not_finite_.contains(head.id());
}

void Checks::round_ordered(HeadProcess& head, const core::Verdict& verdict) {
  const bool as_round = verdict.attempt.unit == verdict.base && verdict.attempt.base == verdict.base;
  const bool in_rounds =
      verdict.base >= head.prescribed_end() && head.timeline().policy_at(verdict.base).kind == core::PolicyKind::sync;
  expect(as_round && in_rounds, [&] {
    return "POLICY-1: round " + std::to_string(verdict.base) + " makes a version that is not made by rounds";
  });
}

void Checks::attempt_ordered(HeadProcess& head, const core::Verdict& verdict) {
  Attempts& attempts = attempts_[head.id()];
  const core::Attempt& attempt = verdict.attempt;
  const auto what = [&] {
    return "lease " + std::to_string(attempt.lease) + " of " + describe(attempt.unit, attempt.base);
  };
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) {
    expect(head.shard(shard).has_staged(attempt.lease) || attempts.voided.contains(attempt.lease),
           [&] { return "SEQ-1: " + what() + " has its place before shard " + std::to_string(shard) + " has it"; });
  }
  expect(!attempts.voided.contains(attempt.lease), [&] { return "SEQ-2: " + what() + " is void, and has a place"; });
  const auto granted = attempts.granted.find(attempt.lease);
  expect(granted != attempts.granted.end() && granted->second == attempt,
         [&] { return "SEQ-1: " + what() + " was not granted like that"; });
  const core::PolicySettings& policy = head.timeline().policy_at(verdict.base);
  const std::optional<std::uint64_t> bound = core::make_policy(policy)->bound();
  expect(!bound || verdict.staleness() <= *bound, [&] {
    return "POLICY-1: " + what() + " makes version " + std::to_string(verdict.base + 1) + ", and the policy is " +
           core::to_string(policy);
  });
  attempts.ordered.insert(attempt.lease);
  attempts.outstanding.erase(attempt.unit);
  if (verdict.staleness() > 0) world_.happened(Happening::older_base_used);
}

bool Checks::takes_its_place(HeadProcess& head, core::ShardId shard, const core::Verdict& verdict) {
  Timeline& timeline = head.timeline();
  const core::Version version = verdict.base + 1;
  const core::PrescribedUpdate update{verdict.attempt.unit, verdict.attempt.base};
  const auto what = [&] {
    return "shard " + std::to_string(shard) + " makes version " + std::to_string(version) + " of " +
           describe(update.unit, update.base);
  };
  if (const ReferenceVersion* made = timeline.at(version)) {
    const bool same = made->update == update;
    const char* invariant = version <= head.prescribed_end() ? "REPLAY-1: " : "SEQ-1: ";
    const char* who = version <= head.prescribed_end() ? ", the journal of " : ", another one of ";
    expect(same, [&] { return invariant + what() + who + describe(made->update.unit, made->update.base); });
    return same;
  }
  const core::Version rounds = world_.scenario.shape.rounds_per_epoch();
  const core::Version barrier = std::max(timeline.barrier_before(verdict.base), verdict.base / rounds * rounds);
  const bool follows = timeline.newest() == verdict.base && update.base <= verdict.base;
  const bool fresh = !timeline.has(update.unit) && update.unit < world_.scenario.end_version;
  expect(follows, [&] { return "AGG-1: " + what() + ", which does not follow"; });
  expect(fresh, [&] { return "UNIT-1: " + what() + " once more"; });
  expect(update.base >= barrier && update.unit >= barrier,
         [&] { return "SUP-7: " + what() + ", across version " + std::to_string(barrier); });
  if (!follows || !fresh) return false;
  timeline.add(world_.reference.after(timeline.back(), update));
  const auto lost = lost_.extract(version);
  if (lost && lost.mapped() != &timeline.back()) world_.happened(Happening::update_made_anew);
  made_[version] = &timeline.back();
  return true;
}

// ---- policies

void Checks::policy_begins(HeadProcess& head, const core::PolicyBegins& begins) {
  const Attempts& attempts = attempts_[head.id()];
  expect(attempts.outstanding.empty(), [&] {
    return "SUP-7: " + core::to_string(begins.policy) + " begins at version " + std::to_string(begins.version) +
           " while unit " + std::to_string(attempts.outstanding.begin()->first) + " is under way";
  });
  head.timeline().begin_policy(begins.version, begins.policy);
}

void Checks::switch_recorded(HeadProcess& head, const core::PolicySwitched& switched) {
  const Timeline& timeline = head.timeline();
  expect(core::to_string(timeline.policy_at(switched.version)) == switched.policy, [&] {
    return "SUP-8: the journal has " + switched.policy + " from version " + std::to_string(switched.version) + ", " +
           "and the shards work by " + core::to_string(timeline.policy_at(switched.version));
  });
  expect(timeline.is_clean(switched.version), [&] {
    return "SUP-7: something is under way across the change of policy at version " + std::to_string(switched.version);
  });
}

// ---- the journal

void Checks::update_recorded(HeadProcess& head, const core::UpdateApplied& update) {
  const ReferenceVersion* made = head.timeline().at(update.version);
  const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  const bool right = made != nullptr &&
                     made->update == core::PrescribedUpdate{update.attempt.unit, update.attempt.base} &&
                     same(made->loss_sum, update.loss_sum) && same(made->squared_norm, update.squared_norm);
  expect(right, [&] { return "SUP-8: another update of version " + std::to_string(update.version) + " is recorded"; });
}

bool Checks::disk_may_lie() const {
  return world_.scenario.faults.has(Fault::sync_lost);
}

Error Checks::refused(const Error& why) {
  if (!disk_may_lie()) fail("REPLAY-1: " + why.message);
  return why;
}

const ReferenceVersion* Checks::follow(const core::RunHistory& history, core::Version version) const {
  const core::PrescribedOrder order = history.order(0, version);
  const ReferenceVersion* at = &world_.reference.beginning();
  for (core::Version next = 1; next <= version && at != nullptr; ++next) {
    at = world_.reference.known_after(*at, order.update_of(next));
  }
  return at;
}

void Checks::prescribed(Timeline& timeline, const core::PrescribedOrder& order) {
  for (core::Version version = order.start() + 1; version <= order.end(); ++version) {
    const core::PrescribedUpdate& update = order.update_of(version);
    const ReferenceVersion* made = world_.reference.known_after(timeline.back(), update);
    expect(made != nullptr, [&] {
      return "REPLAY-1: the journal makes version " + std::to_string(version) + " of " +
             describe(update.unit, update.base) + ", and nobody has ever made that";
    });
    if (made == nullptr) return;
    timeline.add(*made);
  }
  for (const auto& [version, made] : durable_) {
    expect(timeline.at(version) == made || disk_may_lie(),
           [&] { return "REPLAY-1: the durable update of version " + std::to_string(version) + " is lost"; });
  }
  if (disk_may_lie()) durable_.clear();
  lost_.insert(made_.upper_bound(timeline.newest()), made_.end());
  if (!lost_.empty() && !world_.scenario.is_synchronous()) world_.happened(Happening::update_lost);
  made_.erase(made_.upper_bound(timeline.newest()), made_.end());
}

void Checks::replays(const Timeline& timeline, core::Version version) {
  if (disk_may_lie()) return;
  const Result<storage::JournalContents> journal = storage::read_journal(world_.disk);
  if (!journal) return fail("REPLAY-1: " + journal.error().message);
  const Result<core::RunHistory> history = core::read_history(journal->records, world_.scenario.policy);
  if (!history) return fail("REPLAY-1: " + history.error().message);
  expect(follow(*history, version) == timeline.at(version),
         [&] { return "REPLAY-1: the journal makes something else of version " + std::to_string(version); });
}

}  // namespace fulmar::simulation
