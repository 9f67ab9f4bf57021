// The aggregator of one shard, as a state machine: which blocks it takes, what it combines, what it reports, when it
// applies a verdict and publishes; which versions it keeps for validation, checkpoints and leased units.
//
// States of a synchronous policy: *collecting* (blocks of round `version` come in) → *waiting for the verdict* (the
// root is complete and reported) → apply, publish version + 1 → collecting. Of an asynchronous one: attempts are
// *granted* → *staged* (their root is here and reported) → applied by a verdict that names them, or voided by the lead.
// The lead's decisions (verdicts, voided attempts, policies) are taken in its order. A verdict `stop` ends it: nothing
// is applied any more. A round that takes longer than rounds usually do, or in which a member is lost, is reported with
// what it lacks. The shell carries out effects in order, on one thread, before it feeds the next event. The lead
// aggregator (shard 0) also joins the root reports of all shards into the verdict.
//
// No member has more than kVersionsInFlightMax versions under way to it, beside those that validation needs. The lead
// decides who is passed over, with the verdict, so that every shard passes over the same members (DeliveryWindow).
// In an asynchronous policy a version goes only to who has leased a unit with it as base, beside validated ones.
// A shard that admits a member says so to the lead; once all have, and it is the member's turn, the lead has them send
// what validation needs and the newest version (CatchUp), and from then on the member is sent what is published.
// Thread rule: one owner; pure: no IO, clock, thread or logging; `now` is an argument.
//
// AGG-1: a version is published only when the round's tree was complete and its verdict known.
// AGG-2: nothing of another term, or of an incarnation that is not alive, is applied.
// AGG-3: a pinned version stays available until it is released; at most kPinnedMax are, or publishing waits.
// AGG-4: every shard sends a member the same versions, in ascending order, beside the bases of its leases; from a
//        member's turn on, a validated one is left out only once it was released.
// AGG-5: a version stays available while somebody may be granted it as a base.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "runtime/core/attended_clock.hpp"
#include "runtime/core/delivery_window.hpp"
#include "runtime/core/messages.hpp"
#include "runtime/core/reduction.hpp"
#include "runtime/core/round_timer.hpp"
#include "runtime/core/run_shape.hpp"
#include "runtime/core/sequencer.hpp"

