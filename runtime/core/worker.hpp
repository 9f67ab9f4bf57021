// The worker of a node, as a state machine: follows the sticky plan without asking, hands jobs to its slots, combines
// what they bring back, pushes each of its blocks once, validates what it is leased.
//
// States: *waiting for a version* (some shard's slice is missing) → *computing* a unit (jobs queued, running,
// combining) → all own blocks of it pushed → waiting for the next. In a synchronous round b the unit is b, computed
// from version b, and the own blocks are what a RoundLease of that round names, else what the plan says (the
// *assignment*). Under a UnitLease it is all of the leased unit, computed from the lease's base; newer versions do not
// disturb it. When it drains it starts nothing more, but finishes a leased unit that was begun, pushes what comes to an
// end and says when that is done. A slot is idle, busy or dead. A job is a block small enough that every slot finds
// work; its leaves are reduced by the slot itself. It measures how many leaves a second its slots compute; a job that
// is running for longer than it should lowers that. Thread rule: one owner; pure: no IO, clock, thread or logging;
// `now` is an argument, on the node's own clock.
//
// WORK-1: an unfinished block of the assignment is queued, running, combining or pushed: none is lost when a slot dies.
// WORK-2: a finished vector is used once: it is pushed, or combined into its parent, or released; no leaf is computed
// while a job or a vector has it, or after it was pushed. WORK-3: a version is worked on only when the slices of all
// shards are there. WORK-4: what a RoundLease names is computed in its order, after what is running. WORK-6: what it
// makes of a leased unit is computed from the lease's base, whatever versions it has beside it; it begins when every
// shard has sent its slice for this lease, so that every shard knows of the lease before anything is pushed for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "runtime/core/disjoint_blocks.hpp"
#include "runtime/core/liveness.hpp"
#include "runtime/core/messages.hpp"
#include "runtime/core/run_shape.hpp"

