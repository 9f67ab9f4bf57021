// Time as far as a machine was there to see it: deadlines are set in it, so that whoever was frozen, or whose clock was
// set forward, does not find all of them passed at once.
// Thread rule: owned by one state machine.
//
// CLOCK-1: attended time never goes back, and one look at the clock moves it by at most `gap_max`.
#pragma once

#include <algorithm>
#include <optional>

#include "runtime/core/liveness.hpp"

namespace fulmar::core {

class AttendedClock {
 public:
  explicit AttendedClock(Time gap_max) : gap_max_(gap_max) {}

  /// The attended time at `now`, which is the first attended time too.
  Time look(Time now) {
    if (!last_) attended_ = now;
    if (last_ && now > *last_) attended_ += std::min(now - *last_, gap_max_);
    last_ = now;
    return attended_;
  }

 private:
  Time gap_max_;
  std::optional<Time> last_;
  Time attended_{};
};

}  // namespace fulmar::core
