// Who computes what of one round, once the plan alone does not say it any longer: somebody died, or is late.
//
// It begins as the plan and is amended by what shards report as missing: leaves without a living holder are leased anew
// at once; leaves that are late are held by a second node too, from the end of the late one's list, so that it may
// still do the beginning itself. A leaf that several nodes died holding is leased alone, to a node that has nothing
// else to do, so that the next death says which leaf it was. Thread rule: owned by one state machine; pure.
//
// ROUND-1: a missing leaf is held by a living node, or counted as an orphan.
// ROUND-2: a leaf is leased to at most two holders that are not suspected then; to one more each time that nothing has
//          come in for twice as many late reports as before.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "runtime/core/block.hpp"
#include "runtime/core/messages.hpp"
#include "runtime/core/plan.hpp"

namespace fulmar::core {

/// A member as a holder of leaves.
struct Hand {
  NodeId node = 0;
  Incarnation incarnation = 0;
  Pace pace;
  bool takes_more = true;  ///< active, not about to leave
  bool suspected = false;
};

/// All that a node holds of the round, in the order in which it should compute.
struct RoundAssignment {
  NodeId node = 0;
  Incarnation incarnation = 0;
  std::vector<Block> blocks;
};

struct Relief {
  std::vector<RoundAssignment> changed;  ///< complete for each node in it
  std::uint64_t leased = 0;              ///< leaves that had no living holder
  std::uint64_t duplicated = 0;          ///< leaves that are held by a second node now
  std::uint64_t orphans = 0;             ///< leaves that nobody can take yet
};

class RoundLeases {
 public:
  /// `tree`: of this round, which may be short. `plan`: in force for it.
  RoundLeases(Version base, BlockTree tree, const std::vector<Holding>& plan);

  Version base() const { return base_; }
  /// What a shard lacks now.
  void report(ShardId shard, const std::vector<Block>& missing);
  /// Ends the incarnation's leases. Returns the leaves it held that some shard lacks.
  std::vector<std::uint64_t> end_incarnation(Incarnation incarnation);
  /// Takes a leaf away from a node that has failed at it: if anybody else can take it, that node does not get it again.
  void revoke(NodeId node, std::uint64_t leaf);
  /// `hands`: every member that may hold or take something, by node. `isolated`: leaves to be leased alone.
  /// `duplicate`: the round is late.
  Relief relieve(const std::vector<Hand>& hands, const std::set<std::uint64_t>& isolated, bool duplicate);

  /// Leaves that some shard lacks, in order.
  std::vector<std::uint64_t> missing() const;
  /// The living holders of a leaf.
  std::vector<Incarnation> holders(std::uint64_t leaf) const;

 private:
  struct Hold {
    Incarnation incarnation = 0;
    std::set<std::uint64_t> first;   // to be computed first
    std::set<std::uint64_t> shared;  // somebody else has these too
    bool holds(std::uint64_t leaf) const { return first.contains(leaf) || shared.contains(leaf); }
    std::array<const std::set<std::uint64_t>*, 2> parts() const { return {&first, &shared}; }
  };

  class Decision;
  static constexpr std::uint64_t kStallsMax = 20;

  std::uint64_t holders_max() const;

  void lease(NodeId node, Incarnation incarnation, std::uint64_t leaf);
  std::vector<Block> blocks_of(const Hold& hold) const;

  Version base_;
  BlockTree tree_;
  std::map<NodeId, Hold> holds_;
  std::map<ShardId, std::set<std::uint64_t>> missing_;
  std::map<std::uint64_t, std::set<NodeId>> failed_at_;  // who has failed at a leaf
  std::set<NodeId> revoked_;                             // from whom something was taken since the last relief
  std::vector<std::uint64_t> stalled_at_;                // what was missing at the last late report, …
  std::uint64_t stalls_ = 0;                             // … and how often in a row it was the same
};

}  // namespace fulmar::core
