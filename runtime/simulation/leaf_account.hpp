// What became of every leaf that some slot computed, and what the machines could have computed at best.
// Thread rule: one simulation, one thread.
//
// LEAF-1: computed = used + duplicate + lost + abandoned + what is still under way.
#pragma once

#include <cstdint>

#include "runtime/core/liveness.hpp"

namespace fulmar::planner {

using core::Time;

struct LeafAccount {
  std::uint64_t computed = 0;
  std::uint64_t used = 0;       ///< entered the weights
  std::uint64_t duplicate = 0;  ///< pushed, but somebody else's copy was used
  std::uint64_t lost = 0;       ///< with the node that had computed it
  std::uint64_t abandoned = 0;  ///< the round was over before it was pushed

  std::uint64_t wasted() const { return duplicate + lost + abandoned; }
  std::uint64_t under_way() const { return computed - used - wasted(); }
};

/// The sum of the speeds of all machines that run, over time.
class IdealPace {
 public:
  void change(Time now, double leaves_per_second) {
    integrate(now);
    speed_ += leaves_per_second;
  }
  /// Leaves that could have been computed by `now`.
  double leaves(Time now) {
    integrate(now);
    return leaves_;
  }

 private:
  void integrate(Time now) {
    leaves_ += speed_ * std::chrono::duration<double>(now - since_).count();
    since_ = now;
  }

  double speed_ = 0, leaves_ = 0;
  Time since_{};
};

}  // namespace fulmar::planner
