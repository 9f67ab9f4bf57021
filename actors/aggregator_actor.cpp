#include "actors/aggregator_actor.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

#include <caf/all.hpp>

#include "actors/exit_reason.hpp"
#include "actors/mailbox_length.hpp"
#include "models/arithmetic.hpp"
#include "runtime/core/vector_arithmetic.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::actors {
namespace effect = core::aggregator_effect;
namespace {

core::AggregatorSettings settings_of(const RunContext& context, core::ShardId shard) {
  return {context.shape,
          context.term,
          shard,
          context.shards.shards(),
          context.verdict_rule,
          context.supervision.checkpoint_every_rounds,
          context.supervision.liveness,
          context.supervision.policy,
          context.supervision.order,
          context.optimizer.remedies.delay_compensation > 0};
}

}  // namespace

AggregatorShell::AggregatorShell(caf::event_based_actor* self, std::shared_ptr<const RunContext> context,
                                 ShardStart start)
    : self_(self),
      context_(std::move(context)),
      shard_(start.shard),
      extent_(context_->shards.shard(shard_)),
      core_(settings_of(*context_, shard_), start.state.version, start.state.updates_applied,
            start.state.voided_in_a_row),
      version_(start.state.version),
      weights_(std::move(start.weights)),
      optimizer_(std::move(start.optimizer)),
      clock_(monotonic_now()) {}

void AggregatorShell::handle(AggregatorMail mail) {
  mail_ = std::move(mail);
  if (const auto* admitted = std::get_if<core::MemberAdmitted>(&mail_.event)) {
    workers_[admitted->incarnation] = mail_.worker;
  } else if (const auto* lost = std::get_if<core::MemberLost>(&mail_.event)) {
    workers_.erase(lost->incarnation);
  }
  own_events_.push_back(mail_.event);
  while (!own_events_.empty()) {
    const core::AggregatorEvent event = std::move(own_events_.front());
    own_events_.pop_front();
    const core::Time now = monotonic_now();
    if (is_lead()) time(event, now);
    for (const core::AggregatorEffect& next : core_.step(now, event)) {
      std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
    }
  }
  mail_ = {};
}

void AggregatorShell::time(const core::AggregatorEvent& event, core::Time now) {
  if (const auto* admitted = std::get_if<core::MemberAdmitted>(&event)) clock_.admitted(admitted->node, now);
  if (const auto* granted = std::get_if<core::UnitGranted>(&event)) clock_.granted(granted->attempt.lease, now);
  if (const auto* voided = std::get_if<core::AttemptVoided>(&event)) clock_.ended(voided->lease);
}

void AggregatorShell::tell_lead(core::AggregatorEvent event) {
  if (peers_.lead) {
    self_->send(peers_.lead, AggregatorMail{std::move(event), nullptr, nullptr});
  } else {
    own_events_.push_back(std::move(event));
  }
}

void AggregatorShell::tell_all_shards(const core::AggregatorEvent& event) {
  for (const caf::actor& shard : peers_.other_shards) self_->send(shard, AggregatorMail{event, nullptr, nullptr});
  own_events_.push_back(event);
}

std::span<float> AggregatorShell::extent_of(const MutableBuffer& vector) const {
  const std::span<float> values = vector->values();
  return values.size() == extent_.size() ? values : values.subspan(extent_.begin, extent_.size());
}

// ---- rounds and attempts

void AggregatorShell::carry_out(const effect::Keep& keep) {
  if (is_lead()) clock_.took(std::get<core::BlockPushed>(mail_.event), monotonic_now());
  vectors_[{keep.lease, keep.block}] = std::move(mail_.vector);
}

void AggregatorShell::carry_out(const effect::Drop& drop) {
  mail_.vector.reset();
  self_->send(peers_.supervisor, MessageDropped{drop.reason});
}

void AggregatorShell::carry_out(const effect::Discard& discard) {
  vectors_.erase({discard.lease, discard.block});
}

