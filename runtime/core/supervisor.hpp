// The supervisor of a run, as a state machine: who takes part, who computes what, what each version's validation says,
// when checkpoints are cut, when the run ends and why.
//
// It is off the critical path: rounds go on between workers and aggregators, and it only sends changes. Its states:
// *running* → *stopping* (somebody wants the end; rounds are brought to rest, and a cut is being agreed on) → *ending*
// (an end version and a reason are fixed; validations up to it and its checkpoint are under way) → *ended*.
// Each published version updates the RunState; a snapshot of it is kept for versions that validation or a checkpoint
// still needs, and the version stays pinned at the aggregators until then.
// Thread rule: one owner; pure: no IO, clock, thread or logging; `now` is an argument.
//
// SUP-1: every unfinished validation leaf has a living holder or waits for a member.
// SUP-2: a decision on version v depends on validations up to v only: a run that stops early ends at v, whatever was
//        computed beyond it. A verdict that stops the run at base b is such a decision too.
// SUP-3: the state in a checkpoint at c holds the verdict of every validation up to and including c.
// SUP-4: a pinned version is released exactly when neither validation nor a checkpoint needs it.
// SUP-5: every failure is either survived within the budget, or ends the run with a message that names it; a run that
//        fails waits for nothing that a failed worker or slot might have to yield.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/core/aggregator.hpp"
#include "runtime/core/cut.hpp"
#include "runtime/core/failure_budget.hpp"
#include "runtime/core/journal_record.hpp"
#include "runtime/core/lease.hpp"
#include "runtime/core/messages.hpp"
#include "runtime/core/run_shape.hpp"
#include "runtime/core/validation.hpp"

namespace fulmar::core {

namespace supervisor_event {
/// The actor or the connection of a worker is gone.
struct WorkerDied {
  NodeId node = 0;
  std::string cause;
};
/// A worker was heard of.
struct Beat {
  Sender sender;
};
struct CheckpointDone {
  Version version = 0;
  CheckpointKind kind = CheckpointKind::full;
  std::string weights_sha256;
  std::string failure;         ///< empty: it is on disk
  std::string best_failure{};  ///< not empty: it is on disk, but could not be named the best as it should have been
};
/// A user or the system asks the run to end soon, with a checkpoint.
struct StopRequested {
  std::string reason;
};
struct Tick {};
}  // namespace supervisor_event

using SupervisorEvent =
    std::variant<Join, supervisor_event::WorkerDied, supervisor_event::Beat, SlotFailed, LeafNotFinite, BlockValidated,
                 ShardPublished, VerdictReached, CutAccepted, CutMissed, DeterminismAlarm,
                 supervisor_event::CheckpointDone, supervisor_event::StopRequested, supervisor_event::Tick>;

namespace supervisor_effect {
/// Tell the aggregators about the member, then greet the worker whose Join this answers.
struct Admit {
  std::string name;
  Welcome welcome;
};
struct SendToWorker {
  NodeId node;
  std::variant<PlanChanged, ValidationLease, RestartSlot, EndAt> message;
};
struct SendToAggregators {
  std::variant<MemberLost, CutAnnounced> message;
};
/// To aggregators and workers.
struct Release {
  ReleaseVersion release;
};
/// Start a new worker in the place of one that died.
struct RespawnWorker {
  std::string name;
  std::uint32_t slots;
};
/// Collect the version's pinned tensors and write them. One after the other, in the order of these effects.
struct WriteCheckpoint {
  CheckpointKind kind;
  RunState state;
  bool best;  ///< its weights are to be kept as those of the best version so far
};
struct Record {
  JournalRecord record;
};
/// A version is out: for progress and metrics.
struct Report {
  RunState state;
  Verdict verdict;
};
/// The run is over; nothing is under way any longer.
struct EndRun {
  RunState state;
  bool failed;     ///< something went wrong that a user must see
  bool completed;  ///< the run reached its own end
  std::string reason;
};
}  // namespace supervisor_effect

using SupervisorEffect =
    std::variant<supervisor_effect::Admit, supervisor_effect::SendToWorker, supervisor_effect::SendToAggregators,
                 supervisor_effect::Release, supervisor_effect::RespawnWorker, supervisor_effect::WriteCheckpoint,
                 supervisor_effect::Record, supervisor_effect::Report, supervisor_effect::EndRun>;
using SupervisorEffects = std::vector<SupervisorEffect>;

struct SupervisorSettings {
  RunShape shape;
  Term term = 1;
  std::uint32_t shards = 1;
  Version end_version = 0;                    ///< where the run completes
  std::uint64_t patience = 0;                 ///< validations without a better one; 0: no early stop
  std::uint64_t checkpoint_every_rounds = 0;  ///< 0: by time
  Time checkpoint_every{};                    ///< 0: by rounds
  Time liveness = std::chrono::seconds(1);
  NotFinitePolicy not_finite = NotFinitePolicy::stop;
  FailureLimits failures;
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
  std::uint64_t failures_survived() const { return budget_.survived(); }
  std::uint64_t nodes_seen() const { return nodes_seen_; }

