#include "actors/worker_actor.hpp"

#include <algorithm>
#include <utility>

#include <caf/all.hpp>

#include "actors/exit_reason.hpp"
#include "monitoring/process_usage.hpp"
#include "runtime/core/vector_arithmetic.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::actors {
namespace effect = core::worker_effect;

WorkerShell::WorkerShell(caf::event_based_actor* self, std::shared_ptr<const RunContext> context, WorkerPeers peers,
                         std::uint32_t slots)
    : self_(self),
      context_(std::move(context)),
      peers_(std::move(peers)),
      core_({context_->shape, slots, context_->shards.shards()}),
      slots_(slots),
      abandon_before_(std::make_shared<AbandonBefore>(0)) {
  for (core::SlotId slot = 0; slot < slots; ++slot) spawn_slot(slot);
}

void WorkerShell::spawn_slot(core::SlotId slot) {
  slots_[slot] = self_->spawn<caf::detached + caf::monitored>(slot_actor, context_, slot, caf::actor(self_),
                                                              std::shared_ptr<const AbandonBefore>(abandon_before_));
}

void WorkerShell::handle(WorkerMail mail) {
  mail_ = std::move(mail);
  if (const auto* welcome = std::get_if<core::Welcome>(&mail_.event)) identity_ = welcome->identity;
  step(mail_.event);
  mail_ = {};
}

void WorkerShell::beat() {
  if (identity_.incarnation == 0) return;
  core::Beat beat = core_.beat(monotonic_now());
  beat.usage = monitoring::process_usage();
  peers_.supervisor->send({beat});
}

void WorkerShell::slot_down(const caf::down_msg& down) {
  const auto found = std::find_if(slots_.begin(), slots_.end(),
                                  [&](const caf::actor& slot) { return slot && slot.address() == down.source; });
  if (found == slots_.end()) return;
  const auto slot = static_cast<core::SlotId>(found - slots_.begin());
  *found = nullptr;
  step(slot_death(slot, down.reason));
}

void WorkerShell::step(const core::WorkerEvent& event) {
  for (const core::WorkerEffect& next : core_.step(monotonic_now(), event)) {
    std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
  }
}

void WorkerShell::carry_out(const effect::StartJob& start) {
  SlotMail mail;
  mail.job = start.job;
  if (start.job.kind == core::JobKind::combine) {
    const core::BlockTree tree = context_->shape.tree(start.job.work.unit);
    mail.left = take_vector(start.job.work.number, tree.left(start.job.block));
    mail.right = take_vector(start.job.work.number, tree.right(start.job.block));
  } else {
    mail.weights = weights_.at(start.job.version);
  }
  self_->send(slots_[start.slot], std::move(mail));
}

void WorkerShell::carry_out(const effect::KeepSlice& keep) {
  std::vector<SharedBuffer>& slices = slices_[keep.version];
  slices.resize(context_->shards.shards());
  slices[keep.shard] = std::move(mail_.slice);
}

void WorkerShell::carry_out(const effect::AssembleVersion& assemble) {
  auto slices = slices_.extract(assemble.version);
  FULMAR_ASSERT(!slices.empty(), "WORK-3: version " + std::to_string(assemble.version) + " has no slices");
  weights_[assemble.version] = whole_of(*context_, slices.mapped());
}

void WorkerShell::carry_out(const effect::ForgetVersion& forget) {
  weights_.erase(forget.version);
  slices_.erase(forget.version);
}

void WorkerShell::carry_out(const effect::AbandonBefore& abandon) {
  abandon_before_->store(abandon.work, std::memory_order_relaxed);
}

void WorkerShell::carry_out(const effect::KeepVector& keep) {
  vectors_[{keep.work, keep.block}] = std::move(mail_.outcome);
}

void WorkerShell::carry_out(const effect::ReleaseVectors& release) {
  vectors_.erase(vectors_.begin(), vectors_.lower_bound({release.work, core::Block{}}));
}

JobOutcome WorkerShell::take_vector(std::uint64_t work, const core::Block& block) {
  auto vector = vectors_.extract({work, block});
  FULMAR_ASSERT(!vector.empty(), "WORK-2: no vector of block " + core::to_string(block));
  return std::move(vector.mapped());
}

void WorkerShell::carry_out(const effect::Push& push) {
  const JobOutcome outcome = take_vector(push.work.number, push.block);
  for (core::ShardId shard = 0; shard < peers_.aggregators.size(); ++shard) {
    const core::Extent extent = context_->shards.shard(shard);
    const std::uint64_t digest =
        outcome.digests.empty()
            ? core::digest(std::as_const(*outcome.vector).values().subspan(extent.begin, extent.size()))
            : outcome.digests[shard];
    AggregatorMail mail;
    mail.event = core::BlockPushed{
        identity_,        push.work.base,     push.block,      digest,         outcome.finite,
        outcome.loss_sum, outcome.weight_sum, push.work.lease, push.work.unit, core::in_seconds(push.taken)};
    mail.vector = outcome.vector;
    peers_.aggregators[shard]->send(std::move(mail));
  }
}

void WorkerShell::carry_out(const effect::SendLosses& send) {
  peers_.supervisor->send({core::BlockValidated{identity_, send.version, send.block, mail_.outcome.losses}});
}

void WorkerShell::carry_out(const effect::SpawnSlot& spawn) {
  spawn_slot(spawn.slot);
}

void WorkerShell::carry_out(const effect::Tell& tell) {
  std::visit([this](const auto& message) { peers_.supervisor->send({message}); }, tell.message);
}

void WorkerShell::carry_out(const effect::AcknowledgeVersion& acknowledge) {
  peers_.aggregators.front()->send({acknowledge.held, nullptr, nullptr});
}

void WorkerShell::carry_out(const effect::SendBeat&) {
  beat();
}

void WorkerShell::carry_out(const effect::SayDrained&) {
  peers_.supervisor->send({core::Drained{identity_}});
}

caf::behavior worker_actor(WorkerActor* self, std::shared_ptr<const RunContext> context, WorkerStart start) {
  const std::optional<core::Time> beats = start.beats;
  self->set_exception_handler(exit_reason_of);
  self->monitor(start.owner);
  self->set_down_handler([self, owner = start.owner.address()](const caf::down_msg& down) {
    if (down.source == owner) {
      self->quit();
    } else {
      self->state.shell->slot_down(down);
    }
  });
  self->state.shell = std::make_unique<WorkerShell>(self, std::move(context), std::move(start.peers), start.slots);
  if (beats) self->delayed_send(self, *beats, BeatDue{});
  return {[self](WorkerMail& mail) { self->state.shell->handle(std::move(mail)); },
          [self, beats](const BeatDue&) {
            self->state.shell->beat();
            if (beats) self->delayed_send(self, *beats, BeatDue{});
          }};
}

}  // namespace fulmar::actors
