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

}  // namespace

Supervisor::Supervisor(SupervisorSettings settings, RunState state)
    : settings_(settings),
      state_(std::move(state)),
      budget_(settings_.failures),
      history_(state_.validation),
      cuts_(settings_.shards),
      told_end_(settings_.end_version) {
  if (state_.version > 0) durable_ = state_.version;
}

SupervisorEffects Supervisor::start(Time now) {
  now_ = last_checkpoint_ = now;
  if (const std::optional<std::string> reason = reason_to_complete()) {
    ended_ = true;
    record(RunEnded{state_.version, true, *reason});
    emit(effect::EndRun{state_, false, true, *reason});
  } else {
    emit(effect::SendToAggregators{CutAnnounced{settings_.end_version}});
  }
  return std::exchange(effects_, {});
}

SupervisorEffects Supervisor::step(Time now, const SupervisorEvent& occurred) {
  now_ = now;
  if (!ended_) std::visit([&](const auto& concrete) { on(concrete); }, occurred);
  return std::exchange(effects_, {});
}

// ---- members

bool Supervisor::knows(const Sender& sender) const {
  const auto member = members_.find(sender.node);
  return sender.term == settings_.term && member != members_.end() && member->second.incarnation == sender.incarnation;
}

std::vector<Capacity> Supervisor::capacities() const {
  std::vector<Capacity> capacities;
  for (const auto& [node, member] : members_) {
    capacities.push_back({node, member.incarnation, static_cast<double>(member.slots)});
  }
  return capacities;
}

std::string Supervisor::describe(const Sender& sender) const {
  const auto member = members_.find(sender.node);
  return "node " + std::to_string(sender.node) + (member == members_.end() ? "" : " (" + member->second.name + ")");
}

std::string Supervisor::describe(const LeafId& leaf) const {
  const RunShape& shape = settings_.shape;
  std::vector<std::string> ids;
  for (const std::uint64_t sample :
       leaf.validation ? shape.validation_leaf_samples(leaf.leaf) : shape.leaf_samples(leaf.version, leaf.leaf)) {
    ids.push_back(std::to_string(sample));
  }
  return (leaf.validation ? "validation of version " : "round ") + std::to_string(leaf.version) + ", leaf " +
         std::to_string(leaf.leaf) + " (" + (leaf.validation ? "validation" : "training") + " samples " +
         join(ids, ", ") + ")";
}

void Supervisor::on(const Join& joining) {
  const NodeId node = next_node_++;
  const Incarnation incarnation = next_incarnation_++;
  members_[node] = {incarnation, joining.name, joining.slots};
  ++nodes_seen_;
  record(NodeAdmitted{node, incarnation, joining.name});
  emit(effect::Admit{joining.name, Welcome{{node, incarnation, settings_.term}, told_end_}});
  change_plan(joining.name + " joined");
  grant_free_validation();
}

void Supervisor::on(const event::WorkerDied& died) {
  const auto found = members_.find(died.node);
  if (found == members_.end()) return;
  const Member member = found->second;
  const std::string who = describe(Sender{died.node, member.incarnation, settings_.term});
  members_.erase(found);
  record(NodeFailed{died.node, member.incarnation, died.cause});
  emit(effect::SendToAggregators{MemberLost{member.incarnation}});
  for (auto& [version, validation] : validations_) validation.leases().end_incarnation(member.incarnation);

  const FailureDecision decision = budget_.died(state_.version);
  if (decision.stop) {
    fail(who + " died: " + died.cause + "; " + decision.reason);
    return;
  }
  change_plan(member.name + " died");
  grant_free_validation();
  emit(effect::RespawnWorker{member.name, member.slots});
}

void Supervisor::on(const event::Beat& beat) {
  for (auto& [version, validation] : validations_) {
    if (knows(beat.sender)) validation.leases().renew(beat.sender.incarnation, now_ + settings_.liveness);
  }
}

void Supervisor::change_plan(const std::string& reason) {
  const BlockTree tree(settings_.shape.leaves, settings_.shape.leaves);
  const std::vector<Holding> holdings = plan_sync_round(capacities(), tree);
  ++plan_number_;
  std::vector<std::string> holders;
  for (const Holding& holding : holdings) {
    std::vector<std::string> blocks;
    for (const Block& block : holding.blocks) blocks.push_back(to_string(block));
    holders.push_back(std::to_string(holding.node) + "/" + std::to_string(holding.incarnation) + ": " +
                      join(blocks, " "));
    emit(effect::SendToWorker{holding.node, PlanChanged{plan_number_, state_.version, holding.blocks}});
  }
  record(PlanRecorded{settings_.term, plan_number_, state_.version, join(holders, "; "), reason});
}

// ---- failures

void Supervisor::on(const SlotFailed& failed) {
  if (!knows(failed.sender)) return;
  const std::string where = failed.at_leaf ? describe(failed.leaf) : "between leaves";
  record(SlotDied{failed.sender.node, failed.slot, where, failed.cause});
  const FailureDecision decision =
      failed.at_leaf
          ? budget_.leaf_killed_slot(failed.leaf.version, failed.leaf.validation, failed.leaf.leaf, state_.version)
          : budget_.died(state_.version);
  if (decision.stop) {
    fail(describe(failed.sender) + ", slot " + std::to_string(failed.slot) + " died at " + where + ": " + failed.cause +
         "; " + decision.reason);
    return;
  }
  emit(effect::SendToWorker{failed.sender.node, RestartSlot{failed.slot}});
}

void Supervisor::on(const LeafNotFinite& found) {
  if (!knows(found.sender)) return;
  if (found.leaf.validation ? !validations_.contains(found.leaf.version) : found.leaf.version < state_.version) return;
  auto& by_version = found.leaf.validation ? not_finite_validations_ : not_finite_;
  std::vector<std::string>& named = by_version[found.leaf.version];
  if (named.size() < kNotFiniteNamedMax) named.push_back(describe(found.sender) + ", " + describe(found.leaf));
}

void Supervisor::on(const DeterminismAlarm& alarm) {
  give_up("determinism alarm: nodes " + std::to_string(alarm.first) + " and " + std::to_string(alarm.second) +
          " computed different bits for block " + to_string(alarm.block) + " of round " + std::to_string(alarm.base) +
          "; check these machines' memory and that both run the same build");
}

void Supervisor::on(const VerdictReached& reached) {
  const Verdict& verdict = reached.verdict;
  if (verdict.base < state_.version) return;
  if (verdict.action == Action::stop) {
    if (ending_ && ending_->version <= verdict.base) return;  // SUP-2
    const std::vector<std::string>& named = not_finite_[verdict.base];
    const std::string reason = verdict.reason + ": " +
                               (named.empty() ? "each leaf is finite, their sum is not" : join(named, "; ")) + "; " +
                               (settings_.not_finite == NotFinitePolicy::stop
                                    ? "go on with --resume --set policy.not_finite=skip, or train anew with "
                                    : "train anew with ") +
                               "a lower optimizer.learning_rate or an optimizer.clip_norm into another run.directory";
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

void Supervisor::on(const event::StopRequested& request) {
  if (!ending_ && !stop_wanted_) stop_soon(false, request.reason);
}

}  // namespace fulmar::core
