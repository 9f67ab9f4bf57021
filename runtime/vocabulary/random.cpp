#include "runtime/vocabulary/random.hpp"

#include <algorithm>
#include <cstddef>

namespace fulmar {
namespace {

constexpr int kRounds = 10;
constexpr std::uint32_t kMultiplier0 = 0xD2511F53;
constexpr std::uint32_t kMultiplier1 = 0xCD9E8D57;
constexpr std::uint32_t kWeyl0 = 0x9E3779B9;  // golden ratio
constexpr std::uint32_t kWeyl1 = 0xBB67AE85;  // sqrt(3) − 1

/// Key of the call that turns (seed, purpose) into a key: any constant would do; this one says whose it is
/// ("fulmar01").
constexpr std::array<std::uint32_t, 2> kRootKey{0x66756C6D, 0x61723031};

constexpr std::uint32_t low_half(std::uint64_t value) {
  return static_cast<std::uint32_t>(value);
}
constexpr std::uint32_t high_half(std::uint64_t value) {
  return static_cast<std::uint32_t>(value >> 32);
}

/// Blocks computed together. With fewer the compiler unrolls the loops over lanes before it could vectorise them.
constexpr std::size_t kLanes = 64;

/// Word w of block `first_block + lane` at out[4·lane + w]. One array per word, and the two halves of a product as two
/// expressions: the form that GCC turns into vector multiplications.
void fill_lanes(std::uint64_t first_block, std::array<std::uint32_t, 2> high, std::array<std::uint32_t, 2> key,
                std::uint32_t* __restrict out) {
  std::uint32_t c0[kLanes], c1[kLanes], c2[kLanes], c3[kLanes];
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    c0[lane] = low_half(first_block + lane);
    c1[lane] = high_half(first_block + lane);
    c2[lane] = high[0];
    c3[lane] = high[1];
  }
  for (int round = 0; round < kRounds; ++round) {
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const std::uint32_t high0 = high_half(std::uint64_t{kMultiplier0} * c0[lane]);
      const std::uint32_t high1 = high_half(std::uint64_t{kMultiplier1} * c2[lane]);
      const std::uint32_t low0 = kMultiplier0 * c0[lane];
      const std::uint32_t low1 = kMultiplier1 * c2[lane];
      c0[lane] = high1 ^ c1[lane] ^ key[0];
      c1[lane] = low1;
      c2[lane] = high0 ^ c3[lane] ^ key[1];
      c3[lane] = low0;
    }
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    out[4 * lane] = c0[lane];
    out[4 * lane + 1] = c1[lane];
    out[4 * lane + 2] = c2[lane];
    out[4 * lane + 3] = c3[lane];
  }
}

}  // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < kRounds; ++round) {
    const std::uint64_t product0 = std::uint64_t{kMultiplier0} * counter[0];
    const std::uint64_t product1 = std::uint64_t{kMultiplier1} * counter[2];
    counter = {high_half(product1) ^ counter[1] ^ key[0], low_half(product1), high_half(product0) ^ counter[3] ^ key[1],
               low_half(product0)};
    key[0] += kWeyl0;
    key[1] += kWeyl1;
  }
  return counter;
}

// For one key, Philox is a bijection of its counters: distinct (version, sample) give distinct streams, and distinct
// (seed, purpose) give distinct root words, of which 64 bits become the key: two of them meet by a 2⁻⁶⁴ accident.
RandomStream::RandomStream(std::uint64_t seed, Purpose purpose, std::uint64_t version, std::uint64_t sample) {
  const auto root = philox4x32({low_half(seed), high_half(seed), static_cast<std::uint32_t>(purpose), 0}, kRootKey);
  const auto derived =
      philox4x32({low_half(version), high_half(version), low_half(sample), high_half(sample)}, {root[0], root[1]});
  key_ = {derived[0], derived[1]};
  counter_high_ = {derived[2], derived[3]};
}

std::array<std::uint32_t, 4> RandomStream::words(std::uint64_t block) const {
  return philox4x32({low_half(block), high_half(block), counter_high_[0], counter_high_[1]}, key_);
}

void RandomStream::fill(std::uint64_t first_block, std::span<std::uint32_t> out) const {
  constexpr std::size_t kWordsAtOnce = 4 * kLanes;
  std::size_t done = 0;
  for (; out.size() - done >= kWordsAtOnce; done += kWordsAtOnce) {
    fill_lanes(first_block + done / 4, counter_high_, key_, out.data() + done);
  }
  if (done == out.size()) return;
  std::uint32_t rest[kWordsAtOnce];
  fill_lanes(first_block + done / 4, counter_high_, key_, rest);
  std::copy_n(rest, out.size() - done, out.data() + done);
}

float RandomStream::uniform(std::uint64_t index) const {
  return static_cast<float>(words(index / 4)[index % 4] >> 8) * 0x1p-24f;
}

}  // namespace fulmar
