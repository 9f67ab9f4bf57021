// Who speaks, and in which life. Every message carries it; nothing of an old incarnation or term is applied.
// Thread rule: plain values.
#pragma once

#include <cstdint>

#include "runtime/core/run_state.hpp"

namespace fulmar::core {

using NodeId = std::uint32_t;
using SlotId = std::uint32_t;
using ShardId = std::uint32_t;
/// Issued by the head once per session of a node, never used twice in a run's term.
using Incarnation = std::uint64_t;

struct Sender {
  NodeId node = 0;
  Incarnation incarnation = 0;
  Term term = 0;
  bool operator==(const Sender&) const = default;
};

}  // namespace fulmar::core
