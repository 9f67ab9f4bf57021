// The only source of chance in a planned cluster: one sequence of draws for each (seed, use, machine), so that the same
// machines fail at the same moments whatever else of the cluster is changed. Thread rule: owned by one simulation.
#pragma once

#include <cstdint>

#include "runtime/core/liveness.hpp"
#include "runtime/vocabulary/random.hpp"

namespace fulmar::planner {

using core::Time;

enum class Use : std::uint64_t { fate = 1, pace = 2, newcomers = 3 };

class Chance {
 public:
  Chance(std::uint64_t seed, Use use, std::uint64_t machine)
      : stream_(seed, Purpose::simulation, static_cast<std::uint64_t>(use), machine) {}

  /// Uniform in [0, 1).
  double uniform() {
    const auto words = stream_.words(next_++);
    const std::uint64_t bits = (std::uint64_t{words[0]} << 32 | words[1]) >> 11;
    return static_cast<double>(bits) * 0x1p-53;
  }

  /// Exponential, with this mean: by comparisons alone (von Neumann, "Various techniques used in connection with random
  /// digits", 1951). From U₁ on, as long as draws fall: an odd number of them accepts U₁ as the fraction; an even
  /// number adds one to the whole part.
  Time exponential(Time mean) {
    for (double whole = 0;; whole += 1) {
      const double first = uniform();
      double lowest = first;
      bool odd = true;
      for (double next = uniform(); next < lowest; next = uniform()) {
        lowest = next;
        odd = !odd;
      }
      if (odd) return Time(static_cast<Time::rep>((whole + first) * static_cast<double>(mean.count())));
    }
  }

 private:
  RandomStream stream_;
  std::uint64_t next_ = 0;
};

}  // namespace fulmar::planner