void AggregatorShell::carry_out(const effect::Combine& combine) {
  auto left = vectors_.extract({0, combine.left});
  const auto right = vectors_.extract({0, combine.right});
  core::add(extent_of(left.mapped()), extent_of(right.mapped()));
  vectors_[{0, combine.parent}] = std::move(left.mapped());
}

void AggregatorShell::carry_out(const effect::ReportRoot& report) {
  const std::span<const float> root = extent_of(vectors_.at({report.lease, report.block}));
  core::RootReport measured{shard_,          report.base,       report.finite && core::all_finite(root),
                            report.loss_sum, report.weight_sum, {},
                            report.lease};
  const std::size_t first = context_->shards.first_chunk(shard_);
  for (std::size_t chunk = first; chunk < first + context_->shards.chunk_count(shard_); ++chunk) {
    const core::Extent extent = context_->shards.chunk(chunk);
    measured.chunk_norms.push_back(core::squared_norm(root.subspan(extent.begin - extent_.begin, extent.size())));
  }
  tell_lead(std::move(measured));
}

void AggregatorShell::carry_out(const effect::SendVerdict& send) {
  self_->send(peers_.supervisor, SupervisorMail{send.reached});
  tell_all_shards(send.reached);
}

void AggregatorShell::carry_out(const effect::SendDecision& send) {
  std::visit([this](const auto& decision) { tell_all_shards(decision); }, send.decision);
}

MutableBuffer AggregatorShell::writable(const MutableBuffer& state) const {
  if (state.use_count() > 1) return context_->pool.take(state->size());
  // What the last other holder read, it read before this thread writes.
  std::atomic_thread_fence(std::memory_order_acquire);
  return state;
}

void AggregatorShell::carry_out(const effect::Apply& apply) {
  const core::Time begin = monotonic_now();
  update(apply);
  if (is_lead()) round_times_ = clock_.applied(apply.verdict.attempt.lease, begin, monotonic_now());
}

void AggregatorShell::update(const effect::Apply& apply) {
  const core::Verdict& verdict = apply.verdict;
  const auto root = vectors_.extract({verdict.attempt.lease, apply.block});
  version_ = verdict.base + 1;
  if (verdict.action != core::Action::apply) return;

  const core::OptimizerSettings& settings = context_->optimizer;
  const core::StepConstants constants = core::step_constants(settings, verdict.updates_before, verdict.weight_sum,
                                                             verdict.squared_norm, verdict.staleness());
  std::span<const float> base;
  if (constants.delay_compensation != 0) base = bases_.at(verdict.attempt.base)->values();
  const MutableBuffer next = context_->pool.take(weights_->size());
  std::vector<MutableBuffer> next_state;
  for (const MutableBuffer& state : optimizer_) next_state.push_back(writable(state));

  const std::span<const float> gradient = extent_of(root.mapped());
  std::vector<std::span<const float>> state_in(optimizer_.size());
  std::vector<std::span<float>> state_out(optimizer_.size());
  const std::size_t first = context_->shards.first_chunk(shard_);
  for (std::size_t chunk = first; chunk < first + context_->shards.chunk_count(shard_); ++chunk) {
    const core::Extent extent = context_->shards.chunk(chunk);
    const std::size_t begin = extent.begin - extent_.begin;
    for (std::size_t i = 0; i < optimizer_.size(); ++i) {
      state_in[i] = optimizer_[i]->values().subspan(begin, extent.size());
      state_out[i] = next_state[i]->values().subspan(begin, extent.size());
    }
    core::optimizer_step(settings.kind, constants, gradient.subspan(begin, extent.size()),
                         weights_->values().subspan(begin, extent.size()), next->values().subspan(begin, extent.size()),
                         state_in, state_out, base.empty() ? base : base.subspan(begin, extent.size()));
  }
  weights_ = next;
  optimizer_ = std::move(next_state);
}

