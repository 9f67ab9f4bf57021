// The one time setting of a run, and every duration that follows from it. There is no other time-out in the protocol.
// Thread rule: plain value.
// LIVE-1: a member that falls silent is lost, and its work leased anew, within `value` of its last word.
// LIVE-2: whoever is told that a connection is closed, or that a session is unknown, waits for no time-out.
#pragma once

#include <chrono>

namespace fulmar::core {

/// Time since an arbitrary start, on one monotonic clock.
using Time = std::chrono::nanoseconds;

inline double in_seconds(Time time) {
  return std::chrono::duration<double>(time).count();
}

struct Liveness {
  Time value = std::chrono::seconds(1);

  /// Machines look at the clock this often.
  Time tick() const { return value / 20; }
  /// A node says that it lives, and what it has.
  Time beat() const { return value / 10; }
  /// What was sent and is not acknowledged is asked after.
  Time retry() const { return value / 10; }
  /// Silent for so long, a member gets no late work of others, and what it has of a late round is duplicated whole.
  Time suspected_after() const { return value * 3 / 10; }
  /// Silent for so long, a member is lost; so is the head, for its members. Beat, tick and delivery fit into the rest.
  Time lost_after() const { return value * 7 / 10; }
  /// A longer gap between two looks at the clock is a freeze of one's own and counts as no more than this.
  Time gap_max() const { return value / 4; }
  /// A round may take so much longer than usual, beside a quarter of its time, before it is late.
  Time late_margin() const { return value / 20; }
  /// A node that has lost its head tries again after this, then after twice as long, up to rejoin_max.
  Time rejoin_first() const { return value / 10; }
  Time rejoin_max() const { return value * 4; }
};

}  // namespace fulmar::core
