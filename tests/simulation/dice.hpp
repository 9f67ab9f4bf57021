// The only source of chance in a simulation: one sequence of draws per (seed, use).
// Thread rule: owned by one simulation.
#pragma once

#include <array>
#include <cstdint>

#include "runtime/core/liveness.hpp"
#include "runtime/vocabulary/random.hpp"

namespace fulmar::simulation {

class Dice {
 public:
  /// `even`: nothing is left to chance: whatever is drawn is the middle, and nothing happens one time in so many.
  Dice(std::uint64_t seed, std::uint64_t use, bool even = false)
      : stream_(seed, Purpose::simulation, use, 0), even_(even) {}

  /// Uniform in [0, n); n ≥ 1, far below 2³².
  std::uint64_t below(std::uint64_t n) {
    if (even_) return n / 2;
    if (next_ % 4 == 0) words_ = stream_.words(next_ / 4);
    return words_[next_++ % 4] % n;
  }
  /// Uniform in [low, high].
  std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }
  bool one_in(std::uint64_t n) { return n > 0 && below(n) == 0; }
  bool per_mille(std::uint64_t share) { return share > 0 && below(1000) < share; }
  /// Uniform in [low, high], in whole microseconds, up to an hour.
  core::Time time(core::Time low, core::Time high) {
    using std::chrono::microseconds;
    const auto span = std::chrono::duration_cast<microseconds>(high - low).count();
    return low + microseconds(below(static_cast<std::uint64_t>(span) + 1));
  }

 private:
  RandomStream stream_;
  bool even_;
  std::uint64_t next_ = 0;
  std::array<std::uint32_t, 4> words_{};
};

}  // namespace fulmar::simulation