namespace fulmar::core {

enum class JobKind {
  gradient,  ///< compute the leaves of `block` and reduce them
  combine,   ///< add the two halves of `block`
  validate   ///< compute the losses of the leaves of `block`, of the validation tree
};

/// A unit that a worker computes, or what the plan gives it of one.
struct Work {
  std::uint64_t number = 0;  ///< ascending in a worker: what was begun for an earlier one is of no use
  Unit unit = 0;
  Version base = 0;
  LeaseNumber lease = 0;  ///< 0: of a synchronous round
  bool operator==(const Work&) const = default;
};

struct Job {
  JobKind kind = JobKind::gradient;
  Version version = 0;  ///< whose weights are used
  Block block;
  bool push = false;  ///< gradient, combine: the vector will probably be pushed, so its digests are wanted
  Work work{};        ///< gradient, combine
  bool operator==(const Job&) const = default;
};

namespace worker_event {
/// What a slot brings back. The vector (gradient, combine) or the losses (validate) travel beside it.
struct JobDone {
  SlotId slot = 0;
  Job job;
  std::vector<std::uint64_t> leaves_not_finite;
  bool abandoned = false;         ///< stopped early, with nothing to show for it
  std::uint64_t leaves_done = 0;  ///< gradient: how many leaves were computed, also when it was abandoned
};
/// A slot died; what it was doing is lost.
struct SlotDied {
  SlotId slot = 0;
  bool at_leaf = false;
  LeafId leaf;
  std::string cause;
};
}  // namespace worker_event

using WorkerEvent =
    std::variant<Welcome, PlanChanged, RoundLease, ValidationLease, RestartSlot, EndAt, Drain, ReleaseVersion,
                 VersionSlice, UnitLease, LeaseRevoked, worker_event::JobDone, worker_event::SlotDied>;

namespace worker_effect {
struct StartJob {
  SlotId slot;
  Job job;
};
/// Keep the slice that came with the event; without this effect it is not wanted.
struct KeepSlice {
  Version version;
  ShardId shard;
};
/// Put the slices of `version` together: it is complete.
struct AssembleVersion {
  Version version;
};
/// The weights of `version`, or those of its slices that are here, are not needed any longer.
struct ForgetVersion {
  Version version;
};
/// What slots compute for works before this number is of no use: they may stop early.
struct AbandonBefore {
  std::uint64_t work;
};
/// Keep the vector that came with the event under (work's number, block).
struct KeepVector {
  std::uint64_t work;
  Block block;
};
/// Release every vector of works before this number.
struct ReleaseVectors {
  std::uint64_t work;
};
/// Push the vector kept under (work.number, block) to all shards, and release it.
struct Push {
  Work work;
  Block block;
  Time taken{};  ///< since the work was begun
};
/// Send the losses that came with the event.
struct SendLosses {
  Version version;
  Block block;
};
struct SpawnSlot {
  SlotId slot;
};
struct Tell {
  std::variant<SlotFailed, LeafNotFinite> message;
};
/// To the lead.
struct AcknowledgeVersion {
  VersionHeld held;
};
/// Something a beat tells has changed so much that it should go now.
struct SendBeat {};
/// WORK-5: say so to the supervisor once the shards have what was pushed, not before.
struct SayDrained {};
}  // namespace worker_effect

using WorkerEffect = std::variant<worker_effect::StartJob, worker_effect::KeepSlice, worker_effect::AssembleVersion,
                                  worker_effect::ForgetVersion, worker_effect::AbandonBefore, worker_effect::KeepVector,
                                  worker_effect::ReleaseVectors, worker_effect::Push, worker_effect::SendLosses,
                                  worker_effect::SpawnSlot, worker_effect::Tell, worker_effect::AcknowledgeVersion,
                                  worker_effect::SendBeat, worker_effect::SayDrained>;
using WorkerEffects = std::vector<WorkerEffect>;

struct WorkerSettings {
  RunShape shape;
  std::uint32_t slots = 1;
  std::uint32_t shards = 1;
};

/// A job has at most this fraction of a slot's part of what is still to be begun: jobs get smaller towards the end of a
/// round (guided self-scheduling: Polychronopoulos and Kuck, 1987), so that all slots finish within a leaf of each
/// other.
inline constexpr std::uint64_t kJobsPerSlot = 4;
/// Leases of so many rounds are kept, the newest; a round that has so many after it is over.
inline constexpr std::size_t kRoundLeasesMax = 8;

class Worker {
 public:
  explicit Worker(WorkerSettings settings);

  WorkerEffects step(Time now, const WorkerEvent& event);
  /// What to tell the supervisor every `Liveness::beat()`.
  Beat beat(Time now) const;

 private:
  enum class SlotState { idle, busy, dead };
  struct Slot {
    SlotState state = SlotState::idle;
    Job job;
    Time started{};
    double leaves_per_second = 0;  // smoothed; 0: not measured
  };

  void on(const Welcome& welcome, WorkerEffects& effects);
  void on(const PlanChanged& plan, WorkerEffects& effects);
  void on(const RoundLease& lease, WorkerEffects& effects);
  void on(const ValidationLease& lease, WorkerEffects& effects);
  void on(const Drain& drain, WorkerEffects& effects);
  void on(const RestartSlot& restart, WorkerEffects& effects);
  void on(const EndAt& end, WorkerEffects& effects);
  void on(const ReleaseVersion& release, WorkerEffects& effects);
  void on(const VersionSlice& slice, WorkerEffects& effects);
  void on(const UnitLease& lease, WorkerEffects& effects);
  void on(const LeaseRevoked& revoked, WorkerEffects& effects);
  void on(const worker_event::JobDone& done, WorkerEffects& effects);
  void on(const worker_event::SlotDied& died, WorkerEffects& effects);

