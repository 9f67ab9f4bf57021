// What the roles say to each other. Tensors travel beside these, as shared buffers in a process, as chunks between
// processes; here they are named, never held.
// Thread rule: plain values.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/core/attempt.hpp"
#include "runtime/core/block.hpp"
#include "runtime/core/identity.hpp"
#include "runtime/core/plan.hpp"
#include "runtime/core/policy.hpp"
#include "runtime/core/verdict.hpp"

namespace fulmar::core {

// ---- worker → supervisor

/// A node asks to take part. Sent again, unchanged, until it is answered.
struct Join {
  std::string name;
  std::uint32_t slots = 1;
  std::uint64_t instance = 0;  ///< drawn once by a process, so that it is known again when it returns; 0: nobody's
  std::uint64_t attempt = 0;   ///< of this process, one more for each new session
  bool local = false;          ///< set in the head's own process only, never taken from a network
};

/// What a process has used of its machine, for metrics.
struct ProcessUsage {
  double cpu_seconds = 0;     ///< user and system, all threads, since its start
  double resident_bytes = 0;  ///< now; 0 where the system does not tell
  bool operator==(const ProcessUsage&) const = default;
};

/// A member lives: its newest version, and how fast it computes, as it measured.
struct Beat {
  Sender sender;
  std::optional<Version> holds;
  double leaves_per_second = 0;  ///< 0: not measured yet
  ProcessUsage usage{};
};

/// A member wants to leave: it finishes what is running, hands back the rest and goes.
struct Leave {
  Sender sender;
};

/// Nothing is running any longer, and what was finished is with the shards.
struct Drained {
  Sender sender;
};

/// Which leaf a slot was at; `validation` says of which tree.
struct LeafId {
  std::uint64_t version = 0;  ///< the validated version; or the unit, which is the version of a synchronous round
  bool validation = false;
  std::uint64_t leaf = 0;
  auto operator<=>(const LeafId&) const = default;
};

/// A slot died. `leaf` is meaningful when `at_leaf`.
struct SlotFailed {
  Sender sender;
  SlotId slot = 0;
  bool at_leaf = false;
  LeafId leaf;
  std::string cause;
};

/// A leaf's loss or gradient has an infinity or a NaN.
struct LeafNotFinite {
  Sender sender;
  LeafId leaf;
};

struct LeafLoss {
  double loss_sum = 0;
  double weight_sum = 0;
  bool operator==(const LeafLoss&) const = default;
};

/// The losses of the leaves of a block of the validation tree, in leaf order.
struct BlockValidated {
  Sender sender;
  Version version = 0;
  Block block;
  std::vector<LeafLoss> losses;
};

// ---- supervisor → worker

struct Welcome {
  Sender identity;  ///< who the worker is from now on
  Version end_version = 0;
  std::uint64_t attempt = 0;   ///< of the Join that this answers, …
  std::uint64_t instance = 0;  ///< … and whose that was: a process may have the address of one before it
};

struct PlanChanged {
  std::uint64_t number = 0;
  Version from_version = 0;
  std::vector<Block> blocks;  ///< of this worker, of a full round's tree
};

/// What the worker is to do in this one round, instead of what its plan says: complete, in the order of computing.
struct RoundLease {
  Version base = 0;
  std::vector<Block> blocks;  ///< of this round's tree
};

/// Compute this whole unit from the weights of `base`, which every shard sends for it.
struct UnitLease {
  LeaseNumber lease = 0;
  Unit unit = 0;
  Version base = 0;
};

/// What it makes of that unit is of no use any longer.
struct LeaseRevoked {
  LeaseNumber lease = 0;
};

/// Finish what is running, start nothing more. A unit that was begun is finished.
struct Drain {};

/// The session is over.
struct Farewell {
  std::string reason;
  bool may_return = false;  ///< with a new session
};

struct ValidationLease {
  Version version = 0;
  std::vector<Block> blocks;  ///< of the validation tree
};

struct RestartSlot {
  SlotId slot = 0;
};

/// No round with base ≥ `version` is to be computed.
struct EndAt {
  Version version = 0;
};

/// Nobody needs this version any longer. Also to aggregators.
struct ReleaseVersion {
  Version version = 0;
};

// ---- worker → aggregator

/// A complete tree node of a unit; its vector's extent of the shard travels beside it. Of a leased unit it is the root.
struct BlockPushed {
  Sender sender;
  Version base = 0;  ///< the version that it was computed from
  Block block;
  std::uint64_t digest = 0;  ///< of the shard's extent
  bool finite = true;        ///< of every leaf in it, over the whole vector
  double loss_sum = 0;
  double weight_sum = 0;
  LeaseNumber lease = 0;       ///< 0: of round `base`
  Unit unit = 0;               ///< of round `base`: the same as that
  double compute_seconds = 0;  ///< for metrics: since the sender began the unit, on its own clock
};

/// Every slice of the version is here. To the lead.
struct VersionHeld {
  Sender sender;
  Version version = 0;
};

// ---- supervisor → aggregator

struct MemberAdmitted {
  NodeId node = 0;
  Incarnation incarnation = 0;
};
/// Its session is over. Each shard answers with what it lacks.
struct MemberLost {
  Incarnation incarnation = 0;
};
/// The member has the lease, and is to be sent the base's slices for it.
struct UnitGranted {
  Attempt attempt;
};
/// The lease is over: take nothing more for it. The lead answers with AttemptVoided, unless its verdict came before.
struct LeaseEnded {
  LeaseNumber lease = 0;
};
/// To the lead: begin to work by this policy, at the next version.
struct PolicyRequested {
  PolicySettings policy;
};
/// Keep version `version`, with its optimizer state, for a checkpoint.
struct CutAnnounced {
  Version version = 0;
  std::uint64_t attempt = 0;  ///< comes back in the answer
};

// ---- aggregator → supervisor

struct ShardPublished {
  ShardId shard = 0;
  Version version = 0;
};
struct CutAccepted {
  ShardId shard = 0;
  Version version = 0;
  std::uint64_t attempt = 0;
};
/// The cut came too late: the shard is at version `at` already.
struct CutMissed {
  ShardId shard = 0;
  Version version = 0;
  Version at = 0;
  std::uint64_t attempt = 0;
};
/// A round is late, or a member was lost in it: what the shard lacks, as the fewest blocks of the round's tree.
/// Nothing: it has all now, after it had said otherwise.
struct Late {
  ShardId shard = 0;
  Version base = 0;
  std::vector<Block> missing;
  bool by_time = false;  ///< longer than rounds usually take
};
/// The shard works by the new policy, from `version` on.
struct PolicyTaken {
  ShardId shard = 0;
  Version version = 0;
};
struct DeterminismAlarm {
  ShardId shard = 0;
  Version base = 0;
  Block block;
  NodeId first = 0;
  NodeId second = 0;
};

// ---- lead → aggregators, in one order with its verdicts

/// From `version` on the run works by this policy; what is held of a round of another one is void.
struct PolicyBegins {
  Version version = 0;
  PolicySettings policy;
};

/// Every shard has staged the attempt, and it waits for its turn: its holder may begin something else. To the
/// supervisor.
struct AttemptStaged {
  LeaseNumber lease = 0;
};

/// The attempt has no place in the order of updates, and never will. Also to the supervisor.
struct AttemptVoided {
  LeaseNumber lease = 0;
};

/// Send the member this version: it is new, or was too far behind when it was published and is not any longer.
struct CatchUp {
  Incarnation incarnation = 0;
  Version version = 0;
};

// ---- aggregator → worker

/// The shard's extent of a version travels beside it.
struct VersionSlice {
  ShardId shard = 0;
  Version version = 0;
  LeaseNumber lease = 0;  ///< for which it is the base; 0: for whoever is a member
};

}  // namespace fulmar::core
