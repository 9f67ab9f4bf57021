// How long a lease may take: what the work should take, with room, and twice as long each time that it is leased again.
// Thread rule: pure functions.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "runtime/core/liveness.hpp"

namespace fulmar::core {

/// Longer than any lease; sums of a few such times are far from where Time ends.
inline constexpr Time kPatienceMax = std::chrono::hours(24 * 30);

/// A time that was computed from a measured speed: never more than kPatienceMax.
inline Time time_of(double seconds) {
  return std::chrono::duration_cast<Time>(
      std::chrono::duration<double>(std::min(seconds, std::chrono::duration<double>(kPatienceMax).count())));
}

inline Time doubled(Time patience, std::uint32_t times) {
  for (std::uint32_t i = 0; i < times && patience < kPatienceMax; ++i) patience *= 2;
  return std::min(patience, kPatienceMax);
}

}  // namespace fulmar::core
