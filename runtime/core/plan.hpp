// Who computes which leaves of a round. A plan is complete, numbered and sticky: in force from a stated version until
// the next one replaces it; workers follow it without asking.
// Thread rule: plain values and a pure function.
//
// PLAN-1: the blocks of a plan are disjoint and cover every leaf of a round.
// PLAN-2: a plan is a function of the members and their capacities alone (sorted by node), never of arrival order.
#pragma once

#include <vector>

#include "runtime/core/block.hpp"
#include "runtime/core/identity.hpp"

namespace fulmar::core {

struct Holding {
  NodeId node = 0;
  Incarnation incarnation = 0;
  std::vector<Block> blocks;  ///< of the full round's tree; in a short round, what is present of them
  bool operator==(const Holding&) const = default;
};

/// What a member can do: slots now, measured samples per second later. Only ratios matter.
struct Capacity {
  NodeId node = 0;
  Incarnation incarnation = 0;
  double speed = 1;
};

/// The sync policy's plan: each member gets a contiguous range of the `leaves` in proportion to its speed, as few
/// aligned blocks as that range allows. `members` may be empty: then nobody holds anything.
std::vector<Holding> plan_sync_round(std::vector<Capacity> members, const BlockTree& tree);

}  // namespace fulmar::core
