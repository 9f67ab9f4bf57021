#include "actors/commands/run_display.hpp"

#include <cmath>
#include <cstdio>

namespace fulmar::commands {
namespace {

/// The weight of the newest round in the smoothed figures.
constexpr double kNewest = 0.1;

double smooth(double before, double now) {
  return before == 0 ? now : before + kNewest * (now - before);
}

}  // namespace

RunDisplay::RunDisplay(actors::ProgressMode mode, LogFormat format, const core::RunShape& shape,
                       core::Version end_version)
    : format_(format), shape_(shape), end_version_(end_version), progress_(mode, stderr) {}

void RunDisplay::say(const monitoring::RunEvent& event) {
  if (is_logged(event, format_)) progress_.note(log_line(event, format_));
}

void RunDisplay::on_round(const core::RunState& state, const core::Verdict&, std::uint64_t samples, double seconds) {
  seconds_per_round_ = smooth(seconds_per_round_, seconds);
  samples_per_round_ = smooth(samples_per_round_, static_cast<double>(samples));
  actors::ProgressState shown;
  shown.epoch = state.version == 0 ? 0 : shape_.epoch_of(state.version - 1);
  shown.epochs = (end_version_ + shape_.rounds_per_epoch() - 1) / shape_.rounds_per_epoch();
  shown.round = state.version;
  shown.rounds = end_version_;
  shown.recomputed = recomputed_;
  shown.loss = state.train_loss;
  if (state.validation.latest) shown.validation_loss = state.validation.latest->loss;
  // Two updates of units may come a moment apart: a mean of rates would be far from the rate.
  if (seconds_per_round_ > 0) shown.samples_per_second = samples_per_round_ / seconds_per_round_;
  shown.nodes = nodes_;
  const double left = seconds_per_round_ * static_cast<double>(end_version_ - state.version);
  shown.time_left = std::chrono::seconds(std::llround(left));
  progress_.update(shown, actors::Progress::Clock::now());
}

}  // namespace fulmar::commands
