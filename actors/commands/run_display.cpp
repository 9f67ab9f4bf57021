#include "actors/commands/run_display.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>
#include <variant>

#include "actors/commands/node_options.hpp"
#include "runtime/transport/datagram.hpp"

namespace fulmar::commands {
namespace {

/// The weight of the newest round in the smoothed figures.
constexpr double kNewest = 0.1;

double smooth(double before, double now) {
  return before == 0 ? now : before + kNewest * (now - before);
}

}  // namespace

RunDisplay::RunDisplay(actors::ProgressMode mode, const core::RunShape& shape, core::Version end_version)
    : shape_(shape), end_version_(end_version), progress_(mode, stderr) {}

void RunDisplay::on_round(const core::RunState& state, const core::Verdict&, std::uint64_t samples, double seconds) {
  seconds_per_round_ = smooth(seconds_per_round_, seconds);
  if (seconds > 0) samples_per_second_ = smooth(samples_per_second_, static_cast<double>(samples) / seconds);
  actors::ProgressState shown;
  shown.epoch = state.version == 0 ? 0 : shape_.epoch_of(state.version - 1);
  shown.epochs = (end_version_ + shape_.rounds_per_epoch() - 1) / shape_.rounds_per_epoch();
  shown.round = state.version;
  shown.rounds = end_version_;
  shown.recomputed = recomputed_;
  shown.loss = state.train_loss;
  if (state.validation.latest) shown.validation_loss = state.validation.latest->loss;
  shown.samples_per_second = samples_per_second_;
  shown.nodes = nodes_;
  const double left = seconds_per_round_ * static_cast<double>(end_version_ - state.version);
  shown.time_left = std::chrono::seconds(std::llround(left));
  progress_.update(shown, actors::Progress::Clock::now());
}

void RunDisplay::on_record(const core::JournalRecord& record) {
  std::visit([this](const auto& concrete) { explain(concrete); }, record);
}

void RunDisplay::explain(const core::RoundVoided& voided) {
  note("note: " + voided.reason);
}

void RunDisplay::explain(const core::NodeFailed& failed) {
  note("note: " + described(failed.node) + " was lost (" + failed.cause + "); what it had is computed anew");
}

void RunDisplay::explain(const core::NodeLeft& left) {
  note("note: " + described(left.node) + " left");
}

void RunDisplay::explain(const core::SlotDied& died) {
  note("note: slot " + std::to_string(died.slot) + " of " + described(died.node) + " died at " + died.where + ": " +
       died.cause);
}

void RunDisplay::explain(const core::CheckpointFailed& failed) {
  note("warning: no checkpoint of version " + std::to_string(failed.version) + ", the run goes on: " + failed.reason);
}

void RunDisplay::explain(const core::DecisionMade& decision) {
  note("note: " + decision.decision + " at version " + std::to_string(decision.version) + ": " + decision.reason);
}

void RunDisplay::explain(const core::PolicySwitched& switched) {
  note("note: the run works by " + switched.policy + " from version " + std::to_string(switched.version) + " on (" +
       switched.reason + ")");
}

void RunDisplay::on_members(const core::Membership& members) {
  nodes_ = members.all().size();
  greet(members);
}

void RunDisplay::on_status(const transport::Status& status) {
  const bool in_rounds = status.policy == core::to_string(core::PolicySettings{});
  std::uint64_t slots = 0;  // that can be at work on the same unit
  for (const transport::NodeStatus& node : status.nodes) {
    slots = in_rounds ? slots + node.slots : std::max<std::uint64_t>(slots, node.slots);
  }
  warn_of_idle_slots(slots);
  warn_of_idle_nodes(status);
}

void RunDisplay::greet(const core::Membership& members) {
  std::erase_if(members_, [&](const auto& entry) { return !members.all().contains(entry.first); });
  for (const auto& [node, member] : members.all()) {
    Shown& shown = members_[node];
    if (shown.incarnation == member.incarnation) continue;
    shown = {member.incarnation, member.name};
    const bool returns = node <= newest_node_;  // numbers are given in order, and kept by those who return
    newest_node_ = std::max(newest_node_, node);
    if (member.local) continue;
    note("note: " + described(node) + (returns ? " is back" : " joined") + " with " + std::to_string(member.slots) +
         (member.slots == 1 ? " slot" : " slots"));
  }
}

// At most once as a note and once as a warning: nodes may come and go every few seconds.
void RunDisplay::warn_of_idle_slots(std::uint64_t slots) {
  if (slots <= most_slots_) return;
  most_slots_ = slots;
  const std::string warning = slots_warning(static_cast<std::uint32_t>(slots), shape_.leaves).value_or("");
  const std::string kind = warning.substr(0, warning.find(':'));
  if (std::exchange(warned_, kind) != kind) note(warning);
}

// At most once as long as a policy is in force.
void RunDisplay::warn_of_idle_nodes(const transport::Status& status) {
  if (status.policy == warned_policy_) return;
  if (const auto warning = nodes_warning(status.nodes.size(), status.policy)) {
    warned_policy_ = status.policy;
    note(*warning);
  }
}

std::string RunDisplay::described(core::NodeId node) const {
  const auto member = members_.find(node);
  return "node " + std::to_string(node) + (member == members_.end() ? "" : " (" + member->second.name + ")");
}

void RunDisplay::on_trouble(const std::string& message) {
  note("warning: " + message);
}

}  // namespace fulmar::commands
