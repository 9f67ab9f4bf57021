#include "runtime/core/reduction.hpp"

#include <iterator>

namespace fulmar::core {

const char* to_string(Acceptance acceptance) {
  switch (acceptance) {
    case Acceptance::accepted:
      return "accepted";
    case Acceptance::duplicate:
      return "duplicate";
    case Acceptance::covered:
      return "covered";
    case Acceptance::mismatch:
      return "mismatch";
    case Acceptance::absent:
      return "absent";
  }
  return "?";
}

Accepted Reduction::accept(Block block, std::uint64_t digest, std::uint64_t holder) {
  Accepted result;
  if (!tree_.contains(block)) return result;
  block = tree_.canonical(block);

  const auto [copy, first] = seen_.try_emplace(block, Copy{digest, holder});
  if (!first && copy->second.digest != digest) {
    result.acceptance = Acceptance::mismatch;
    result.holder = copy->second.holder;
    return result;
  }
  if (covered(block)) {
    result.acceptance = first ? Acceptance::covered : Acceptance::duplicate;
    return result;
  }

  result.acceptance = Acceptance::accepted;
  result.replaced = take_descendants(block);
  held_.insert(block);
  while (block != tree_.root() && held_.contains(tree_.sibling(block))) {
    held_.erase(tree_.sibling(block));
    held_.erase(block);
    block = tree_.parent(block);
    held_.insert(block);
    result.combined.push_back(block);
  }
  return result;
}

// Held blocks do not overlap, so only one of them can cover the block: the last that does not begin after it.
bool Reduction::covered(const Block& block) const {
  const auto after = held_.upper_bound(block);
  // The one cover that sorts after the block begins with the same leaf and is larger.
  if (after != held_.end() && tree_.covers(*after, block)) return true;
  return after != held_.begin() && tree_.covers(*std::prev(after), block);
}

std::vector<Block> Reduction::take_descendants(const Block& block) {
  const auto first = held_.lower_bound({0, tree_.first_leaf(block)});
  const auto last = held_.lower_bound({0, tree_.end_leaf(block)});
  const std::vector<Block> descendants(first, last);
  held_.erase(first, last);
  return descendants;
}

std::vector<Block> Reduction::missing() const {
  std::vector<Block> gaps;
  std::uint64_t leaf = 0;
  const auto add_gap = [&](std::uint64_t end) {
    const std::vector<Block> blocks = tree_.decompose(leaf, end);
    gaps.insert(gaps.end(), blocks.begin(), blocks.end());
  };
  for (const Block& held : held_) {
    add_gap(tree_.first_leaf(held));
    leaf = tree_.end_leaf(held);
  }
  add_gap(tree_.present());
  return gaps;
}

}  // namespace fulmar::core
