// The binary tree over the leaves of a round, and its aligned nodes.
//
// A round has L leaves (a power of two), of which the first `present` exist: the last round of an epoch may be short.
// Block (k, i) stands for leaves [i·2^k, (i+1)·2^k). A block whose right half is absent has the value of its left half:
// it is *copied*, never added (−0 + +0 = +0 would change bits). canonical() names such blocks by the lowest one of the
// same value, so that one value has one name.
// Thread rule: plain values.
//
// TREE-1: value(k, i) = value(k−1, 2i) + value(k−1, 2i+1), in this order, when both halves are present.
// TREE-2: canonical blocks are in one-to-one correspondence with distinct values.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace fulmar::core {

struct Block {
  std::uint32_t level = 0;
  std::uint64_t index = 0;
  auto operator<=>(const Block&) const = default;
};

std::string to_string(const Block& block);

class BlockTree {
 public:
  /// `leaves`: a power of two. 1 ≤ present ≤ leaves.
  BlockTree(std::uint64_t leaves, std::uint64_t present);

  std::uint64_t present() const { return present_; }
  /// The canonical name of the whole round.
  Block root() const { return canonical({levels_, 0}); }
  std::uint64_t first_leaf(const Block& block) const { return block.index << block.level; }
  /// One past the last leaf of the block that is present.
  std::uint64_t end_leaf(const Block& block) const;
  std::uint64_t leaf_count(const Block& block) const { return end_leaf(block) - first_leaf(block); }
  bool has_leaf(const Block& block, std::uint64_t leaf) const {
    return first_leaf(block) <= leaf && leaf < end_leaf(block);
  }
  /// Whether the block lies in the tree and has a leaf that is present.
  bool contains(const Block& block) const;
  Block canonical(Block block) const;

  // The following take and give canonical blocks.
  Block left(const Block& block) const;
  Block right(const Block& block) const;
  Block parent(const Block& block) const;   ///< of any block but the root
  Block sibling(const Block& block) const;  ///< of any block but the root
  /// Whether every leaf of `inner` is one of `outer`.
  bool covers(const Block& outer, const Block& inner) const;

  /// Leaves [begin, end) as the fewest canonical blocks, in order; clipped to what is present.
  std::vector<Block> decompose(std::uint64_t begin, std::uint64_t end) const;
  /// The blocks of at most 2^level leaves that make up `block`, in order.
  std::vector<Block> split(const Block& block, std::uint32_t level) const;

 private:
  bool right_absent(const Block& block) const;

  std::uint32_t levels_ = 0;
  std::uint64_t present_ = 0;
};

}  // namespace fulmar::core
