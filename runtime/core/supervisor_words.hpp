// What the supervisor is told, and what it has its shell do: the events and effects of its state machine.
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "runtime/core/aggregator.hpp"
#include "runtime/core/journal_record.hpp"
#include "runtime/core/messages.hpp"
#include "runtime/core/policy.hpp"
#include "runtime/core/run_state.hpp"

namespace fulmar::core {

namespace supervisor_event {
/// The actor or the connection of a member is gone, or what was sent to it is not acknowledged.
struct MemberGone {
  Sender member;
  std::string cause;
};
/// An administrator asks a member to leave.
struct DrainRequested {
  NodeId node = 0;
};
/// Another head has started a newer term: this one must not go on.
struct Superseded {
  Term term = 0;
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
/// An administrator wants the run to work by another policy.
struct PolicyRequested {
  PolicySettings policy;
  std::string by;  ///< for the journal: who wants it
};
struct Tick {};
}  // namespace supervisor_event

using SupervisorEvent =
    std::variant<Join, Beat, Leave, Drained, supervisor_event::MemberGone, supervisor_event::DrainRequested, SlotFailed,
                 LeafNotFinite, BlockValidated, ShardPublished, VerdictReached, CutAccepted, CutMissed, Late,
                 DeterminismAlarm, AttemptStaged, AttemptVoided, PolicyTaken, supervisor_event::PolicyRequested,
                 supervisor_event::CheckpointDone, supervisor_event::StopRequested, supervisor_event::Superseded,
                 supervisor_event::Tick>;

namespace supervisor_effect {
/// Tell the aggregators about the member, then greet the worker whose Join this answers.
struct Admit {
  std::string name;
  Welcome welcome;
};
/// The Join that this answers came once more: greet the worker again, and nothing else.
struct Greet {
  Welcome welcome;
};
struct SendToWorker {
  NodeId node;
  std::variant<PlanChanged, RoundLease, ValidationLease, UnitLease, LeaseRevoked, RestartSlot, EndAt, Drain> message;
};
struct SendToAggregators {
  std::variant<MemberLost, CutAnnounced, UnitGranted, LeaseEnded, PolicyRequested> message;
};
/// The session is over: say so to the node, if it can be reached, and forget its connection.
struct Dismiss {
  Sender member;
  Farewell farewell;
};
/// A unit was taken from its living holder, to be leased anew: for metrics.
struct Revoked {
  LeaseNumber lease;
  bool expired;  ///< its time was up; otherwise others waited for it, or its holder could not compute it
};
/// Leaves of a round have new holders: for metrics.
struct Relieved {
  Version base;
  std::uint64_t leased;      ///< leaves that had lost their holder
  std::uint64_t duplicated;  ///< leaves that were late
  std::string reason;
};
/// Whatever a lost member had of the round under way has living holders again: for metrics.
struct Recovered {
  NodeId node;
  Time detection;                ///< from its last word until it was declared lost
  Time recovery;                 ///< from then until its leaves were leased anew
  std::uint64_t leaves;          ///< that it had not finished
  bool leased_unit;              ///< they are a whole unit, which nobody has yet
  std::vector<NodeId> takers{};  ///< ascending: whom leaves of the round were leased to; nobody: others had them too
};
/// To aggregators and workers.
struct Release {
  ReleaseVersion release;
};
/// Start a new worker in the place of a local one that died. Other nodes return by themselves.
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
    std::variant<supervisor_effect::Admit, supervisor_effect::Greet, supervisor_effect::SendToWorker,
                 supervisor_effect::SendToAggregators, supervisor_effect::Dismiss, supervisor_effect::Revoked,
                 supervisor_effect::Relieved, supervisor_effect::Recovered, supervisor_effect::Release,
                 supervisor_effect::RespawnWorker, supervisor_effect::WriteCheckpoint, supervisor_effect::Record,
                 supervisor_effect::Report, supervisor_effect::EndRun>;
using SupervisorEffects = std::vector<SupervisorEffect>;

}  // namespace fulmar::core
