// The supervisor of a run, as a state machine: who takes part, who computes what, what each version's validation says,
// when checkpoints are cut, when the run ends and why.
//
// It is off the critical path: rounds go on between workers and aggregators, and it only sends changes. Its states:
// *running* → *stopping* (somebody wants the end; rounds are brought to rest, and a cut is being agreed on) → *ending*
// (an end version and a reason are fixed; validations up to it and its checkpoint are under way) → *ended*.
// Each published version updates the RunState; a snapshot of it is kept for versions that validation or a checkpoint
// still needs, and the version stays pinned at the aggregators until then.
//
// Members come, are measured, get a share, leave, fall silent or die. What is in force is the plan, by the version from
// which it is; a round in which something went wrong has leases of its own until it is over (RoundLeases).
// In an asynchronous policy there is no plan: each member leases a unit at a time (UnitLeases), as far as the policy
// and the next barrier let it. The same while a run is recomputed in an order that its journal prescribes. The policy
// may change at any version (PolicyTaken). Thread rule: one owner; pure: no IO, clock, thread or logging; `now` is an
// argument, and a jump of it counts as no more than Liveness::gap_max().
//
// SUP-1: every unfinished leaf, of the round under way or of a validation, has a living holder or waits for a member.
// SUP-2: a decision on version v depends on validations up to v only: a run that stops early ends at v, whatever was
//        computed beyond it. A verdict that stops the run at base b is such a decision too, in rounds; in an
//        asynchronous policy it ends the run where it is, and a resume goes on with the open validations.
// SUP-3: the state in a checkpoint at c holds the verdict of every validation up to and including c.
// SUP-4: a pinned version is released exactly when neither validation nor a checkpoint needs it.
// SUP-5: every failure is either survived within the budget, or ends the run with a message that names it; a run that
//        fails waits for nothing that a failed worker or slot might have to yield.
// SUP-6: in a steady state a round costs the supervisor one event of each shard and one verdict; members cost beats.
// SUP-7: nothing is under way across an epoch's end, a checkpoint, a change of policy, or the end: where there is one,
//        exactly the units before it have an update.
// SUP-8: every update of an asynchronous policy is in the journal, in the order of versions; a prescribed one was
// before.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/core/attended_clock.hpp"
#include "runtime/core/cut.hpp"
#include "runtime/core/failure_budget.hpp"
#include "runtime/core/idle_members.hpp"
#include "runtime/core/leaf_blame.hpp"
#include "runtime/core/lease.hpp"
#include "runtime/core/membership.hpp"
#include "runtime/core/round_leases.hpp"
#include "runtime/core/run_shape.hpp"
#include "runtime/core/supervisor_words.hpp"
#include "runtime/core/unit_leases.hpp"
#include "runtime/core/validation.hpp"

namespace fulmar::core {

struct SupervisorSettings {
  RunShape shape;
  Term term = 1;
  std::uint32_t shards = 1;
  Version end_version = 0;                    ///< where the run completes
  std::uint64_t patience = 0;                 ///< validations without a better one; 0: no early stop
  std::uint64_t checkpoint_every_rounds = 0;  ///< 0: by time
  Time checkpoint_every{};                    ///< 0: by rounds
  Liveness liveness;
  NotFinitePolicy not_finite = NotFinitePolicy::stop;
  FailureLimits failures;
  PolicySettings policy;  ///< as of the state that the run goes on from, or of the end of `order`
  /// What the run is recomputed by first; nothing: it is not.
  std::shared_ptr<const PrescribedOrder> order;
  std::set<Version> cuts;  ///< of versions to be written, whatever else is
};

class Supervisor {
 public:
  /// From `state` on: version 0 of a new run, or what a checkpoint holds. A checkpoint of a run that was over, but was
  /// killed before it could say so, is over at once.
  Supervisor(SupervisorSettings settings, RunState state);

  /// To be called once, before the first step.
  SupervisorEffects start(Time now);
  SupervisorEffects step(Time now, const SupervisorEvent& event);

  const RunState& state() const { return state_; }
  const Membership& members() const { return members_; }
  std::uint64_t failures_survived() const { return budget_.survived(); }
  std::uint64_t nodes_seen() const { return members_.seen(); }
  /// How much of a full round the newest plan gives the member, from 0 to 1; where units are leased, its part of all
  /// speed.
  double share_of(NodeId node) const;
  /// How long ago, as of the last step, the member was heard of.
  Time silence_of(NodeId node) const { return members_.silence(members_.at(node), now_); }
  const PolicySettings& policy() const { return settings_.policy; }
  /// Why the run goes on as it does; nothing: it would change to `policy`.
  std::optional<std::string> reason_to_keep_policy(const PolicySettings& policy) const;
  bool works_in_rounds() const { return !leases_.replays() && !policy_->is_asynchronous(); }
  const UnitLeases& units() const { return leases_; }
  /// How long members were idle, altogether, because they might not begin a unit.
  Time waited_for_units() const { return idle_.waited(now_); }
  Time waited_for_units(NodeId node) const { return idle_.waited(node, now_); }
  /// The largest of any update in this term.
  std::uint64_t staleness_max() const { return staleness_max_; }
  /// The living incarnations that are to compute a leaf of a unit, by the plan or by a lease.
  std::vector<Incarnation> holders(Unit unit, std::uint64_t leaf) const;

