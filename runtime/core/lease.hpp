// The right, with a deadline, to compute a block. A lease ends when its work is done, when its holder's incarnation
// ends, or at its deadline; the work of an ended lease is free to be leased again.
// Thread rule: owned by one state machine; `now` is an argument.
//
// LEASE-1: an unfinished block is either held by a living incarnation or free: it is never lost.
// LEASE-2: a block is finished at most once.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "runtime/core/block.hpp"
#include "runtime/core/identity.hpp"

namespace fulmar::core {

/// Time since an arbitrary start, on one monotonic clock.
using Time = std::chrono::nanoseconds;

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
  /// Moves the deadlines of an incarnation's leases: it was heard of.
  void renew(Incarnation incarnation, Time deadline);
  /// Frees what the incarnation holds. Returns the freed blocks.
  std::vector<Block> end_incarnation(Incarnation incarnation);
  /// Frees what is past its deadline. Returns the freed blocks.
  std::vector<Block> expire(Time now);

 private:
  std::map<Block, std::optional<Lease>> open_;  // unfinished blocks; no lease: free
};

}  // namespace fulmar::core
