// The aggregator of one shard, as a state machine: which blocks of the round it takes, what it combines, when it
// reports its root, applies the verdict and publishes; which versions it keeps for validation and checkpoints.
//
// States: *collecting* (blocks of round `version` come in) → *waiting for the verdict* (the root is complete and
// reported) → apply, publish version + 1 → collecting. A verdict `stop` ends it: nothing is applied any more.
// A round that takes longer than rounds usually do, or in which a member is lost, is reported with what it lacks.
// The shell carries out effects in order, on one thread, before it feeds the next event. The lead aggregator (shard 0)
// also joins the root reports of all shards into the verdict.
//
// No member has more than kVersionsInFlightMax versions under way to it, beside those that validation needs. The lead
// decides who is passed over, with the verdict, so that every shard passes over the same members (DeliveryWindow).
// A shard that admits a member says so to the lead; once all have, and it is the member's turn, the lead has them send
// what validation needs and the newest version (CatchUp), and from then on the member is sent what is published.
// Thread rule: one owner; pure: no IO, clock, thread or logging; `now` is an argument.
//
// AGG-1: a version is published only when the round's tree was complete and its verdict known.
// AGG-2: nothing of another term, or of an incarnation that is not alive, is applied.
// AGG-3: a pinned version stays available until it is released; at most kPinnedMax are, or publishing waits.
// AGG-4: every shard sends a member the same versions, in ascending order; from a member's turn on, a validated one is
//        left out only once it was released.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
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
                                     CutAnnounced, ReleaseVersion, VersionHeld, CatchUp, aggregator_event::Tick>;

namespace aggregator_effect {
/// Keep the vector that came with the event under `block`.
struct Keep {
  Block block;
};
/// The vector that came with the event is not used.
struct Drop {
  std::string reason;  ///< from a small fixed set: a metric's label
};
/// Discard the vector kept under `block`.
struct Discard {
  Block block;
};
/// Vector(left) += vector(right); keep it under `parent`.
struct Combine {
  Block left, right, parent;
};
/// Measure the vector kept under `block` and send the lead a RootReport.
struct ReportRoot {
  Version base;
  Block block;
  bool finite;
  double loss_sum, weight_sum;
};
/// Lead only: tell every shard, itself included, and the supervisor.
struct SendVerdict {
  VerdictReached reached;
};
/// Lead only: tell every shard, itself included, in order with the verdicts.
struct SendCatchUp {
  CatchUp catch_up;
};
/// Send the lead, which may be oneself.
struct SendKnown {
  MemberKnown known;
};
/// Apply the verdict to the root kept under `block`, which makes version base + 1.
struct Apply {
  Verdict verdict;
  Block block;
};
/// Send version `version` to every member but those, and tell the supervisor.
struct Publish {
  Version version;
  std::vector<Incarnation> behind{};  ///< ascending
};
/// Hold on to the current version, with its optimizer state.
struct Pin {
  Version version;
};
struct Unpin {
  Version version;
};
/// Send the member its slice of a version: the current one, or one that is pinned.
struct SendSlice {
  Incarnation incarnation;
  Version version;
};
struct Tell {
  std::variant<CutAccepted, CutMissed, Late, DeterminismAlarm> message;
};
}  // namespace aggregator_effect

using AggregatorEffect =
    std::variant<aggregator_effect::Keep, aggregator_effect::Drop, aggregator_effect::Discard,
                 aggregator_effect::Combine, aggregator_effect::ReportRoot, aggregator_effect::SendVerdict,
                 aggregator_effect::SendCatchUp, aggregator_effect::SendKnown, aggregator_effect::Apply,
                 aggregator_effect::Publish, aggregator_effect::Pin, aggregator_effect::Unpin,
                 aggregator_effect::SendSlice, aggregator_effect::Tell>;
using AggregatorEffects = std::vector<AggregatorEffect>;

struct AggregatorSettings {
  RunShape shape;
  Term term = 0;
  ShardId shard = 0;
  std::uint32_t shards = 1;
  VerdictRule rule;
  std::uint64_t checkpoint_every_rounds = 0;  ///< 0: cuts are only announced
  Liveness liveness;
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
  struct Sums {  // of a held block, over the whole vector
    bool finite = true;
    double loss_sum = 0;
    double weight_sum = 0;
  };

  void on(const BlockPushed& pushed, AggregatorEffects& effects);
  void on(const RootReport& report, AggregatorEffects& effects);
  void on(const VerdictReached& reached, AggregatorEffects& effects);
  void on(const MemberAdmitted& admitted, AggregatorEffects& effects);
  void on(const MemberKnown& known, AggregatorEffects& effects);
  void on(const MemberLost& lost, AggregatorEffects& effects);
  void on(const CutAnnounced& cut, AggregatorEffects& effects);
  void on(const ReleaseVersion& release, AggregatorEffects& effects);
  void on(const VersionHeld& held, AggregatorEffects& effects);
  void on(const CatchUp& catch_up, AggregatorEffects& effects);
  void on(const aggregator_event::Tick& tick, AggregatorEffects& effects);

  const char* reason_to_drop(const BlockPushed& pushed) const;
  void accept(const BlockPushed& pushed, AggregatorEffects& effects);
  void join_sums(const Block& left, const Block& right, const Block& parent);
  void apply_if_possible(AggregatorEffects& effects);
  std::vector<Incarnation> not_sent(std::vector<Incarnation> behind) const;
  void send_catch_ups(const DeliveryWindow::CatchUps& catch_ups, AggregatorEffects& effects) const;
  void pin(Version version, AggregatorEffects& effects);

  AggregatorSettings settings_;
  Version version_;
  std::uint64_t updates_applied_;
  std::uint64_t voided_in_a_row_;
  Reduction reduction_;
  std::map<Block, Sums> sums_;
  std::optional<VerdictReached> verdict_;  // reached, not yet applied
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
};

}  // namespace fulmar::core
