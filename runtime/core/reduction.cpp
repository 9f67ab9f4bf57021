#include "runtime/core/reduction.hpp"

#include <algorithm>

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
  const auto covers = [&](const Block& held) { return tree_.covers(held, block); };
  if (std::any_of(held_.begin(), held_.end(), covers)) {
    result.acceptance = first ? Acceptance::covered : Acceptance::duplicate;
    return result;
  }

  result.acceptance = Acceptance::accepted;
  for (const Block& held : held_) {
    if (tree_.covers(block, held)) result.replaced.push_back(held);
  }
  for (const Block& replaced : result.replaced) held_.erase(replaced);
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

}  // namespace fulmar::core
