// What a peer may speak of. The codec passes every message that the types can hold; the roles of the core trust each
// other to name leaves, slots and versions that exist. So whatever comes over a network is held against these rules
// first: by the head, what nodes send, and by a node, what the head sends. Whoever breaks one ends its session.
// Thread rule: pure functions.
//
// RULE-1: no message that passes makes a role of the core assert, reach beyond what it has, or overflow.
// RULE-2: what a peer can make a role remember is bounded by the versions that are alive, and by the run's shape.
// RULE-3: nothing that a correct peer sends is refused.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/core/run_shape.hpp"
#include "runtime/core/session_message.hpp"

namespace fulmar::transport {

/// No run has more versions, units or leases of units; there is room above for arithmetic.
inline constexpr core::Version kVersionMax = core::Version{1} << 62;
inline constexpr std::uint32_t kNodeSlotsMax = 4096;
/// Nobody is slower or quicker; and what the quickest does while the slowest does a round of thousands of leaves can be
/// counted in 64 bits.
inline constexpr double kLeavesPerSecondMin = 1e-6;
inline constexpr double kLeavesPerSecondMax = 1e9;

/// What a session's messages are held against.
struct MessageBounds {
  core::RunShape shape;
  std::uint32_t shards = 1;
  std::uint32_t slots = 1;  ///< of the session's node
  /// Nobody speaks of a later version. For what a node sends: the newest one that it was sent a slice of.
  core::Version newest = kVersionMax;
  /// Nor of a later unit. For what a node sends: the last one that it was leased, or its newest version's.
  core::Unit newest_unit = kVersionMax;
  /// Nor of a later lease of a unit. For what a node sends: the newest that it was given; 0: none.
  core::LeaseNumber newest_lease = kVersionMax;
};

/// Why the message cannot come from a correct peer, if so.
std::optional<std::string> reason_to_refuse(const core::SessionMessage& message, const MessageBounds& bounds);
std::optional<std::string> reason_to_refuse(const core::Join& join);

}  // namespace fulmar::transport
