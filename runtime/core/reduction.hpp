// What a shard holds of one round's tree, and what it accepts.
//
// Any complete node of the tree that no accepted ancestor covers is accepted; it replaces its descendants. Blocks may
// overlap after a re-lease. Siblings are combined as soon as both are held, so few buffers are alive; the order of
// arrival changes which buffers are alive, never a bit of the root.
// Thread rule: owned by one state machine.
//
// REDUCE-1: a leaf is in at most one held block: it enters the round at most once.
// REDUCE-2: the round is complete when the root is held: completion is defined by data, not by membership.
// REDUCE-3: two copies of one node must carry the same digest; where they differ, nothing is accepted.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "runtime/core/block.hpp"

namespace fulmar::core {

enum class Acceptance {
  accepted,
  duplicate,  ///< the same node, the same digest, again
  covered,    ///< an accepted ancestor holds these leaves already
  mismatch,   ///< the same node with another digest: computation was not deterministic
  absent      ///< no such node in this round's tree
};
const char* to_string(Acceptance acceptance);

struct Accepted {
  Acceptance acceptance = Acceptance::absent;
  std::vector<Block> replaced;          ///< held descendants to discard
  std::vector<Block> combined;          ///< parents to make of their two halves, in this order
  std::optional<std::uint64_t> holder;  ///< mismatch: who pushed the other copy
};

/// By first leaf; blocks that begin with the same leaf, smaller ones first.
struct InLeafOrder {
  bool operator()(const Block& a, const Block& b) const {
    const std::uint64_t leaf_a = a.index << a.level;
    const std::uint64_t leaf_b = b.index << b.level;
    return leaf_a != leaf_b ? leaf_a < leaf_b : a.level < b.level;
  }
};

class Reduction {
 public:
  using Held = std::set<Block, InLeafOrder>;

  explicit Reduction(BlockTree tree) : tree_(tree) {}

  const BlockTree& tree() const { return tree_; }
  /// `holder` identifies the pusher, for the alarm. Takes time logarithmic in what is held, beside what it replaces.
  Accepted accept(Block block, std::uint64_t digest, std::uint64_t holder);
  bool complete() const { return held_.contains(tree_.root()); }
  const Held& held() const { return held_; }
  /// What is not held, as the fewest blocks, in order.
  std::vector<Block> missing() const;

 private:
  struct Copy {
    std::uint64_t digest = 0;
    std::uint64_t holder = 0;
  };

  bool covered(const Block& block) const;
  std::vector<Block> take_descendants(const Block& block);

  BlockTree tree_;
  Held held_;                   // no two of them overlap (REDUCE-1)
  std::map<Block, Copy> seen_;  // bounded by the nodes of the tree
};

}  // namespace fulmar::core
