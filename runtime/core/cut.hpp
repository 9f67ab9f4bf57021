// Agreeing with the shards on the version of a checkpoint: the cut is announced before any shard passes it; a shard
// that is past it says so, and a later one is tried with twice the margin. When no round goes on any more, margins are
// no help and a version that is never reached would never be cut: then the version is named exactly. Thread rule: owned
// by one state machine.
//
// CUT-1: at most one cut is being agreed on; it holds only when every shard has accepted this very proposal.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <utility>

#include "runtime/core/identity.hpp"
#include "runtime/core/lease.hpp"

namespace fulmar::core {

class CutSchedule {
 public:
  explicit CutSchedule(std::uint32_t shards) : shards_(shards) {}

  bool pending() const { return proposed_.has_value(); }
  std::optional<Version> proposed() const { return proposed_; }
  /// What tells the answers to this proposal from those to an earlier one of the same version; 0 is nobody's.
  std::uint64_t attempt() const { return attempt_; }
  bool is_pending(std::uint64_t attempt) const { return pending() && attempt == attempt_; }

  /// The version to announce, given the newest one that is known to be out; never beyond `end`.
  Version propose(Version newest, Version end) { return propose_exactly(std::min(newest + margin_, end)); }
  /// The same without a margin: a version that every shard has reached or is about to.
  Version propose_exactly(Version version) {
    ++attempt_;
    accepted_.clear();
    proposed_ = version;
    return version;
  }
  /// Gives up what is proposed, and says what it was.
  std::optional<Version> withdraw() { return std::exchange(proposed_, std::nullopt); }
  /// True when this acceptance makes the cut hold.
  bool accept(ShardId shard, std::uint64_t attempt) {
    if (!is_pending(attempt)) return false;
    accepted_.insert(shard);
    if (accepted_.size() < shards_) return false;
    proposed_.reset();
    return true;
  }
  /// A cut came too late for some shard.
  void widen_margin() { margin_ = std::max<std::uint64_t>(1, std::min<std::uint64_t>(2 * margin_, kMarginMax)); }

 private:
  static constexpr std::uint64_t kMarginMax = 1024;

  std::uint32_t shards_;
  std::uint64_t margin_ = 0;
  std::uint64_t attempt_ = 0;
  std::optional<Version> proposed_;
  std::set<ShardId> accepted_;
};

}  // namespace fulmar::core