 private:
  struct Gone {
    NodeId node = 0;    ///< who is charged with it, as Member::charged says
    NodeId member = 0;  ///< who it was
    Incarnation incarnation = 0;
    bool failed = false;
    Time at{};
    std::optional<Block> trial{};  // as in Member
    std::optional<Version> share_from{};
    std::vector<LeafId> validating{};  // what it had not finished of that
    std::optional<Unit> unit{};        // that it had leased
    Time detection{};                  // how long it had been silent
    std::uint64_t leaves = 0;          // that it had not finished of its round, or of its unit
  };
  struct Ending {
    Version version = 0;
    bool failed = false;
    bool completed = false;
    std::string reason;
    RunState state;  ///< of `version`, once its checkpoint is under way
  };
  struct Stop {
    bool failed = false;
    std::string reason;
  };
  struct PolicyChange {
    PolicySettings policy;
    std::string by;
    Version at = 0;          ///< leased units are brought to an end here
    bool requested = false;  ///< of the lead
    std::set<ShardId> taken;
  };
  struct LostBest {
    Version version = 0;
    std::string cause;
  };

  void on(const Join& join);
  void on(const Beat& beat);
  void on(const Leave& leave);
  void on(const Drained& drained);
  void on(const supervisor_event::MemberGone& gone);
  void on(const supervisor_event::DrainRequested& request);
  void on(const SlotFailed& failed);
  void on(const LeafNotFinite& leaf);
  void on(const BlockValidated& validated);
  void on(const ShardPublished& published);
  void on(const VerdictReached& reached);
  void on(const CutAccepted& accepted);
  void on(const CutMissed& missed);
  void on(const Late& late);
  void on(const DeterminismAlarm& alarm);
  void on(const AttemptStaged& staged);
  void on(const AttemptVoided& voided);
  void on(const PolicyTaken& taken);
  void on(const supervisor_event::PolicyRequested& request);
  void on(const supervisor_event::CheckpointDone& done);
  void on(const supervisor_event::StopRequested& request);
  void on(const supervisor_event::Superseded& superseded);
  void on(const supervisor_event::Tick& tick);

  void emit(SupervisorEffect effect) { effects_.push_back(std::move(effect)); }
  void record(JournalRecord record) { emit(supervisor_effect::Record{std::move(record)}); }
  std::string describe(const Sender& sender) const;
  std::string describe(const LeafId& leaf) const;
  std::string describe_unit(Unit unit) const;
  std::optional<std::string> reason_to_complete() const;

  // Members.
  /// Ends the member's session; `failed`: it did not leave of itself.
  void end_session(NodeId node, const std::string& cause, bool failed, bool may_return);
  void lose(NodeId node, const std::string& cause);
  void lose_silent_members();
  void start_draining(NodeId node, const std::string& reason);
  /// Takes a member further that has its weights: to a first lease, or into the plan.
  void take_further(NodeId node);
  void activate(NodeId node);
  void send_trial(NodeId node);
  /// A leaf for each slot, of those that are in every round.
  Block first_lease(const Member& member) const;
  void acquit(NodeId node);
  /// Whoever was still being measured has to do.
  void promote_if_nobody_is_active();

  // Plan and leases of rounds.
  BlockTree full_tree() const { return {settings_.shape.leaves, settings_.shape.leaves}; }
  /// The holdings that are in force for a round.
  const std::vector<Holding>& plan_for(Version base) const;
  Version version_for_new_plan() const;
  void change_plan(std::string reason);
  /// If there is to be a new one.
  void change_wanted_plan();
  void change_plan_if_it_pays();
  /// What the shards lack of a round says what the dead of late were at; without it, only their validations are known.
  void blame_the_dead(RoundLeases* round);
  void judge_accused_leaf();
  /// A leased unit is not split, so that a death accuses all of its leaves, and more deaths are asked for.
  bool is_leased_unit(const LeafId& leaf) const { return !leaf.validation && !works_in_rounds(); }
  LeafBlame& blame_for(const LeafId& leaf) { return is_leased_unit(leaf) ? unit_blame_ : blame_; }
  /// Ends the leases that it had in the round.
  std::vector<LeafId> unfinished(const Gone& gone, RoundLeases* round) const;
  void relieve(const std::string& reason, bool late);
  /// Whether it is the leaf or the node that is to blame shows where another node computes it.
  void try_leaf_elsewhere(NodeId node, const LeafId& leaf);
  std::vector<Hand> hands() const;
  RoundLeases& leases_of(Version base);