  void advance_to(Version version, WorkerEffects& effects);
  /// Leaves what it was at, and begins something else.
  void begin(Unit unit, Version base, LeaseNumber lease, WorkerEffects& effects);
  /// Nothing of the work under way is wanted any longer.
  void leave_work(WorkerEffects& effects);
  void begin_leased_unit_if_possible(WorkerEffects& effects);
  /// The lease is over, done or not; its base may be forgotten.
  void end_lease(WorkerEffects& effects);
  bool is_leased() const { return work_ && work_->lease != 0; }
  /// Whether rounds, leases or validations may still ask for these weights.
  bool is_wanted(Version version) const;
  bool is_base_of_lease(Version version) const;
  void forget_unwanted_parts(WorkerEffects& effects);
  void forget_if_unused(Version version, WorkerEffects& effects);
  void note_base(const VersionSlice& slice, WorkerEffects& effects);
  void acknowledge_versions(WorkerEffects& effects);

  // worker_plan.cpp
  /// The blocks to compute of the work under way, in order; nothing where nobody has said yet.
  std::optional<std::vector<Block>> assignment();
  /// Takes the assignment for the work under way and queues what it lacks.
  void follow_assignment(WorkerEffects& effects);
  /// Adds what of `block` is neither own nor pushed to the own blocks, and to the end of `order`.
  void own(const BlockTree& tree, const Block& block, std::vector<Block>& order);
  /// `leaves`: what is still to be begun, this block included.
  void queue_missing(const BlockTree& tree, const Block& block, const DisjointBlocks& held, std::uint64_t& leaves);
  /// Blocks of the work under way that are ready, running, or waiting to be combined.
  DisjointBlocks held_blocks() const;
  std::uint32_t job_level(std::uint64_t leaves) const;
  /// Whether a vector of `block` is only a part of one of the own blocks.
  bool is_part(const Block& block) const;
  void push(const Block& block, WorkerEffects& effects);

  // worker_slots.cpp
  bool is_validating(const Job& job) const;
  bool is_current(const Job& job) const;
  /// Whether what the job brings back, now that nothing more is combined, is sent to anybody.
  bool is_of_use(const Job& job) const;
  void finish_vector(const Job& job, WorkerEffects& effects);
  std::optional<Job> next_job();
  void dispatch(WorkerEffects& effects);
  void say_when_drained(WorkerEffects& effects);
  void measure(Slot& slot, std::uint64_t leaves_done, WorkerEffects& effects);
  /// Of the slots that were measured, the mean; 0 where none was.
  double typical_speed() const;

  WorkerSettings settings_;
  Time now_{};  // of the step under way
  Sender identity_;
  bool welcomed_ = false;
  bool draining_ = false;
  bool drained_ = false;
  Version end_version_ = 0;
  std::map<Version, std::vector<Block>> plans_;    // by the version from which they are in force; in order of leaves
  std::map<Version, std::vector<Block>> leases_;   // by round, of the round under way and later ones
  std::optional<Version> version_;                 // the newest complete one
  std::map<Version, std::set<ShardId>> arriving_;  // slices of incomplete versions
  std::set<Version> sent_;                         // those of them that are sent to members, not for a lease alone
  std::set<Version> complete_;                     // versions whose weights are here
  std::set<Version> released_;                     // nobody will ask for their validation
  std::vector<Version> unacknowledged_;            // complete before we knew who we are
  std::vector<Slot> slots_;

  struct LeaseBase {
    Version version = 0;
    std::set<ShardId> shards;  // that have sent it for this lease
  };
  std::optional<UnitLease> lease_;                // waiting for its base, or under way
  std::map<LeaseNumber, LeaseBase> lease_bases_;  // of the lease and of the next, whose slices may come before it
  LeaseNumber last_over_ = 0;                     // this lease and those before it are over
  std::optional<Work> work_;                      // under way …
  Time work_began_{};                             // … since then
  std::uint64_t works_ = 0;                       // how many were begun

  // Of the work under way.
  DisjointBlocks own_;  // to push, as of when the assignment was taken
  DisjointBlocks pushed_;
  std::set<Block> ready_;  // finished vectors that wait for their sibling
  std::deque<Job> queue_;  // combine jobs first, then gradients

  std::deque<Job> validation_queue_;
};

}  // namespace fulmar::core
