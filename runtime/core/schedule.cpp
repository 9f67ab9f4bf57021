#include "runtime/core/schedule.hpp"

#include <numbers>

#include "runtime/vocabulary/assert.hpp"
#include "runtime/vocabulary/elementary.hpp"

namespace fulmar::core {
namespace {

// StepLR of torch.optim.lr_scheduler in closed form: lr · γ^⌊t / step⌋.
double stepped(const ScheduleSettings& settings, std::uint64_t after_warmup) {
  FULMAR_ASSERT(settings.step_rounds > 0, "a step schedule with step_rounds = 0");
  return settings.learning_rate * integer_power(settings.step_factor, after_warmup / settings.step_rounds);
}

// CosineAnnealingLR of torch.optim.lr_scheduler in closed form (Loshchilov and Hutter, "SGDR", 2017, equation 5):
// lr_min + (lr − lr_min) · (1 + cos(π t / T)) / 2, which stays at lr_min after T.
double annealed(const ScheduleSettings& settings, std::uint64_t updates) {
  if (updates >= settings.total_rounds) return settings.learning_rate_min;
  const auto elapsed = static_cast<double>(updates - settings.warmup_rounds);
  const auto length = static_cast<double>(settings.total_rounds - settings.warmup_rounds);
  const double share = 0.5 * (1.0 + cosine(std::numbers::pi * elapsed / length));
  return settings.learning_rate_min + (settings.learning_rate - settings.learning_rate_min) * share;
}

}  // namespace

double learning_rate(const ScheduleSettings& settings, std::uint64_t updates) {
  if (updates < settings.warmup_rounds) {
    return settings.learning_rate * static_cast<double>(updates + 1) / static_cast<double>(settings.warmup_rounds);
  }
  switch (settings.kind) {
    case ScheduleKind::constant:
      return settings.learning_rate;
    case ScheduleKind::step:
      return stepped(settings, updates - settings.warmup_rounds);
    case ScheduleKind::cosine:
      return annealed(settings, updates);
  }
  FULMAR_ASSERT(false, "a schedule kind that is none");
}

}  // namespace fulmar::core
