// Every sum over many elements runs in 16 lanes: element i goes to lane i mod 16, and the lanes are joined by one fixed
// tree. Sixteen is the widest vector we foresee, so narrower ones split the lanes and get the same bits.
// Thread rule: pure functions.
#pragma once

#include <array>
#include <cstddef>

namespace fulmar::models::kernels {

inline constexpr std::size_t kLanes = 16;

constexpr std::size_t round_up_to_lanes(std::size_t count) {
  return (count + kLanes - 1) / kLanes * kLanes;
}

/// ((l0+l8)+(l4+l12)) + ((l2+l10)+(l6+l14)) + …: halves are added until one value is left.
template <class Number>
Number join_lanes(std::array<Number, kLanes> lanes) {
  for (std::size_t half = kLanes / 2; half > 0; half /= 2) {
    for (std::size_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

}  // namespace fulmar::models::kernels
