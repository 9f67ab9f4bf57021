// Agreeing with the shards on the version of a checkpoint: the cut is announced before any shard passes it; a shard that
// is past it says so, and a later one is tried with twice the margin.
// Thread rule: owned by one state machine.
//
// CUT-1: at most one cut is being agreed on; it holds only when every shard has accepted it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>

#include "runtime/core/identity.hpp"
#include "runtime/core/lease.hpp"

namespace fulmar::core {

class CutSchedule {
 public:
  explicit CutSchedule(std::uint32_t shards) : shards_(shards) {}

  bool pending() const { return proposed_.has_value(); }
  std::optional<Version> proposed() const { return proposed_; }
  /// The version to announce, given the newest one that is known to be out; never beyond `end`.
  Version propose(Version newest, Version end) {
    accepted_.clear();
    proposed_ = std::min(newest + margin_, end);
    return *proposed_;
  }
  /// True when this acceptance makes the cut hold.
  bool accept(ShardId shard, Version version) {
    if (proposed_ != version) return false;
    accepted_.insert(shard);
    if (accepted_.size() < shards_) return false;
    proposed_.reset();
    return true;
  }
  /// The cut came too late for some shard. True when it was the proposed one: propose again.
  bool miss(Version version) {
    if (proposed_ != version) return false;
    proposed_.reset();
    margin_ = std::max<std::uint64_t>(1, std::min<std::uint64_t>(2 * margin_, kMarginMax));
    return true;
  }

 private:
  static constexpr std::uint64_t kMarginMax = 1024;

  std::uint32_t shards_;
  std::uint64_t margin_ = 0;
  std::optional<Version> proposed_;
  std::set<ShardId> accepted_;
};

}  // namespace fulmar::core
