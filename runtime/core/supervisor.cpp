// Members, plans and failures; versions and validation are in supervisor_versions.cpp, checkpoints and the end in
// supervisor_checkpoints.cpp.
#include "runtime/core/supervisor.hpp"

#include <utility>

namespace fulmar::core {
namespace effect = supervisor_effect;
namespace event = supervisor_event;
namespace {

constexpr std::size_t kNotFiniteNamedMax = 8;

std::string join(const std::vector<std::string>& parts, const char* separator) {
  std::string joined;
  for (const std::string& part : parts) joined += (joined.empty() ? "" : separator) + part;
  return joined;
}

std::string ids_of(const std::vector<std::uint64_t>& samples) {
  std::vector<std::string> ids;
  for (const std::uint64_t sample : samples) ids.push_back(std::to_string(sample));
  return join(ids, ", ");
}

}  // namespace

Supervisor::Supervisor(SupervisorSettings settings, RunState state)
    : settings_(std::move(settings)),
      state_(std::move(state)),
      clock_(settings_.liveness.gap_max()),
      members_(settings_.term, settings_.liveness),
      budget_(settings_.failures),
      blame_(settings_.failures.deaths_per_leaf_max),
      unit_blame_(2 * settings_.failures.deaths_per_leaf_max),
      history_(state_.validation),
      policy_(make_policy(settings_.policy)),
      leases_(state_.version, settings_.order),
      cuts_(settings_.shards),
      told_end_(settings_.end_version) {
  if (state_.version > 0) durable_ = state_.version;
}

SupervisorEffects Supervisor::start(Time now) {
  now_ = last_checkpoint_ = clock_.look(now);
  if (const std::optional<std::string> reason = reason_to_complete()) {
    ended_ = true;
    record(RunEnded{state_.version, true, *reason});
    emit(effect::EndRun{state_, false, true, *reason});
  } else {
    emit(effect::SendToAggregators{CutAnnounced{settings_.end_version}});
    for (const Version version : settings_.cuts) {
      if (version > state_.version) emit(effect::SendToAggregators{CutAnnounced{version}});
    }
    due_.insert(settings_.cuts.upper_bound(state_.version), settings_.cuts.end());
  }
  return std::exchange(effects_, {});
}

SupervisorEffects Supervisor::step(Time now, const SupervisorEvent& occurred) {
  now_ = clock_.look(now);
  if (!ended_) std::visit([&](const auto& concrete) { on(concrete); }, occurred);
  if (!ended_) pursue_policy_change();
  grant_units();
  return std::exchange(effects_, {});
}

std::string Supervisor::describe(const Sender& sender) const {
  const Member* member = members_.find(sender);
  return "node " + std::to_string(sender.node) + (member == nullptr ? "" : " (" + member->name + ")");
}

std::string Supervisor::describe_unit(Unit unit) const {
  std::vector<std::string> leaves;
  for (std::uint64_t leaf = 0; leaf < settings_.shape.leaves_in_round(unit); ++leaf) {
    leaves.push_back(ids_of(settings_.shape.leaf_samples(unit, leaf)));
  }
  return "unit " + std::to_string(unit) + " (training samples " + join(leaves, ", ") + ")";
}

std::string Supervisor::describe(const LeafId& leaf) const {
  const RunShape& shape = settings_.shape;
  return (leaf.validation     ? "validation of version "
          : works_in_rounds() ? "round "
                              : "unit ") +
         std::to_string(leaf.version) + ", leaf " + std::to_string(leaf.leaf) + " (" +
         (leaf.validation ? "validation" : "training") + " samples " +
         ids_of(leaf.validation ? shape.validation_leaf_samples(leaf.leaf)
                                : shape.leaf_samples(leaf.version, leaf.leaf)) +
         ")";
}

// ---- failures

void Supervisor::on(const SlotFailed& failed) {
  const Member* member = members_.find(failed.sender);
  if (member == nullptr) return;
  const NodeId node = failed.sender.node;
  const NodeId charged = member->charged(node);
  const std::string where = failed.at_leaf ? describe(failed.leaf) : "between leaves";
  record(SlotDied{node, failed.slot, where, failed.cause});
  const LeafId& leaf = failed.leaf;
  const FailureDecision decision = failed.at_leaf ? budget_.leaf_killed_slot(charged, leaf, state_.version,
                                                                             !leaf.validation && members_.active() > 1)
                                                  : budget_.died(charged, state_.version);
  if (decision.stop) {
    const std::string what = describe(failed.sender) + ", slot " + std::to_string(failed.slot) + " died at " + where +
                             ": " + failed.cause + "; " + decision.reason;
    const bool others_go_on = members_.active() > 1 || member->state != MemberState::active;
    if (decision.by_leaf || member->local || !others_go_on) return fail(what);
    return end_session(node, what, true, false);
  }
  emit(effect::SendToWorker{node, RestartSlot{failed.slot}});
  if (failed.at_leaf && !leaf.validation) try_leaf_elsewhere(node, leaf);
}

void Supervisor::on(const LeafNotFinite& found) {
  if (!members_.knows(found.sender)) return;
  if (found.leaf.validation ? !validations_.contains(found.leaf.version)
                            : leases_.applied().contains(found.leaf.version))
    return;
  auto& by_version = found.leaf.validation ? not_finite_validations_ : not_finite_;
  std::vector<std::string>& named = by_version[found.leaf.version];
  if (named.size() < kNotFiniteNamedMax) named.push_back(describe(found.sender) + ", " + describe(found.leaf));
}

void Supervisor::on(const DeterminismAlarm& alarm) {
  if (ending_ && alarm.base >= ending_->version) return;  // SUP-2
  const std::string what = "nodes " + std::to_string(alarm.first) + " and " + std::to_string(alarm.second) +
                           " computed different bits for block " + to_string(alarm.block) + " of round " +
                           std::to_string(alarm.base) +
                           "; check these machines' memory and that both run the same build";
  record(DecisionMade{alarm.base, std::string(kDeterminismAlarm), what});
  give_up(std::string(kDeterminismAlarm) + ": " + what);
}

void Supervisor::on(const VerdictReached& reached) {
  const Verdict& verdict = reached.verdict;
  if (verdict.base < state_.version) return;
  if (verdict.action == Action::stop) {
    if (ending_ && ending_->version <= verdict.base) return;  // SUP-2
    const std::vector<std::string>& named = not_finite_[verdict.attempt.unit];
    const std::string reason = verdict.reason + ": " +
                               (named.empty() ? "each leaf is finite, their sum is not" : join(named, "; ")) + "; " +
                               (settings_.not_finite == NotFinitePolicy::stop
                                    ? "go on with --resume --set policy.not_finite=skip, or train anew with "
                                    : "train anew with ") +
                               "a lower optimizer.learning_rate or an optimizer.clip_norm into another run.directory";
    if (!works_in_rounds()) return give_up(reason);  // other units are under way; the journal has what counts
    // Every shard is at this version and stays there.
    withdraw_cut();
    announce_cut(verdict.base);
    end_at({verdict.base, true, false, reason, {}});
    write_due_checkpoints();
    return;
  }
  verdicts_[verdict.base] = verdict;
  advance_while_published();
}

void Supervisor::on(const event::Superseded& superseded) {
  ended_ = true;  // nothing more is written: the run belongs to the other head
  emit(effect::EndRun{state_, true, false,
                      "another head has taken over in term " + std::to_string(superseded.term) +
                          "; this one, of term " + std::to_string(settings_.term) + ", stops"});
}

void Supervisor::on(const event::StopRequested& request) {
  if (!ending_ && !stop_wanted_) stop_soon(false, request.reason);
}

}  // namespace fulmar::core
