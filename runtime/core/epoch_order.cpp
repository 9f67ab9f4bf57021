#include "runtime/core/epoch_order.hpp"

#include <algorithm>
#include <bit>
#include <string>

#include "runtime/vocabulary/assert.hpp"
#include "runtime/vocabulary/random.hpp"

namespace fulmar::core {
namespace {

// Four rounds make a Feistel network a pseudo-random permutation as the halves grow (Luby and Rackoff, 1988), but a
// data set's halves are only 1 to 16 bits wide. Six suffice when nearly the whole domain is looked at, as an epoch does
// (Patarin, "Security of balanced and unbalanced Feistel schemes", 2010); two more are a margin for the tiny domains.
constexpr std::uint32_t kRounds = 8;

}  // namespace

EpochOrder::EpochOrder(std::uint64_t seed, std::uint64_t epoch, std::uint64_t samples) : samples_(samples) {
  FULMAR_ASSERT(samples > 0, "an epoch without samples has no order");
  half_bits_ = std::max(1u, (static_cast<unsigned>(std::bit_width(samples - 1)) + 1) / 2);
  const auto words = RandomStream(seed, Purpose::epoch_order, epoch, 0).words(0);
  key_ = {words[0], words[1]};
}

std::uint64_t EpochOrder::sample_at(std::uint64_t position) const {
  FULMAR_ASSERT(position < samples_, "ORDER-1: position " + std::to_string(position) + " of an epoch of " +
                                         std::to_string(samples_) + " samples");
  // Following the cycle of `position` until it is back inside is a bijection of the inside. The domain of the network
  // is at most four times as large, so the walk takes fewer than four steps on average.
  std::uint64_t value = permute_once(position);
  while (value >= samples_) value = permute_once(value);
  return value;
}

std::uint64_t EpochOrder::permute_once(std::uint64_t value) const {
  const auto mask = static_cast<std::uint32_t>((std::uint64_t{1} << half_bits_) - 1);
  auto left = static_cast<std::uint32_t>(value >> half_bits_);
  auto right = static_cast<std::uint32_t>(value) & mask;
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    const std::uint32_t mixed = left ^ (philox4x32({right, round, 0, 0}, key_)[0] & mask);
    left = right;
    right = mixed;
  }
  return (std::uint64_t{left} << half_bits_) | right;
}

}  // namespace fulmar::core
