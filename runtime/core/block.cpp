#include "runtime/core/block.hpp"

#include <algorithm>
#include <bit>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

std::string to_string(const Block& block) {
  return "(" + std::to_string(block.level) + ", " + std::to_string(block.index) + ")";
}

BlockTree::BlockTree(std::uint64_t leaves, std::uint64_t present)
    : levels_(static_cast<std::uint32_t>(std::countr_zero(leaves))), present_(present) {
  FULMAR_ASSERT(std::has_single_bit(leaves), "leaves = " + std::to_string(leaves) + " is no power of two");
  FULMAR_ASSERT(present >= 1 && present <= leaves, std::to_string(present) + " of " + std::to_string(leaves));
}

std::uint64_t BlockTree::end_leaf(const Block& block) const {
  return std::min((block.index + 1) << block.level, present_);
}

bool BlockTree::contains(const Block& block) const {
  return block.level <= levels_ && block.index < (std::uint64_t{1} << (levels_ - block.level)) &&
         first_leaf(block) < present_;
}

bool BlockTree::right_absent(const Block& block) const {
  return block.level > 0 && ((2 * block.index + 1) << (block.level - 1)) >= present_;
}

Block BlockTree::canonical(Block block) const {
  FULMAR_ASSERT(contains(block), "TREE-2: no such block " + to_string(block));
  while (right_absent(block)) block = {block.level - 1, 2 * block.index};
  return block;
}

Block BlockTree::left(const Block& block) const {
  return canonical({block.level - 1, 2 * block.index});
}

Block BlockTree::right(const Block& block) const {
  return canonical({block.level - 1, 2 * block.index + 1});
}

Block BlockTree::parent(const Block& block) const {
  FULMAR_ASSERT(block != root(), "the root has no parent");
  Block up{block.level + 1, block.index / 2};
  while (right_absent(up)) up = {up.level + 1, up.index / 2};
  return up;
}

Block BlockTree::sibling(const Block& block) const {
  const Block up = parent(block);
  const Block left_half = left(up);
  return left_half == block ? right(up) : left_half;
}

bool BlockTree::covers(const Block& outer, const Block& inner) const {
  return first_leaf(outer) <= first_leaf(inner) && end_leaf(inner) <= end_leaf(outer);
}

std::vector<Block> BlockTree::decompose(std::uint64_t begin, std::uint64_t end) const {
  std::vector<Block> blocks;
  end = std::min(end, present_);
  while (begin < end) {
    std::uint32_t level = begin == 0 ? levels_ : static_cast<std::uint32_t>(std::countr_zero(begin));
    // A block that reaches beyond what is present is whole when it has all that is present.
    while (end_leaf({level, begin >> level}) > end) --level;
    const Block block{level, begin >> level};
    blocks.push_back(canonical(block));
    begin = end_leaf(block);
  }
  return blocks;
}

std::vector<Block> BlockTree::split(const Block& block, std::uint32_t level) const {
  if (block.level <= level) return {block};
  std::vector<Block> parts = split(left(block), level);
  const std::vector<Block> rest = split(right(block), level);
  parts.insert(parts.end(), rest.begin(), rest.end());
  return parts;
}

}  // namespace fulmar::core
