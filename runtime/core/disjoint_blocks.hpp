// Blocks of one tree that share no leaf, found by the leaves they have: what a block lies in, whether any lie in it.
// Thread rule: owned by one state machine.
//
// DISJOINT-1: no leaf is in two of the blocks.
#pragma once

#include <cstdint>
#include <iterator>
#include <optional>
#include <set>

#include "runtime/core/block.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

/// Takes canonical blocks of one tree: of two that share a leaf, one lies in the other. Look-ups are logarithmic.
class DisjointBlocks {
 public:
  void insert(const Block& block) {
    FULMAR_ASSERT(!covering(block) && !any_inside(block), "DISJOINT-1: " + to_string(block) + " overlaps another");
    blocks_.insert(block);
  }
  void clear() { blocks_.clear(); }

  /// The one that has every leaf of `block`; it may be `block` itself.
  std::optional<Block> covering(const Block& block) const {
    const auto after = blocks_.upper_bound(block);
    if (after == blocks_.begin() || !lies_in(block, *std::prev(after))) return std::nullopt;
    return *std::prev(after);
  }
  /// Whether `block` has every leaf of one of them.
  bool any_inside(const Block& block) const {
    const auto first = blocks_.lower_bound(block);
    return first != blocks_.end() && lies_in(*first, block);
  }

 private:
  struct ByFirstLeaf {
    bool operator()(const Block& a, const Block& b) const { return a.index << a.level < b.index << b.level; }
  };
  static bool lies_in(const Block& inner, const Block& outer) {
    return inner.level <= outer.level && inner.index >> (outer.level - inner.level) == outer.index;
  }

  std::set<Block, ByFirstLeaf> blocks_;
};

}  // namespace fulmar::core
