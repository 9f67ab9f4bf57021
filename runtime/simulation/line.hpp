// A link in one direction: what is sent over it goes one after the other, in the order in which it was ready.
// Thread rule: one simulation, one thread.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "runtime/core/liveness.hpp"

namespace fulmar::planner {

using core::Time;

/// How long `bytes` take at a rate, rounded up.
inline Time time_for(double bytes, double bytes_per_second) {
  return Time(static_cast<Time::rep>(std::ceil(bytes / bytes_per_second * 1e9)));
}

class Line {
 public:
  explicit Line(double bytes_per_second) : bytes_per_second_(bytes_per_second) {}

  /// When the first byte goes in and the last one comes out, without latency.
  struct Passage {
    Time first, last;
  };
  Passage pass(Time ready, std::uint64_t bytes) {
    const Time first = std::max(ready, free_);
    free_ = first + time_for(static_cast<double>(bytes), bytes_per_second_);
    busy_ += free_ - first;
    bytes_ += bytes;
    return {first, free_};
  }

  std::uint64_t bytes() const { return bytes_; }
  /// How long it was in use until `now`.
  Time busy(Time now) const { return busy_ - std::max(Time(0), free_ - now); }

 private:
  double bytes_per_second_;
  Time free_{};
  Time busy_{};
  std::uint64_t bytes_ = 0;
};

}  // namespace fulmar::planner
