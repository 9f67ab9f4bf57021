// The shell of one core::Aggregator: carries out what it says, as its header describes, on the shard's extent of the
// weights, and has every step checked against the truth.
// Thread rule: one simulation, one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "runtime/core/aggregator.hpp"
#include "tests/simulation/datagram.hpp"
#include "tests/simulation/recorder.hpp"
#include "tests/simulation/run_directory.hpp"

namespace fulmar::simulation {

struct World;
class HeadProcess;

class AggregatorShell {
 public:
  AggregatorShell(World& world, HeadProcess& head, core::ShardId shard, const OpenedRun& from);

  void receive(const core::AggregatorEvent& event, std::shared_ptr<const Cargo> cargo = nullptr);
  /// For a checkpoint: a version that is pinned.
  CheckpointPart part(core::Version version);
  const core::Aggregator& core() const { return core_; }
  const std::map<core::Version, CheckpointPart>& pinned() const { return pinned_; }
  const std::set<core::Incarnation>& members() const { return members_; }
  /// Whether it has what a leased unit has come to.
  bool has_staged(core::LeaseNumber lease) const;

 private:
  struct Kept {
    Vector values;
    Leaves leaves;
  };

  void carry_out(const core::aggregator_effect::Keep& keep);
  void carry_out(const core::aggregator_effect::Drop& drop);
  void carry_out(const core::aggregator_effect::Discard& discard);
  void carry_out(const core::aggregator_effect::Combine& combine);
  void carry_out(const core::aggregator_effect::ReportRoot& report);
  void carry_out(const core::aggregator_effect::SendVerdict& send);
  void carry_out(const core::aggregator_effect::SendDecision& send);
  void carry_out(const core::aggregator_effect::SendKnown& send);
  void carry_out(const core::aggregator_effect::Apply& apply);
  void carry_out(const core::aggregator_effect::Publish& publish);
  void carry_out(const core::aggregator_effect::KeepBase& keep);
  void carry_out(const core::aggregator_effect::ForgetBase& forget);
  void carry_out(const core::aggregator_effect::Pin& pin);
  void carry_out(const core::aggregator_effect::Unpin& unpin);
  void carry_out(const core::aggregator_effect::SendSlice& send);
  void carry_out(const core::aggregator_effect::Tell& tell);

  void note_members(const core::AggregatorEvent& event);
  void note_newcomer(core::Incarnation incarnation);
  /// The slice of a version that is kept as a base; none: it is not.
  std::shared_ptr<const Cargo> base(core::Version version) const;
  void to_every_shard(const core::AggregatorEvent& event);
  std::vector<double> chunk_norms(const Vector& root) const;
  void check_bounds() const;

  // What mutations do.
  core::BlockTree tree() const;
  /// A push is what its sender says, but under a mutation.
  core::AggregatorEvent as_taken(core::AggregatorEvent event) const;
  /// Adds what is kept of the block's descendants to it.
  void add_overlapping(const core::Block& block);
  /// Adds the cargo to what is kept of its leaves.
  void add_once_more();
  Vector sum_by_arrival();
  void report_for_all(core::RootReport report);
  void send_at_once(core::Incarnation newcomer);
  /// Whether the event is not for the core.
  bool is_swallowed(const core::AggregatorEvent& event);
  void void_in_words_alone(core::LeaseNumber lease);
  void swap_with_next(const core::VerdictReached& reached);

  World& world_;
  HeadProcess& head_;
  core::ShardId shard_;
  core::Term term_;
  core::Extent extent_;
  core::Aggregator core_;
  Vector weights_;
  std::vector<Vector> optimizer_;
  std::map<std::pair<core::LeaseNumber, core::Block>, Kept> vectors_;  // lease 0: of the round under way
  std::vector<std::pair<core::Block, Vector>> arrived_;                // under a mutation only
  std::optional<core::VerdictReached> held_back_;                      // likewise
  std::map<core::Version, CheckpointPart> pinned_;
  std::map<core::Version, std::shared_ptr<const Cargo>> bases_;
  std::set<core::Incarnation> members_;
  std::set<core::Incarnation> newcomers_;  // sent something, and for all that is known here without a version
  std::set<core::Incarnation> supplied_;   // who has said that it has one
  std::shared_ptr<const Cargo> cargo_;     // of the event that is being handled
  std::shared_ptr<const Cargo> newest_;    // the slice of the current version, as it is sent
};

}  // namespace fulmar::simulation
