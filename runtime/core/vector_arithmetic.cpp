#include "runtime/core/vector_arithmetic.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <string>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {
namespace {

static_assert(std::numeric_limits<float>::is_iec559 && sizeof(float) == sizeof(std::uint32_t));

constexpr std::size_t kLanes = 16;
constexpr std::uint32_t kMagnitudeBits = 0x7fffffff;
constexpr std::uint32_t kInfinity = 0x7f800000;

/// Odd multipliers of MurmurHash3 (Appleby, public domain): multiplication by an odd number is a bijection.
constexpr std::uint32_t kMultiplierA = 0xcc9e2d51;
constexpr std::uint32_t kMultiplierB = 0x85ebca6b;

/// The two independent 32-bit states of every lane of a digest.
struct DigestLanes {
  std::array<std::uint32_t, kLanes> a{};
  std::array<std::uint32_t, kLanes> b{};

  /// A bijection of the state for given bits, and of the bits for a given state: one changed value always shows. The
  /// shift brings high bits down, where the multiplication alone would let two changed signs cancel.
  void absorb(std::size_t lane, float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t next_a = (a[lane] ^ bits) * kMultiplierA;
    const std::uint32_t next_b = (b[lane] + bits) * kMultiplierB;
    a[lane] = next_a ^ (next_a >> 15);
    b[lane] = next_b ^ (next_b >> 13);
  }
};

/// The finaliser of SplitMix64 (Steele, Lea, Flood, 2014): a bijection in which every bit reaches every other.
constexpr std::uint64_t mix(std::uint64_t value) {
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

}  // namespace

void add(std::span<float> left, std::span<const float> right) {
  FULMAR_ASSERT(left.size() == right.size(),
                "adding " + std::to_string(right.size()) + " floats to " + std::to_string(left.size()));
  for (std::size_t i = 0; i < left.size(); ++i) left[i] += right[i];
}

// As integers, and without an early exit, so that the loop is a vector maximum.
bool all_finite(std::span<const float> values) {
  std::uint32_t largest = 0;
  for (const float value : values) largest = std::max(largest, std::bit_cast<std::uint32_t>(value) & kMagnitudeBits);
  return largest < kInfinity;
}

double squared_norm(std::span<const float> values) {
  std::array<double, kLanes> lanes{};
  const std::size_t whole = values.size() - values.size() % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const double value = values[i + lane];
      lanes[lane] += value * value;
    }
  }
  for (std::size_t i = whole; i < values.size(); ++i) {
    const double value = values[i];
    lanes[i - whole] += value * value;
  }
  return tree_sum(lanes);
}

// The left subtree of the root is the largest full one that leaves something to the right; a lone value moves up as it
// is.
double tree_sum(std::span<const double> values) {
  if (values.empty()) return 0.0;
  if (values.size() == 1) return values.front();
  const std::size_t left = std::bit_ceil(values.size()) / 2;
  return tree_sum(values.first(left)) + tree_sum(values.subspan(left));
}

std::uint64_t digest(std::span<const float> values) {
  DigestLanes lanes;
  const std::size_t whole = values.size() - values.size() % kLanes;
  for (std::size_t i = 0; i < whole; i += kLanes) {
#pragma GCC unroll 16  // without it the lanes live in memory, at two fifths of the speed
    for (std::size_t lane = 0; lane < kLanes; ++lane) lanes.absorb(lane, values[i + lane]);
  }
  for (std::size_t i = whole; i < values.size(); ++i) lanes.absorb(i - whole, values[i]);

  // The lanes start alike and are told apart here: each is mixed into all before it.
  std::uint64_t joined = mix(values.size());
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    joined = mix(joined ^ ((std::uint64_t{lanes.a[lane]} << 32) | lanes.b[lane]));
  }
  return joined;
}

}  // namespace fulmar::core
