// Who computes which leaves of a round. A plan is complete, numbered and sticky: in force from a stated version until
// the next one replaces it; workers follow it without asking.
// Thread rule: plain values and a pure function.
//
// PLAN-1: the blocks of a plan are disjoint and cover every leaf of a round.
// PLAN-2: a plan is a function of the members and their capacities alone (sorted by node), never of arrival order.
#pragma once

#include <cstdint>
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

/// How many leaves of `tree` it has.
std::uint64_t leaves_of(const Holding& holding, const BlockTree& tree);

/// How fast a node is. n leaves on s slots take as many steps as the fullest slot has leaves.
struct Pace {
  double leaves_per_second = 1;  ///< with all slots busy
  std::uint32_t slots = 1;

  double seconds_for(std::uint64_t leaves) const {
    const std::uint64_t steps = (leaves + slots - 1) / slots;
    return static_cast<double>(steps * slots) / leaves_per_second;
  }
};

/// What a member can do.
struct Capacity {
  NodeId node = 0;
  Incarnation incarnation = 0;
  Pace pace;
};

/// How many of `count` leaves each gets, so that the last is done as early as possible. `paces`: > 0.
std::vector<std::uint64_t> apportion(std::uint64_t count, const std::vector<Pace>& paces);

/// The sync policy's plan: each member gets a contiguous range of the leaves, so that all finish together as nearly as
/// whole leaves allow; within kPlanSlack of that, boundaries lie where they make for few blocks, for each block is a
/// vector to push. `members` may be empty: then nobody holds anything.
std::vector<Holding> plan_sync_round(std::vector<Capacity> members, const BlockTree& tree);

/// How long the slowest takes for its share, in seconds; holders that are not among `members` count as never.
double predicted_seconds(const std::vector<Holding>& plan, const std::vector<Capacity>& members, const BlockTree& tree);

inline constexpr double kPlanSlack = 0.02;
/// A new plan that is not at least so much faster is not worth the change.
inline constexpr double kPlanGainMin = 0.05;

}  // namespace fulmar::core