namespace fulmar::core {

/// A verdict, on its way to every shard and to the supervisor.
struct VerdictReached {
  Verdict verdict;
  std::vector<Incarnation> behind{};  ///< ascending: members that are not sent the version that the round makes
};

/// A shard has admitted the member. To the lead.
struct MemberKnown {
  ShardId shard = 0;
  Incarnation incarnation = 0;
};

namespace aggregator_event {
struct Tick {};
}  // namespace aggregator_event

using AggregatorEvent = std::variant<BlockPushed, RootReport, VerdictReached, MemberAdmitted, MemberKnown, MemberLost,
                                     CutAnnounced, ReleaseVersion, VersionHeld, CatchUp, UnitGranted, LeaseEnded,
                                     PolicyRequested, PolicyBegins, AttemptVoided, aggregator_event::Tick>;

namespace aggregator_effect {
/// Keep the vector that came with the event under (lease, block); 0: of the round under way.
struct Keep {
  Block block;
  LeaseNumber lease = 0;
};
/// The vector that came with the event is not used.
struct Drop {
  std::string reason;  ///< from a small fixed set: a metric's label
};
/// Discard the vector kept under (lease, block).
struct Discard {
  Block block;
  LeaseNumber lease = 0;
};
/// Of the round under way: vector(left) += vector(right); keep it under `parent`.
struct Combine {
  Block left, right, parent;
};
/// Measure the vector kept under (lease, block) and send the lead a RootReport.
struct ReportRoot {
  Version base;
  Block block;
  bool finite;
  double loss_sum, weight_sum;
  LeaseNumber lease = 0;
};
/// Lead only: tell every shard, itself included, and the supervisor.
struct SendVerdict {
  VerdictReached reached;
};
/// Lead only: tell every shard, itself included, in order with the verdicts.
struct SendDecision {
  std::variant<CatchUp, PolicyBegins, AttemptVoided> decision;
};
/// Send the lead, which may be oneself.
struct SendKnown {
  MemberKnown known;
};
/// Apply the verdict to the root kept under (verdict.attempt.lease, block), which makes version base + 1.
struct Apply {
  Verdict verdict;
  Block block;
};
/// Send version `version` to those members, or to all but those, and tell the supervisor.
struct Publish {
  Version version;
  bool to_all_but = true;
  std::vector<Incarnation> members{};  ///< ascending
};
/// Hold on to the weights of the current version: it may be granted as a base.
struct KeepBase {
  Version version;
};
struct ForgetBase {
  Version version;
};
/// Hold on to the current version, with its optimizer state.
struct Pin {
  Version version;
};
struct Unpin {
  Version version;
};
/// Send the member its slice of a version: the current one, one that is pinned, or one that is kept as a base.
struct SendSlice {
  Incarnation incarnation;
  Version version;
  LeaseNumber lease = 0;  ///< for which it is the base
};
struct Tell {
  std::variant<CutAccepted, CutMissed, Late, DeterminismAlarm, PolicyTaken, AttemptStaged, AttemptVoided> message;
};
}  // namespace aggregator_effect

using AggregatorEffect =
    std::variant<aggregator_effect::Keep, aggregator_effect::Drop, aggregator_effect::Discard,
                 aggregator_effect::Combine, aggregator_effect::ReportRoot, aggregator_effect::SendVerdict,
                 aggregator_effect::SendDecision, aggregator_effect::SendKnown, aggregator_effect::Apply,
                 aggregator_effect::Publish, aggregator_effect::KeepBase, aggregator_effect::ForgetBase,
                 aggregator_effect::Pin, aggregator_effect::Unpin, aggregator_effect::SendSlice,
                 aggregator_effect::Tell>;
using AggregatorEffects = std::vector<AggregatorEffect>;

struct AggregatorSettings {
  RunShape shape;
  Term term = 0;
  ShardId shard = 0;
  std::uint32_t shards = 1;
  VerdictRule rule;
  std::uint64_t checkpoint_every_rounds = 0;  ///< 0: cuts are only announced
  Liveness liveness;
  PolicySettings policy;  ///< as of the version that the run goes on from, unless `order` goes further
  /// What is to be recomputed first, as leased units whatever the policy; nothing: that is not needed.
  std::shared_ptr<const PrescribedOrder> order;
  /// Bases are kept until no update from them is under way: delay compensation needs them.
  bool keeps_bases_of_updates = false;
};

/// How many versions may be pinned at once; more would mean that validation or the disk cannot keep up.
inline constexpr std::size_t kPinnedMax = 4;

class Aggregator {
 public:
  /// At version `version`, of which `updates_applied` changed the weights and the last `voided_in_a_row` did not.
  Aggregator(AggregatorSettings settings, Version version, std::uint64_t updates_applied,
             std::uint64_t voided_in_a_row);

  AggregatorEffects step(Time now, const AggregatorEvent& event);

  Version version() const { return version_; }
  /// What the round under way lacks.
  std::vector<Block> missing() const { return reduction_.missing(); }
  /// Versions that are kept without being announced: validated ones and those of `checkpoint_every_rounds`.
  bool is_milestone(Version version) const;

 private:
  using Decision = std::variant<VerdictReached, PolicyBegins, AttemptVoided>;

  struct Sums {  // of a held block, over the whole vector
    bool finite = true;
    double loss_sum = 0;
    double weight_sum = 0;
  };

