#include "actors/slot_actor.hpp"

#include <optional>
#include <string>
#include <utility>

#include <caf/all.hpp>

#include "actors/exit_reason.hpp"
#include "models/arithmetic.hpp"
#include "runtime/core/vector_arithmetic.hpp"

namespace fulmar::actors {
namespace {

/// One job's way through the slot.
class JobRun {
 public:
  JobRun(SlotState& state, const RunContext& context, const AbandonBefore& abandon_before, SlotMail& mail)
      : state_(state), context_(context), abandon_before_(abandon_before), mail_(mail) {}

  WorkerMail run(core::SlotId slot) {
    WorkerMail answer;
    core::worker_event::JobDone done{slot, mail_.job, {}, false, 0};
    switch (mail_.job.kind) {
      case core::JobKind::gradient: {
        std::optional<JobOutcome> outcome = reduce(context_.shape.tree(mail_.job.work.unit), mail_.job.block);
        done.abandoned = !outcome;
        if (outcome) answer.outcome = std::move(*outcome);
        break;
      }
      case core::JobKind::combine:
        answer.outcome = combine(std::move(mail_.left), mail_.right);
        break;
      case core::JobKind::validate:
        answer.outcome.losses = validate();
        break;
    }
    if (mail_.job.push && answer.outcome.vector) digest(answer.outcome);
    done.leaves_not_finite = std::move(not_finite_);
    done.leaves_done = gradients_;
    answer.event = std::move(done);
    state_.at_leaf = false;
    return answer;
  }

 private:
  /// The block's value, reduced by the tree; nothing when it is of no use any longer.
  std::optional<JobOutcome> reduce(const core::BlockTree& tree, const core::Block& block) {
    if (tree.leaf_count(block) == 1) return gradient(tree.first_leaf(block));
    std::optional<JobOutcome> left = reduce(tree, tree.left(block));
    if (!left) return std::nullopt;
    std::optional<JobOutcome> right = reduce(tree, tree.right(block));
    if (!right) return std::nullopt;
    return combine(std::move(*left), *right);
  }

  std::optional<JobOutcome> gradient(std::uint64_t leaf) {
    const core::Work& work = mail_.job.work;
    if (work.number < abandon_before_.load(std::memory_order_relaxed)) return std::nullopt;
    begin({work.unit, false, leaf});
    JobOutcome outcome;
    outcome.vector = context_.pool.take(context_.shards.parameters());
    const LeafResult result =
        state_.computation->gradient(mail_.weights->values(), work.unit, leaf, outcome.vector->values());
    if (!result.finite) not_finite_.push_back(leaf);
    outcome.loss_sum = result.loss_sum;
    outcome.weight_sum = result.weight_sum;
    outcome.finite = result.finite;
    ++gradients_;
    return outcome;
  }

  JobOutcome combine(JobOutcome left, const JobOutcome& right) {
    core::add(left.vector->values(), right.vector->values());
    left.digests.clear();  // of what it was, when it was begun to be pushed by itself
    left.loss_sum += right.loss_sum;
    left.weight_sum += right.weight_sum;
    left.finite = left.finite && right.finite;
    return left;
  }

  std::vector<core::LeafLoss> validate() {
    const core::BlockTree tree = context_.shape.validation_tree();
    std::vector<core::LeafLoss> losses;
    for (std::uint64_t leaf = tree.first_leaf(mail_.job.block); leaf < tree.end_leaf(mail_.job.block); ++leaf) {
      begin({mail_.job.version, true, leaf});
      const LeafResult result = state_.computation->validation_loss(mail_.weights->values(), leaf);
      if (!result.finite) not_finite_.push_back(leaf);
      losses.push_back({result.loss_sum, result.weight_sum});
    }
    return losses;
  }

  void digest(JobOutcome& outcome) const {
    for (core::ShardId shard = 0; shard < context_.shards.shards(); ++shard) {
      const core::Extent extent = context_.shards.shard(shard);
      outcome.digests.push_back(
          core::digest(std::as_const(*outcome.vector).values().subspan(extent.begin, extent.size())));
    }
  }

  void begin(const core::LeafId& leaf) {
    state_.leaf = leaf;
    state_.at_leaf = true;
  }

  SlotState& state_;
  const RunContext& context_;
  const AbandonBefore& abandon_before_;
  SlotMail& mail_;
  std::vector<std::uint64_t> not_finite_;
  std::uint64_t gradients_ = 0;  // leaves computed so far
};

}  // namespace

caf::behavior slot_actor(SlotActor* self, std::shared_ptr<const RunContext> context, core::SlotId slot,
                         caf::actor worker, std::shared_ptr<const AbandonBefore> abandon_before) {
  self->set_exception_handler([self](std::exception_ptr& exception) -> caf::error {
    const SlotState& state = self->state;
    return caf::make_error(caf::sec::runtime_error, state.at_leaf, state.leaf.version, state.leaf.validation,
                           state.leaf.leaf, exception_text(exception));
  });
  self->monitor(worker);  // no slot outlives its worker
  self->set_down_handler([self](const caf::down_msg&) { self->quit(); });
  return {[=](SlotMail& mail) {
    if (!self->state.computation) {  // here and not at the start, so that a failure is an exception of the handler
      models::prepare_compute_thread();
      self->state.computation = context->computation();
    }
    self->send(worker, JobRun(self->state, *context, *abandon_before, mail).run(slot));
  }};
}

core::worker_event::SlotDied slot_death(core::SlotId slot, const caf::error& reason) {
  core::worker_event::SlotDied died;
  died.slot = slot;
  const caf::message context = reason ? reason.context() : caf::message();
  if (context.match_elements<bool, std::uint64_t, bool, std::uint64_t, std::string>()) {
    died.at_leaf = context.get_as<bool>(0);
    died.leaf = {context.get_as<std::uint64_t>(1), context.get_as<bool>(2), context.get_as<std::uint64_t>(3)};
    died.cause = context.get_as<std::string>(4);
  } else {
    died.cause = cause_of(reason);
  }
  return died;
}

}  // namespace fulmar::actors