// ---- versions

void AggregatorShell::send_slice(Port<WorkerMail>& worker, const core::VersionSlice& slice,
                                 const SharedBuffer& weights) const {
  WorkerMail mail;
  mail.event = slice;
  mail.slice = weights;
  worker.send(std::move(mail));
}

void AggregatorShell::carry_out(const effect::Publish& publish) {
  for (const auto& [incarnation, worker] : workers_) {
    const bool named = std::binary_search(publish.members.begin(), publish.members.end(), incarnation);
    if (named != publish.to_all_but) send_slice(*worker, {shard_, publish.version}, weights_);
  }
  const core::ShardPublished published{shard_, publish.version};
  if (is_lead()) {
    self_->send(peers_.supervisor, LeadPublished{published, std::move(round_times_), queued(*self_)});
  } else {
    self_->send(peers_.supervisor, SupervisorMail{published});
  }
}

void AggregatorShell::carry_out(const effect::KeepBase& keep) {
  FULMAR_ASSERT(keep.version == version_, "AGG-5: version " + std::to_string(keep.version) + " is to be kept as a " +
                                              "base at version " + std::to_string(version_));
  bases_[keep.version] = weights_;
}

void AggregatorShell::carry_out(const effect::ForgetBase& forget) {
  bases_.erase(forget.version);
}

void AggregatorShell::carry_out(const effect::Pin& pin) {
  pinned_[pin.version] = {weights_, {optimizer_.begin(), optimizer_.end()}};
}

void AggregatorShell::carry_out(const effect::Unpin& unpin) {
  pinned_.erase(unpin.version);
}

void AggregatorShell::carry_out(const effect::SendSlice& send) {
  send_slice(*workers_.at(send.incarnation), {shard_, send.version, send.lease}, weights_of(send.version));
}

SharedBuffer AggregatorShell::weights_of(core::Version version) const {
  if (version == version_) return weights_;
  if (const auto base = bases_.find(version); base != bases_.end()) return base->second;
  const auto pinned = pinned_.find(version);
  FULMAR_ASSERT(pinned != pinned_.end(), "AGG-3: version " + std::to_string(version) + " is not there any longer");
  return pinned->second.weights;
}

void AggregatorShell::carry_out(const effect::SendKnown& send) {
  tell_lead(send.known);
}

void AggregatorShell::carry_out(const effect::Tell& tell) {
  std::visit([this](const auto& message) { self_->send(peers_.supervisor, SupervisorMail{message}); }, tell.message);
}

void AggregatorShell::deliver(const DeliverPinned& request) {
  const Pinned& pinned = pinned_.at(request.version);
  CheckpointSlice slice{request.version, request.kind, shard_, pinned.weights, {}};
  if (request.kind == core::CheckpointKind::full) slice.optimizer = pinned.optimizer;
  self_->send(peers_.recorder, std::move(slice));
}

caf::behavior aggregator_actor(AggregatorActor* self, std::shared_ptr<const RunContext> context, ShardStart start) {
  const auto tick_interval = context->supervision.liveness.tick();
  self->set_exception_handler(exit_reason_of);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
  self->state.shell = std::make_unique<AggregatorShell>(self, std::move(context), std::move(start));
  return {[self, tick_interval](AggregatorPeers& peers) {
            models::prepare_compute_thread();
            self->monitor(peers.supervisor);  // nobody outlives the supervisor
            self->state.shell->meet(std::move(peers));
            self->delayed_send(self, tick_interval, TickDue{});
          },
          [self](AggregatorMail& mail) { self->state.shell->handle(std::move(mail)); },
          [self](const DeliverPinned& request) { self->state.shell->deliver(request); },
          [self, tick_interval](const TickDue&) {
            self->state.shell->tick();
            self->delayed_send(self, tick_interval, TickDue{});
          }};
}

}  // namespace fulmar::actors