  void on(const BlockPushed& pushed, AggregatorEffects& effects);
  void on(const RootReport& report, AggregatorEffects& effects);
  void on(const VerdictReached& reached, AggregatorEffects& effects) { decided(reached, effects); }
  void on(const MemberAdmitted& admitted, AggregatorEffects& effects);
  void on(const MemberKnown& known, AggregatorEffects& effects);
  void on(const MemberLost& lost, AggregatorEffects& effects);
  void on(const CutAnnounced& cut, AggregatorEffects& effects);
  void on(const ReleaseVersion& release, AggregatorEffects& effects);
  void on(const VersionHeld& held, AggregatorEffects& effects);
  void on(const CatchUp& catch_up, AggregatorEffects& effects);
  void on(const UnitGranted& granted, AggregatorEffects& effects);
  void on(const LeaseEnded& ended, AggregatorEffects& effects);
  void on(const PolicyRequested& requested, AggregatorEffects& effects);
  void on(const PolicyBegins& begins, AggregatorEffects& effects) { decided(begins, effects); }
  void on(const AttemptVoided& voided, AggregatorEffects& effects) { decided(voided, effects); }
  void on(const aggregator_event::Tick& tick, AggregatorEffects& effects);

  /// Whether the version after `version` is made by a round; otherwise by a leased unit.
  bool works_in_rounds(Version version) const;
  const char* reason_to_drop(const BlockPushed& pushed) const;
  void accept(const BlockPushed& pushed, AggregatorEffects& effects);
  void join_sums(const Block& left, const Block& right, const Block& parent);
  void send_verdict(const Attempt& attempt, const std::vector<RootReport>& reports, AggregatorEffects& effects);

  // The lead's decisions, in its order.
  void decided(Decision decision, AggregatorEffects& effects);
  void take_decisions(AggregatorEffects& effects);
  /// False: it cannot be taken yet.
  bool take(const VerdictReached& reached, AggregatorEffects& effects);
  bool take(const PolicyBegins& begins, AggregatorEffects& effects);
  bool take(const AttemptVoided& voided, AggregatorEffects& effects);
  void apply(const VerdictReached& reached, AggregatorEffects& effects);
  void publish(const std::vector<Incarnation>& behind, AggregatorEffects& effects);
  void send_catch_ups(const DeliveryWindow::CatchUps& catch_ups, AggregatorEffects& effects) const;
  void pin(Version version, AggregatorEffects& effects);

  // aggregator_attempts.cpp
  const char* reason_to_drop_leased(const BlockPushed& pushed) const;
  void stage(const BlockPushed& pushed, AggregatorEffects& effects);
  /// Lead: the next verdict, if somebody's turn has come.
  void order_attempts(AggregatorEffects& effects);
  bool is_needed_as_base(Version version) const;
  void forget_unneeded_bases(AggregatorEffects& effects);

  AggregatorSettings settings_;
  Version version_;
  std::uint64_t updates_applied_;
  std::uint64_t voided_in_a_row_;
  std::unique_ptr<const Policy> policy_;
  Reduction reduction_;  // of the round under way
  std::map<Block, Sums> sums_;
  std::deque<Decision> decisions_;  // of the lead, not yet taken

  std::map<LeaseNumber, Attempt> granted_;  // and neither staged nor over
  std::map<LeaseNumber, Attempt> staged_;
  std::set<Version> bases_;                           // that are kept
  Version bases_from_;                                // no base before it will be granted, beside prescribed ones
  bool policy_begins_ = false;                        // lead: it has said so, and not taken it yet
  Sequencer sequencer_;                               // lead
  std::map<Version, std::vector<Incarnation>> owed_;  // who is to be sent a version when it is published
  // Lead: the first round without a verdict. It may be one ahead: while publishing waits here, other shards go on.
  Version undecided_;
  std::vector<RootReport> reports_;  // of that round
  DeliveryWindow window_;            // lead
  std::set<Incarnation> alive_;
  std::set<Incarnation> strangers_;  // alive, but the lead has not had anything sent to them yet
  std::set<Version> pinned_;
  std::set<Version> cuts_;  // announced, not reached
  bool stopped_ = false;
  AttendedClock clock_;
  Time now_{};  // attended
  RoundTimer timer_;
  std::optional<Version> told_late_;  // the round of which it has said what it lacks
};

}  // namespace fulmar::core
