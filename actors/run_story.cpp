#include "actors/run_story.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>
#include <variant>

#include "runtime/transport/datagram.hpp"

namespace fulmar::actors {
namespace {

using monitoring::RunEvent;
using monitoring::Severity;

constexpr std::size_t kNamesKeptMax = 4096;
constexpr std::size_t kTakersNamedMax = 4;

/// 3 ms, 41 ms, 1.2 s
std::string duration_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, seconds < 0.9995 ? "%.0f ms" : "%.1f s", seconds < 0.9995 ? seconds * 1e3 : seconds);
  return text;
}

std::string counted(std::uint64_t count, const char* one, const char* many) {
  return std::to_string(count) + " " + (count == 1 ? one : many);
}

}  // namespace

RunStory::RunStory(core::Term term, const core::RunShape& shape, Sink sink, Now now)
    : term_(term), shape_(shape), sink_(std::move(sink)), now_(std::move(now)) {}

RunEvent RunStory::event(const char* kind, Severity severity, std::string text) const {
  RunEvent told;
  told.time = now_();
  told.kind = kind;
  told.severity = severity;
  told.term = term_;
  told.version = version_;
  told.text = std::move(text);
  return told;
}

RunEvent RunStory::event_of(core::NodeId node, const char* kind, Severity severity, std::string text) const {
  RunEvent told = event(kind, severity, std::move(text));
  told.node = node;
  if (const auto known = nodes_.find(node); known != nodes_.end()) told.node_name = known->second.name;
  return told;
}

std::string RunStory::described(core::NodeId node) const {
  const auto known = nodes_.find(node);
  return "node " + std::to_string(node) + (known == nodes_.end() ? "" : " (" + known->second.name + ")");
}

// ---- the run

void RunStory::begin(core::Version version, core::Version known) {
  version_ = version;
  if (version == 0 && known == 0) return tell(event("run_started", Severity::detail, "the run begins"));
  std::string text = "the run goes on from version " + std::to_string(version);
  if (known > version) {
    text += "; versions up to " + std::to_string(known) + " are recomputed from the journal";
  }
  tell(event("run_resumed", Severity::detail, std::move(text)));
}

void RunStory::on_round(const core::RunState& state, const core::Verdict&, std::uint64_t, double) {
  version_ = state.version;
}

void RunStory::on_record(const core::JournalRecord& record) {
  std::visit([this](const auto& concrete) { explain(concrete); }, record);
}

void RunStory::explain(const core::RoundVoided& voided) {
  RunEvent told = event("round_voided", Severity::warning, voided.reason);
  told.reason = voided.reason;
  tell(std::move(told));
}

void RunStory::explain(const core::ValidationDone& validation) {
  char loss[32];
  std::snprintf(loss, sizeof loss, "%.6g", validation.loss);
  tell(event("validated", Severity::detail,
             "version " + std::to_string(validation.version) + " has a validation loss of " + loss));
}

void RunStory::explain(const core::DecisionMade& decision) {
  const bool alarm = decision.decision == core::kDeterminismAlarm;
  RunEvent told = event(alarm ? "determinism_alarm" : "decision", alarm ? Severity::error : Severity::note,
                        decision.decision + " at version " + std::to_string(decision.version) + ": " + decision.reason);
  told.reason = decision.reason;
  tell(std::move(told));
}

void RunStory::explain(const core::PolicySwitched& switched) {
  RunEvent told = event("policy_switched", Severity::note,
                        "the run works by " + switched.policy + " from version " + std::to_string(switched.version) +
                            " on (" + switched.reason + ")");
  told.reason = switched.reason;
  tell(std::move(told));
}

void RunStory::explain(const core::RunEnded& ended) {
  RunEvent told = event("run_ended", Severity::detail,
                        "the run " + std::string(ended.completed ? "is complete" : "has stopped") + " at version " +
                            std::to_string(ended.version) + ": " + ended.reason);
  told.reason = ended.reason;
  tell(std::move(told));
}

void RunStory::on_trouble(const std::string& message) {
  RunEvent told = event("trouble", Severity::warning, message);
  told.reason = message;
  tell(std::move(told));
}

// ---- checkpoints

void RunStory::on_checkpoint(core::CheckpointKind, bool, double seconds, std::uint64_t) {
  checkpoint_seconds_ = seconds;
}

void RunStory::explain(const core::CheckpointWritten& written) {
  const char* what = written.kind == core::CheckpointKind::full ? "checkpoint" : "weights";
  RunEvent told = event("checkpoint_written", Severity::detail,
                        std::string(what) + " of version " + std::to_string(written.version) + " written");
  told.seconds = std::exchange(checkpoint_seconds_, std::nullopt);
  tell(std::move(told));
}

