// What a session carries: everything that a worker and the roles of the head say to each other, once the node is a
// member. Which of the head's roles is meant is the *channel*; a link for each keeps their order apart.
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <variant>

#include "runtime/core/messages.hpp"

namespace fulmar::core {

/// A role in the head's process: the supervisor, or a shard.
using Channel = std::uint32_t;
inline constexpr Channel kSupervisorChannel = 0;
inline constexpr Channel channel_of(ShardId shard) {
  return shard + 1;
}

using SessionMessage = std::variant<Beat, Leave, Drained, SlotFailed, LeafNotFinite, BlockValidated, BlockPushed,
                                    VersionHeld, PlanChanged, RoundLease, ValidationLease, RestartSlot, EndAt, Drain,
                                    ReleaseVersion, VersionSlice, UnitLease, LeaseRevoked>;

/// Whether a shard's extent of a vector travels beside the message.
inline bool has_tensor(const SessionMessage& message) {
  return std::holds_alternative<BlockPushed>(message) || std::holds_alternative<VersionSlice>(message);
}

}  // namespace fulmar::core