 private:
  struct Member {
    Incarnation incarnation = 0;
    std::string name;
    std::uint32_t slots = 1;
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
  struct LostBest {
    Version version = 0;
    std::string cause;
  };

  void on(const Join& join);
  void on(const supervisor_event::WorkerDied& died);
  void on(const supervisor_event::Beat& beat);
  void on(const SlotFailed& failed);
  void on(const LeafNotFinite& leaf);
  void on(const BlockValidated& validated);
  void on(const ShardPublished& published);
  void on(const VerdictReached& reached);
  void on(const CutAccepted& accepted);
  void on(const CutMissed& missed);
  void on(const DeterminismAlarm& alarm);
  void on(const supervisor_event::CheckpointDone& done);
  void on(const supervisor_event::StopRequested& request);
  void on(const supervisor_event::Tick& tick);

  void emit(SupervisorEffect effect) { effects_.push_back(std::move(effect)); }
  void record(JournalRecord record) { emit(supervisor_effect::Record{std::move(record)}); }
  bool knows(const Sender& sender) const;
  std::vector<Capacity> capacities() const;
  std::string describe(const Sender& sender) const;
  std::string describe(const LeafId& leaf) const;

  std::optional<std::string> reason_to_complete() const;
  void change_plan(const std::string& reason);
  void advance_while_published();
  void advance(const Verdict& verdict);
  /// Whether the aggregators keep it without a cut of its own.
  bool is_milestone(Version version) const;
  RunState state_as_of(Version version) const;
  void start_validation(Version version);
  void grant_free_validation();
  void grant(Validation& validation, Version version, const Block& block, NodeId node);
  void conclude_validations();
  void conclude_validation(Version version, double loss);
  void announce_cut(Version version);
  void withdraw_cut();
  void write_checkpoint(Version version, CheckpointKind kind);
  void write_due_checkpoints();
  void release_unneeded();
  void tell_end(Version version);
  void end_at(Ending ending);
  void stop_soon(bool failed, const std::string& reason);
  /// For failures that may leave too little behind for rounds to go on.
  void fail(const std::string& reason);
  /// Ends the run where it is, with the checkpoints it has.
  void give_up(const std::string& reason);
  void finish_if_done();

  SupervisorSettings settings_;
  RunState state_;
  Time now_{};
  SupervisorEffects effects_;

  std::map<NodeId, Member> members_;
  NodeId next_node_ = 1;
  Incarnation next_incarnation_ = 1;
  std::uint64_t nodes_seen_ = 0;
  std::uint64_t plan_number_ = 0;
  FailureBudget budget_;

  std::map<Version, Verdict> verdicts_;                     // of rounds whose version is not out everywhere
  std::map<Version, std::set<ShardId>> published_;          // by which shards, of versions that are not out everywhere
  std::map<Version, std::vector<std::string>> not_finite_;  // by round: what was found, bounded
  std::map<Version, std::vector<std::string>> not_finite_validations_;  // likewise, by validated version

  std::map<Version, RunState> snapshots_;      // of pinned versions
  std::map<Version, Validation> validations_;  // under way
  ValidationHistory history_;

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