void RunStory::explain(const core::CheckpointFailed& failed) {
  RunEvent told =
      event("checkpoint_failed", Severity::warning,
            "no checkpoint of version " + std::to_string(failed.version) + ", the run goes on: " + failed.reason);
  told.reason = failed.reason;
  tell(std::move(told));
}

// ---- nodes

void RunStory::on_members(const core::Membership& members) {
  for (const auto& [node, member] : members.all()) {
    const auto known = nodes_.find(node);
    if (known == nodes_.end() || known->second.incarnation != member.incarnation) {
      const bool returns = node <= newest_node_;  // numbers are given in order, and kept by those who return
      newest_node_ = std::max(newest_node_, node);
      nodes_[node] = {member.incarnation, member.name};
      greet(node, member, returns);
    }
    const bool drains = member.state == core::MemberState::draining;
    if (drains && !std::exchange(nodes_.at(node).draining, true)) {
      RunEvent told = event_of(node, "node_draining", Severity::detail, described(node) + " is about to leave");
      told.reason = member.leaving;
      tell(std::move(told));
    }
  }
  // STORY-1: names of those who have gone are kept for what is still told of them.
  const auto has_gone = [&](const auto& known) { return !members.all().contains(known.first); };
  if (nodes_.size() > members.all().size() + kNamesKeptMax) std::erase_if(nodes_, has_gone);
}

void RunStory::greet(core::NodeId node, const core::Member& member, bool returns) {
  tell(event_of(
      node, returns ? "node_returned" : "node_joined", member.local ? Severity::detail : Severity::note,
      described(node) + (returns ? " is back" : " joined") + " with " + counted(member.slots, "slot", "slots")));
}

void RunStory::explain(const core::NodeFailed& failed) {
  RunEvent told = event_of(failed.node, "node_lost", Severity::warning,
                           described(failed.node) + " was lost (" + failed.cause + "); what it had is computed anew");
  told.reason = failed.cause;
  tell(std::move(told));
}

void RunStory::on_recovery(const Recovery& recovery) {
  const double seconds = recovery.detection_seconds + recovery.recovery_seconds;
  const std::string who = described(recovery.node);
  std::string text = "nothing that " + who + " had was unfinished";
  if (recovery.leaves > 0) {
    text = "the " + counted(recovery.leaves, "leaf", "leaves") + " of " + who;
    std::string takers;
    for (std::size_t i = 0; i < std::min(recovery.takers.size(), kTakersNamedMax); ++i) {
      takers += (i == 0 ? "" : ", ") + described(recovery.takers[i]);
    }
    const std::size_t more = recovery.takers.size() - std::min(recovery.takers.size(), kTakersNamedMax);
    if (more > 0) takers += " and " + std::to_string(more) + " more";
    if (!takers.empty()) {
      text += " went to " + takers;
    } else {
      text += recovery.leased_unit ? " will be leased anew" : " had other holders as well";
    }
  }
  text += ", " + duration_text(seconds) + " after its last word";
  RunEvent told = event_of(recovery.node, "leaves_moved", Severity::note, std::move(text));
  told.seconds = seconds;
  tell(std::move(told));
}

void RunStory::explain(const core::NodeLeft& left) {
  RunEvent told =
      event_of(left.node, "node_left", Severity::note, described(left.node) + " left (" + left.reason + ")");
  told.reason = left.reason;
  tell(std::move(told));
}

void RunStory::explain(const core::SlotDied& died) {
  RunEvent told = event_of(died.node, "slot_died", Severity::warning,
                           "slot " + std::to_string(died.slot) + " of " + described(died.node) + " died at " +
                               died.where + ": " + died.cause);
  told.reason = died.cause;
  tell(std::move(told));
}

// ---- what is idle

void RunStory::on_status(const transport::Status& status) {
  advise_slots(status);
  advise_nodes(status);
}

// At most once as a note and once as a warning: nodes may come and go every few seconds.
void RunStory::advise_slots(const transport::Status& status) {
  const bool in_rounds = status.policy == core::to_string(core::PolicySettings{});
  std::uint64_t slots = 0;  // that can be at work on the same unit
  for (const transport::NodeStatus& node : status.nodes) {
    slots = in_rounds ? slots + node.slots : std::max<std::uint64_t>(slots, node.slots);
  }
  if (slots <= most_slots_) return;
  most_slots_ = slots;
  const std::optional<Advice> advice = slots_advice(static_cast<std::uint32_t>(slots), shape_.leaves);
  if (advice && std::exchange(advised_, advice->severity) != advice->severity) {
    tell(event("advice", advice->severity, advice->text));
  }
}

// At most once as long as a policy is in force.
void RunStory::advise_nodes(const transport::Status& status) {
  if (status.policy == advised_policy_) return;
  if (const std::optional<Advice> advice = nodes_advice(status.nodes.size(), status.policy)) {
    advised_policy_ = status.policy;
    tell(event("advice", advice->severity, advice->text));
  }
}

}  // namespace fulmar::actors
