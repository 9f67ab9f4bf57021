// Which leaf kills nodes. A node that dies takes a whole list of leaves with it, of a round and of validations; a leaf
// that nearly enough nodes died holding is therefore leased alone, apart from others like it, so that the next death
// tells which one it was.
// Thread rule: owned by one state machine.
//
// BLAME-1: a leaf is accused when nodes_max distinct nodes were lost holding it, and so many were lost holding no other
//          leaf that the last of them held. It is convicted when, after a while, none of them has returned and nobody
//          has finished it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "runtime/core/messages.hpp"

namespace fulmar::core {

class LeafBlame {
 public:
  /// `nodes_max`: this many distinct nodes convict.
  explicit LeafBlame(std::uint64_t nodes_max) : nodes_max_(nodes_max) {}

  /// `node` was lost while `leaves` were its own and unfinished. Returns the leaf that is accused by that.
  std::optional<LeafId> died(NodeId node, const std::vector<LeafId>& leaves) {
    std::optional<LeafId> worst;
    std::size_t equals = 0;
    for (const LeafId& leaf : leaves) {
      std::set<NodeId>& nodes = nodes_[leaf];
      nodes.insert(node);
      if (nodes.size() < nodes_max_) continue;
      worst = leaf;
      ++equals;
    }
    return equals == 1 ? worst : std::nullopt;
  }

  /// The node is alive after all.
  void acquit(NodeId node) {
    for (auto& [leaf, nodes] : nodes_) nodes.erase(node);
  }

  /// The leaves of a round, or of the validation of a version, that are to be leased alone.
  std::set<std::uint64_t> isolated(Version version, bool validation) const {
    std::set<std::uint64_t> leaves;
    for (const auto& [leaf, nodes] : nodes_) {
      const bool of_it = leaf.version == version && leaf.validation == validation;
      if (of_it && nodes.size() + 1 >= nodes_max_) leaves.insert(leaf.leaf);
    }
    return leaves;
  }

  bool is_convicted(const LeafId& leaf) const { return nodes(leaf).size() >= nodes_max_; }

  /// Who was lost holding the leaf, and has not returned.
  std::set<NodeId> nodes(const LeafId& leaf) const {
    const auto found = nodes_.find(leaf);
    return found == nodes_.end() ? std::set<NodeId>{} : found->second;
  }

  /// The rounds before `base` are over.
  void forget_rounds_before(Version base) {
    std::erase_if(nodes_, [&](const auto& entry) { return !entry.first.validation && entry.first.version < base; });
  }
  /// The version is validated.
  void forget_validation(Version version) {
    std::erase_if(nodes_, [&](const auto& entry) { return entry.first.validation && entry.first.version == version; });
  }

 private:
  std::uint64_t nodes_max_;
  std::map<LeafId, std::set<NodeId>> nodes_;  // who died holding the leaf; of what is under way
};

}  // namespace fulmar::core