  // Units and policies: supervisor_units.cpp.
  /// Nothing is begun that could be under way across this version.
  Version next_barrier() const;
  /// It waits for a unit from now on, if it may have one.
  void wait_for_unit(NodeId node);
  bool is_free_for_unit(NodeId node) const;
  void grant_units();
  bool grant_next(NodeId node);
  void grant(const PrescribedUpdate& update, NodeId node);
  Time unit_deadline(Unit unit, const Member& holder) const;
  void revoke_overdue_units();
  void measure_unit(Member& holder, Time taken);
  /// Nothing more is to be taken for it; its unit is free once the lead says so.
  void end_lease(LeaseNumber lease);
  void revoke(LeaseNumber lease, bool expired = false);
  void pursue_policy_change();
  void begin_rounds(const std::string& reason);
  void begin_units();

  void advance_while_published();
  void advance(const Verdict& verdict);
  /// Its holder may begin another unit.
  void note_update_of(const Verdict& verdict, const OutstandingUnit& lease);
  /// Whether the version that is just out is to have a full checkpoint.
  bool is_to_be_written(Version version) const;
  bool is_checkpoint_overdue() const {
    return settings_.checkpoint_every > Time{} && now_ - last_checkpoint_ >= settings_.checkpoint_every;
  }
  /// Whether the aggregators keep it without a cut of its own.
  bool is_milestone(Version version) const;
  RunState state_as_of(Version version) const;
  void start_validation(Version version);
  void grant_free_validation();
  /// Who is to compute a free block, if anybody can; `isolated`: apart from other leaves that are to be leased alone.
  std::optional<NodeId> validator_for(bool isolated, std::size_t turn) const;
  bool validates_isolated(Incarnation incarnation) const;
  Time patience_with(const Validation& validation, const Block& block, const Member& holder) const;
  void grant(Validation& validation, Version version, const Block& block, NodeId node);
  void conclude_validations();
  void conclude_validation(Version version, double loss);
  void announce_cut(Version version);
  void withdraw_cut();
  void write_checkpoint(Version version, CheckpointKind kind);
  void write_due_checkpoints();
  /// A version that is to be written is not out, or not written yet.
  bool is_cut_due() const;
  void release_unneeded();
  void tell_end(Version version);
  void end_at(Ending ending);
  void stop_soon(bool failed, const std::string& reason);
  /// For failures that may leave too little behind for rounds to go on.
  void fail(const std::string& reason);
  /// Ends the run where it is, with the checkpoints it has, and what its journal has beyond them.
  void end_here(bool failed, const std::string& reason);
  void give_up(const std::string& reason);
  void finish_if_done();

  SupervisorSettings settings_;
  RunState state_;
  Time now_{};
  SupervisorEffects effects_;

  AttendedClock clock_;
  Membership members_;
  FailureBudget budget_;
  std::map<Version, std::vector<Holding>> plans_;  // by the version from which they are in force
  std::uint64_t plan_number_ = 0;
  double planned_seconds_ = 0;          // how long the plan in force should take
  bool plan_stale_ = false;             // a member's speed has changed since
  std::optional<Version> repriced_at_;  // when that was last looked into
  std::string plan_wanted_;             // why there is to be a new one at the next occasion; empty: it stands
  std::optional<RoundLeases> round_;    // of a round in which something went wrong
  LeafBlame blame_;
  LeafBlame unit_blame_;                            // of leased units, each by its leaf 0
  std::optional<std::pair<LeafId, Time>> accused_;  // of killing nodes, and when it is judged
  std::vector<Gone> gone_;                          // of late, not looked into yet
  std::vector<Gone> recovering_;                    // looked into; what they had may still wait for a taker
  std::set<NodeId> takers_;                         // who was given some of that

  std::map<Version, Verdict> verdicts_;                     // of rounds whose version is not out everywhere
  std::map<Version, std::set<ShardId>> published_;          // by which shards, of versions that are not out everywhere
  std::map<Version, std::vector<std::string>> not_finite_;  // by round: what was found, bounded
  std::map<Version, std::vector<std::string>> not_finite_validations_;  // likewise, by validated version

  std::map<Version, RunState> snapshots_;      // of pinned versions
  std::map<Version, Validation> validations_;  // under way
  ValidationHistory history_;

  std::unique_ptr<const Policy> policy_;
  UnitLeases leases_;
  LeaseNumber last_lease_ = 0;
  Time unit_time_{};                         // from grant to update, smoothed; 0: not known yet
  IdleMembers idle_;                         // active members without a unit, where units are leased
  std::map<LeaseNumber, Gone> lost_leases_;  // whose holders were lost, until the lead has answered
  std::uint64_t staleness_max_ = 0;
  std::optional<PolicyChange> policy_change_;
  std::optional<supervisor_event::PolicyRequested> next_policy_;

  CutSchedule cuts_;
  Time last_checkpoint_{};
  std::set<Version> due_;                                       // full checkpoints to write
  std::set<Version> best_due_;                                  // weights to write, as the best so far
  std::map<std::pair<Version, CheckpointKind>, bool> writing_;  // and whether as the best
  std::optional<Version> durable_;                              // the newest full checkpoint
  std::optional<LostBest> best_lost_;                           // the newest best is not on disk, or not named there
  Version told_end_;                                            // what workers know of the end
  std::optional<Stop> stop_wanted_;                             // at the next cut
  std::optional<Ending> ending_;
  bool ended_ = false;
};

}  // namespace fulmar::core
