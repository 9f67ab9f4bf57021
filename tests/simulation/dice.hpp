// The only source of chance in a simulation: one sequence of draws per (seed, use).
// Thread rule: owned by one simulation.
#pragma once

#include <cstdint>

#include "runtime/vocabulary/random.hpp"

namespace fulmar::simulation {

class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t use) : stream_(seed, Purpose::simulation, use, 0) {}

  /// Uniform in [0, n); n ≥ 1, far below 2³².
  std::uint64_t below(std::uint64_t n) { return stream_.words(next_++)[0] % n; }
  /// Uniform in [low, high].
  std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }
  bool one_in(std::uint64_t n) { return n > 0 && below(n) == 0; }

 private:
  RandomStream stream_;
  std::uint64_t next_ = 0;
};

}  // namespace fulmar::simulation
