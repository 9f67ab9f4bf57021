#include "actors/commands/run_display.hpp"

#include <cmath>
#include <cstdio>
#include <variant>

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
  note("note: node " + std::to_string(failed.node) + " died (" + failed.cause + "); its work goes to others");
}

void RunDisplay::explain(const core::NodeLeft& left) {
  note("note: node " + std::to_string(left.node) + " left (" + left.reason + ")");
}

void RunDisplay::explain(const core::SlotDied& died) {
  note("note: slot " + std::to_string(died.slot) + " of node " + std::to_string(died.node) + " died at " + died.where +
       ": " + died.cause);
}

void RunDisplay::explain(const core::CheckpointFailed& failed) {
  note("warning: no checkpoint of version " + std::to_string(failed.version) + ", the run goes on: " + failed.reason);
}

void RunDisplay::explain(const core::DecisionMade& decision) {
  note("note: " + decision.decision + " at version " + std::to_string(decision.version) + ": " + decision.reason);
}

void RunDisplay::on_members(const core::Membership& members) {
  nodes_ = members.all().size();
}

void RunDisplay::on_trouble(const std::string& message) {
  note("warning: " + message);
}

}  // namespace fulmar::commands
