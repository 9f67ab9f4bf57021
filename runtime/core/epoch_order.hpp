// The order in which an epoch visits the samples: a keyed pseudo-random permutation that any node computes in O(1)
// memory, for any data-set size (a balanced Feistel network over the next even number of bits, with cycle walking:
// Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002; the round function is Philox).
// Thread rule: immutable.
//
// ORDER-1: for each (seed, epoch), position → sample is a bijection of [0, samples).
#pragma once

#include <array>
#include <cstdint>

namespace fulmar::core {

class EpochOrder {
 public:
  EpochOrder(std::uint64_t seed, std::uint64_t epoch, std::uint64_t samples);
  /// The sample at `position`, both in [0, samples).
  std::uint64_t sample_at(std::uint64_t position) const;

 private:
  std::uint64_t permute_once(std::uint64_t value) const;

  std::uint64_t samples_ = 0;
  unsigned half_bits_ = 1;
  std::array<std::uint32_t, 2> key_{};
};

}  // namespace fulmar::core
