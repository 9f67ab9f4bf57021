// Counter-based random numbers: every number is a pure function of what it is for, so any node computes the same one,
// in any order, with no state to hand over.
//
// Philox4x32-10 (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC'11).
// Thread rule: values, no shared state.
//
// RANDOM-1: a stream is a function of (seed, purpose, version, sample) alone.
// RANDOM-2: bits(i) of a stream does not depend on which other i were asked for.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace fulmar {

/// What random numbers are for: two purposes never share a stream.
enum class Purpose : std::uint32_t {
  epoch_order = 1,
  dropout = 2,
  initial_weights = 3,
  data_generation = 4,
  simulation = 5,
  rejoin_pause = 6
};

/// Ten rounds of Philox on one counter; the published test vectors hold for it.
std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// The random numbers of one (seed, purpose, version, sample).
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, Purpose purpose, std::uint64_t version, std::uint64_t sample);

  /// The four 32-bit words of counter `block`.
  std::array<std::uint32_t, 4> words(std::uint64_t block) const;

  /// Fills `out` with words 4·first_block, 4·first_block+1, …: the same as calling words() for each block, vectorised.
  void fill(std::uint64_t first_block, std::span<std::uint32_t> out) const;

  /// Number `index` of the stream, uniform in [0, 1), a multiple of 2⁻²⁴ (exact in float).
  float uniform(std::uint64_t index) const;

 private:
  std::array<std::uint32_t, 2> key_{};
  std::array<std::uint32_t, 2> counter_high_{};
};

}  // namespace fulmar
