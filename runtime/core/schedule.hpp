// The learning rate as a function of updates applied. Without the C library: the same bits on every machine.
// Thread rule: pure functions.
#pragma once

#include <cstdint>

namespace fulmar::core {

enum class ScheduleKind { constant, step, cosine };

struct ScheduleSettings {
  ScheduleKind kind = ScheduleKind::constant;
  double learning_rate = 1e-3;
  std::uint64_t warmup_rounds = 0;  ///< linear from learning_rate / warmup_rounds up to learning_rate
  std::uint64_t step_rounds = 0;    ///< step: multiply by step_factor every so many rounds after the warm-up
  double step_factor = 0.1;
  std::uint64_t total_rounds = 0;  ///< cosine: from learning_rate down to learning_rate_min at this round
  double learning_rate_min = 0.0;
};

/// The rate of the update that is applied after `updates` others; `updates` ≥ 0.
double learning_rate(const ScheduleSettings& settings, std::uint64_t updates);

}  // namespace fulmar::core
