// The aggregator of one shard: a thin shell round the Aggregator state machine, as a detached actor. It holds the
// shard's weights and optimizer state, reduces, applies and publishes.
//
// Weights are published as immutable buffers. Optimizer state is updated in place, unless somebody (a pin, the
// recorder) still holds the old one: then the step writes new buffers in the same pass. So a cut copies nothing. Thread
// rule: an actor.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include <caf/actor.hpp>
#include <caf/behavior.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/mail.hpp"
#include "actors/run_context.hpp"

namespace fulmar::actors {

/// What a shard starts from; buffers hold the shard's extent.
struct ShardStart {
  core::ShardId shard = 0;
  core::RunState state;
  MutableBuffer weights;
  std::vector<MutableBuffer> optimizer;
};
struct AggregatorPeers {
  caf::actor supervisor;
  caf::actor recorder;
  caf::actor lead;                       ///< empty: this one is the lead …
  std::vector<caf::actor> other_shards;  ///< … and these follow it
};

class AggregatorShell {
 public:
  AggregatorShell(caf::event_based_actor* self, std::shared_ptr<const RunContext> context, ShardStart start);

  /// Once, before the first event: the actors of a run are made in an order in which not all of them exist yet.
  void meet(AggregatorPeers peers) { peers_ = std::move(peers); }
  void handle(AggregatorMail mail);
  void tick() { handle({core::aggregator_event::Tick{}, nullptr, nullptr}); }
  void deliver(const DeliverPinned& request);

 private:
  struct Pinned {
    SharedBuffer weights;
    std::vector<SharedBuffer> optimizer;
  };

  void carry_out(const core::aggregator_effect::Keep& effect);
  void carry_out(const core::aggregator_effect::Drop& effect);
  void carry_out(const core::aggregator_effect::Discard& effect);
  void carry_out(const core::aggregator_effect::Combine& effect);
  void carry_out(const core::aggregator_effect::ReportRoot& effect);
  void carry_out(const core::aggregator_effect::SendVerdict& effect);
  void carry_out(const core::aggregator_effect::SendDecision& effect);
  void carry_out(const core::aggregator_effect::SendKnown& effect);
  void carry_out(const core::aggregator_effect::Apply& effect);
  void carry_out(const core::aggregator_effect::Publish& effect);
  void carry_out(const core::aggregator_effect::KeepBase& effect);
  void carry_out(const core::aggregator_effect::ForgetBase& effect);
  void carry_out(const core::aggregator_effect::Pin& effect);
  void carry_out(const core::aggregator_effect::Unpin& effect);
  void carry_out(const core::aggregator_effect::SendSlice& effect);
  void carry_out(const core::aggregator_effect::Tell& effect);
  /// Of a whole vector, or of one that is this shard's extent already.
  std::span<float> extent_of(const MutableBuffer& vector) const;
  void tell_lead(core::AggregatorEvent event);
  void tell_all_shards(const core::AggregatorEvent& event);
  void send_slice(Port<WorkerMail>& worker, const core::VersionSlice& slice, const SharedBuffer& weights) const;
  /// Of the current version, of one that is pinned, or of a base.
  SharedBuffer weights_of(core::Version version) const;
  MutableBuffer writable(const MutableBuffer& state) const;
  void update(const core::aggregator_effect::Apply& apply);
  bool is_lead() const { return !peers_.lead; }
  /// Lead: what the clock must know of an event.
  void time(const core::AggregatorEvent& event, core::Time now);

  caf::event_based_actor* self_;
  std::shared_ptr<const RunContext> context_;
  AggregatorPeers peers_;
  core::ShardId shard_;
  core::Extent extent_;
  core::Aggregator core_;
  core::Version version_;  // of weights_; the state machine may be ahead by effects that are yet to be carried out
  MutableBuffer weights_;
  std::vector<MutableBuffer> optimizer_;
  std::map<core::Version, Pinned> pinned_;
  std::map<core::Version, SharedBuffer> bases_;
  std::map<std::pair<core::LeaseNumber, core::Block>, MutableBuffer> vectors_;  // lease 0: of the round under way
  std::map<core::Incarnation, PortTo<WorkerMail>> workers_;
  RoundClock clock_;                              // lead
  RoundTimes round_times_;                        // lead: of the newest version, until it is published
  std::deque<core::AggregatorEvent> own_events_;  // what this shell's effects say to its own core
  AggregatorMail mail_;                           // being handled
};

struct AggregatorState {
  std::unique_ptr<AggregatorShell> shell;
};
using AggregatorActor = caf::stateful_actor<AggregatorState>;

caf::behavior aggregator_actor(AggregatorActor* self, std::shared_ptr<const RunContext> context, ShardStart start);

}  // namespace fulmar::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::AggregatorPeers)
