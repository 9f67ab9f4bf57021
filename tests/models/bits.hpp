// Comparing results by their bits: −0 and +0 differ, a NaN equals itself.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace fulmar::models {

/// The first index where the bits differ, or the size of `a` where all agree (a length that differs counts as index 0).
inline std::size_t first_difference(std::span<const float> a, std::span<const float> b) {
  if (a.size() != b.size()) return 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::bit_cast<std::uint32_t>(a[i]) != std::bit_cast<std::uint32_t>(b[i])) return i;
  }
  return a.size();
}

inline bool same_bits(std::span<const float> a, std::span<const float> b) {
  return a.size() == b.size() && first_difference(a, b) == a.size();
}

}  // namespace fulmar::models
