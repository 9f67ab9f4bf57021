// Which leaf of the round kills nodes. A node that dies takes a whole list of leaves with it; a leaf that two nodes
// died holding is therefore leased alone (RoundLeases), and the node that dies with it then says which one it was.
// Thread rule: owned by one state machine.
//
// BLAME-1: a leaf is convicted only when so many distinct nodes died holding it, the last of them holding it alone.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "runtime/core/identity.hpp"

namespace fulmar::core {

class LeafBlame {
 public:
  /// `nodes_max`: this many distinct nodes convict.
  explicit LeafBlame(std::uint64_t nodes_max) : nodes_max_(nodes_max) {}

  /// `node` died while `leaves` of round `base` were its own and unfinished. Returns the leaf that is convicted by
  /// that.
  std::optional<std::uint64_t> died(Version base, NodeId node, const std::vector<std::uint64_t>& leaves) {
    if (base != base_) nodes_.clear(), isolated_.clear();
    base_ = base;
    std::optional<std::uint64_t> convicted;
    for (const std::uint64_t leaf : leaves) {
      nodes_[leaf].insert(node);
      if (leaves.size() == 1 && nodes_[leaf].size() >= nodes_max_) convicted = leaf;
      if (nodes_[leaf].size() + 1 >= nodes_max_) isolated_.insert(leaf);
    }
    return convicted;
  }
  /// What is to be leased alone.
  const std::set<std::uint64_t>& isolated(Version base) {
    if (base != base_) nodes_.clear(), isolated_.clear();
    base_ = base;
    return isolated_;
  }
  /// Who died holding the leaf.
  std::set<NodeId> nodes(std::uint64_t leaf) const {
    const auto found = nodes_.find(leaf);
    return found == nodes_.end() ? std::set<NodeId>{} : found->second;
  }

 private:
  std::uint64_t nodes_max_;
  Version base_ = 0;
  std::map<std::uint64_t, std::set<NodeId>> nodes_;  // who died holding the leaf
  std::set<std::uint64_t> isolated_;
};

}  // namespace fulmar::core
