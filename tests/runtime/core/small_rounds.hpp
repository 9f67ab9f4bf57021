// Aggregators of rounds of four leaves of one sample, for tests of which versions reach which member.
// Thread rule: pure functions.
#pragma once

#include "runtime/core/aggregator.hpp"

namespace fulmar::core::small_rounds {

inline constexpr Term kTerm = 3;
inline constexpr Block kRoot{2, 0};

/// `rounds` an epoch, validated at its end.
inline AggregatorSettings settings(ShardId shard, std::uint32_t shards, std::uint64_t rounds) {
  return {{1, 4 * rounds, 2, 1, 4}, kTerm, shard, shards, {}, 0, {}, {}, {}, false};
}

inline Sender sender(Incarnation incarnation) {
  return {static_cast<NodeId>(incarnation), incarnation, kTerm};
}

}  // namespace fulmar::core::small_rounds
