// The right, with a deadline, to compute a block. A lease ends when its work is done, when its holder's incarnation
// ends, or at its deadline; the work of an ended lease is free to be leased again.
// Thread rule: owned by one state machine; `now` is an argument.
//
// LEASE-1: an unfinished block is either held by a living incarnation or free: it is never lost.
// LEASE-2: a block is finished at most once.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "runtime/core/block.hpp"
#include "runtime/core/identity.hpp"
#include "runtime/core/liveness.hpp"

namespace fulmar::core {

struct Lease {
  NodeId node = 0;
  Incarnation incarnation = 0;
  Time deadline{};
};

class LeaseTable {
 public:
  /// Starts with every one of `blocks` free.
  explicit LeaseTable(const std::vector<Block>& blocks);

  std::vector<Block> free_blocks() const;
  void grant(const Block& block, const Lease& lease);
  /// False when the block was finished before or is none of this table's.
  bool finish(const Block& block);
  /// Replaces a free block by its parts, free as well.
  void split(const Block& block, const std::vector<Block>& parts);
  /// How often the block has been granted.
  std::uint32_t grants(const Block& block) const;
  /// Frees what the incarnation holds. Returns the freed blocks.
  std::vector<Block> end_incarnation(Incarnation incarnation);
  /// Frees what is past its deadline. Returns the freed blocks.
  std::vector<Block> expire(Time now);

 private:
  struct Unfinished {
    std::optional<Lease> lease;  // nothing: free
    std::uint32_t grants = 0;
  };
  template <class Ends>
  std::vector<Block> free_where(Ends ends);

  std::map<Block, Unfinished> open_;
};

}  // namespace fulmar::core
