// What a run writes into its journal: terms, plans, verdicts, checkpoints, failures, decisions, policies. The updates
// of synchronous rounds follow from the seed; those of asynchronous policies are recorded, one record each. Thread
// rule: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "runtime/core/attempt.hpp"
#include "runtime/core/run_state.hpp"

namespace fulmar::core {

enum class CheckpointKind {
  full,    ///< weights and optimizer state: a run can resume from it
  weights  ///< weights alone: the best version
};

struct RunStarted {
  std::string run_id;
  std::string config_sha256;
  bool operator==(const RunStarted&) const = default;
};
/// A head took over at `version`; whatever an earlier term wrote beyond it is void.
struct TermStarted {
  Term term = 0;
  Version version = 0;
  bool operator==(const TermStarted&) const = default;
};
struct PlanRecorded {
  Term term = 0;
  std::uint64_t number = 0;
  Version from_version = 0;
  std::string holders;  ///< "node/incarnation: block block; …"
  std::string reason;
  bool operator==(const PlanRecorded&) const = default;
};
struct ValidationDone {
  Version version = 0;
  double loss = 0;
  bool operator==(const ValidationDone&) const = default;
};
struct CheckpointWritten {
  Version version = 0;
  CheckpointKind kind = CheckpointKind::full;
  std::string weights_sha256;
  bool operator==(const CheckpointWritten&) const = default;
};
struct CheckpointFailed {
  Version version = 0;
  std::string reason;
  bool operator==(const CheckpointFailed&) const = default;
};
/// An update of an asynchronous policy took its place in the order. The sums of its gradient tell two runs apart: they
/// have the same bits exactly where weights and samples do.
struct UpdateApplied {
  Version version = 0;  ///< that it made
  Attempt attempt;
  double loss_sum = 0;
  double squared_norm = 0;  ///< of the gradient sum, in the order of its chunks
  bool operator==(const UpdateApplied&) const = default;
};
/// From `version` on the run worked by this policy.
struct PolicySwitched {
  Version version = 0;
  std::string policy;  ///< as to_string(PolicySettings) has it
  std::string reason;
  bool operator==(const PolicySwitched&) const = default;
};
struct RoundVoided {
  VoidedRound round;
  std::string reason;
  bool operator==(const RoundVoided&) const = default;
};
struct NodeAdmitted {
  NodeId node = 0;
  Incarnation incarnation = 0;
  std::string name;
  bool operator==(const NodeAdmitted&) const = default;
};
struct NodeFailed {
  NodeId node = 0;
  Incarnation incarnation = 0;
  std::string cause;
  bool operator==(const NodeFailed&) const = default;
};
struct NodeLeft {
  NodeId node = 0;
  Incarnation incarnation = 0;
  std::string reason;
  bool operator==(const NodeLeft&) const = default;
};
struct SlotDied {
  NodeId node = 0;
  SlotId slot = 0;
  std::string where;  ///< "round 12, leaf 3 (samples 5, 71)", or "between jobs"
  std::string cause;
  bool operator==(const SlotDied&) const = default;
};
struct DecisionMade {
  Version version = 0;
  std::string decision;
  std::string reason;
  bool operator==(const DecisionMade&) const = default;
};
/// The decision to stop because two nodes computed different bits.
inline constexpr std::string_view kDeterminismAlarm = "determinism alarm";
struct RunEnded {
  Version version = 0;
  bool completed = false;  ///< false: stopped before its end; can be resumed
  std::string reason;
  bool operator==(const RunEnded&) const = default;
};

using JournalRecord = std::variant<RunStarted, TermStarted, PlanRecorded, ValidationDone, CheckpointWritten,
                                   CheckpointFailed, UpdateApplied, PolicySwitched, RoundVoided, NodeAdmitted,
                                   NodeFailed, NodeLeft, SlotDied, DecisionMade, RunEnded>;

}  // namespace fulmar::core
