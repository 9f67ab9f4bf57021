// The aggregator of one shard, as a state machine: which blocks of the round it takes, what it combines, when it
// reports its root, applies the verdict and publishes; which versions it keeps for validation and checkpoints.
//
// States: *collecting* (blocks of round `version` come in) → *waiting for the verdict* (the root is complete and
// reported) → apply, publish version + 1 → collecting. A verdict `stop` ends it: nothing is applied any more.
// The shell carries out effects in order, on one thread, before it feeds the next event. The lead aggregator (shard 0)
// also joins the root reports of all shards into the verdict.
// Thread rule: one owner; pure: no IO, clock, thread or logging.
//
// AGG-1: a version is published only when the round's tree was complete and its verdict known.
// AGG-2: nothing of another term, or of an incarnation that is not alive, is applied.
// AGG-3: a pinned version stays available until it is released; at most kPinnedMax are, or publishing waits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "runtime/core/messages.hpp"
#include "runtime/core/reduction.hpp"
#include "runtime/core/run_shape.hpp"

namespace fulmar::core {

/// A verdict, on its way to every shard and to the supervisor.
struct VerdictReached {
  Verdict verdict;
};

using AggregatorEvent =
    std::variant<BlockPushed, RootReport, VerdictReached, MemberAdmitted, MemberLost, CutAnnounced, ReleaseVersion>;

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
/// Lead only: tell every shard and the supervisor.
struct SendVerdict {
  Verdict verdict;
};
/// Apply the verdict to the root kept under `block`, which makes version base + 1.
struct Apply {
  Verdict verdict;
  Block block;
};
/// Send version `version` to every worker and tell the supervisor.
struct Publish {
  Version version;
};
/// Hold on to the current version, with its optimizer state.
struct Pin {
  Version version;
};
struct Unpin {
  Version version;
};
/// Send the new member the current version and the pinned ones.
struct SendVersions {
  Incarnation incarnation;
};
struct Tell {
  std::variant<CutAccepted, CutMissed, DeterminismAlarm> message;
};
}  // namespace aggregator_effect

using AggregatorEffect =
    std::variant<aggregator_effect::Keep, aggregator_effect::Drop, aggregator_effect::Discard,
                 aggregator_effect::Combine, aggregator_effect::ReportRoot, aggregator_effect::SendVerdict,
                 aggregator_effect::Apply, aggregator_effect::Publish, aggregator_effect::Pin, aggregator_effect::Unpin,
                 aggregator_effect::SendVersions, aggregator_effect::Tell>;
using AggregatorEffects = std::vector<AggregatorEffect>;

struct AggregatorSettings {
  RunShape shape;
  Term term = 0;
  ShardId shard = 0;
  std::uint32_t shards = 1;
  VerdictRule rule;
  std::uint64_t checkpoint_every_rounds = 0;  ///< 0: cuts are only announced
};

/// How many versions may be pinned at once; more would mean that validation or the disk cannot keep up.
inline constexpr std::size_t kPinnedMax = 4;

class Aggregator {
 public:
  /// At version `version`, of which `updates_applied` changed the weights and the last `voided_in_a_row` did not.
  Aggregator(AggregatorSettings settings, Version version, std::uint64_t updates_applied,
             std::uint64_t voided_in_a_row);

  AggregatorEffects step(const AggregatorEvent& event);

  Version version() const { return version_; }
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
  void on(const MemberLost& lost, AggregatorEffects& effects);
  void on(const CutAnnounced& cut, AggregatorEffects& effects);
  void on(const ReleaseVersion& release, AggregatorEffects& effects);

  const char* reason_to_drop(const BlockPushed& pushed) const;
  void accept(const BlockPushed& pushed, AggregatorEffects& effects);
  void join_sums(const Block& left, const Block& right, const Block& parent);
  void apply_if_possible(AggregatorEffects& effects);
  void pin(Version version, AggregatorEffects& effects);

  AggregatorSettings settings_;
  Version version_;
  std::uint64_t updates_applied_;
  std::uint64_t voided_in_a_row_;
  Reduction reduction_;
  std::map<Block, Sums> sums_;
  std::optional<Verdict> verdict_;   // reached, not yet applied
  std::vector<RootReport> reports_;  // lead: of the round under way
  std::set<Incarnation> alive_;
  std::set<Version> pinned_;
  std::set<Version> cuts_;  // announced, not reached
  bool stopped_ = false;
};

}  // namespace fulmar::core
