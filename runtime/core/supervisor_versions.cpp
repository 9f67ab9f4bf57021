// Versions and their validation.
#include <algorithm>
#include <cmath>
#include <utility>

#include "runtime/core/patience.hpp"
#include "runtime/core/supervisor.hpp"

namespace fulmar::core {
namespace effect = supervisor_effect;
namespace event = supervisor_event;

// ---- versions

void Supervisor::on(const ShardPublished& published) {
  if (published.version <= state_.version) return;
  published_[published.version].insert(published.shard);
  advance_while_published();
}

void Supervisor::advance_while_published() {
  while (!ended_) {
    const auto published = published_.find(state_.version + 1);
    const auto verdict = verdicts_.find(state_.version);
    if (published == published_.end() || published->second.size() < settings_.shards || verdict == verdicts_.end()) {
      return;
    }
    if (ending_ && state_.version >= ending_->version) return;  // SUP-2: what lies beyond the end does not count
    const Verdict reached = verdict->second;
    published_.erase(published);
    verdicts_.erase(verdict);
    advance(reached);
  }
}

void Supervisor::advance(const Verdict& verdict) {
  const RunShape& shape = settings_.shape;
  const Unit unit = verdict.attempt.unit;
  const std::uint64_t samples = shape.samples_in_round(unit);
  const bool replayed = leases_.replays();
  const bool recorded = !works_in_rounds() && !replayed;
  const OutstandingUnit lease = leases_.lease_of(verdict.attempt);
  state_.version = verdict.base + 1;
  leases_.apply(verdict.attempt);
  if (recorded) {
    record(UpdateApplied{state_.version, verdict.attempt, verdict.loss_sum, verdict.squared_norm});
  }
  if (replayed && works_in_rounds()) begin_rounds("what the journal has is recomputed");
  if (verdict.action == Action::apply) {
    state_.ledger.count(shape.first_position(unit), samples, shape.train_samples);
    state_.train_loss = verdict.loss_sum / verdict.weight_sum;
    ++state_.updates_applied;
    state_.voided_in_a_row = 0;
  } else {
    state_.ledger.void_round(state_.version, shape.first_position(unit), samples, shape.train_samples);
    ++state_.voided_in_a_row;
    record(RoundVoided{state_.ledger.voided().back(), verdict.reason});
  }
  not_finite_.erase(unit);
  note_update_of(verdict, lease);
  if (round_ && round_->base() < state_.version) round_.reset();
  recovering_.clear();
  takers_.clear();
  blame_.forget_rounds_before(leases_.applied().cursor());
  unit_blame_.forget_rounds_before(leases_.applied().cursor());
  change_wanted_plan();
  emit(effect::Report{state_, verdict});

  if (is_milestone(state_.version) || cuts_.proposed() == state_.version || due_.contains(state_.version)) {
    snapshots_[state_.version] = state_;
  }
  if (is_to_be_written(state_.version)) due_.insert(state_.version);
  if (shape.is_validated(state_.version)) {
    if (stop_wanted_ && stop_wanted_->failed) return give_up(stop_wanted_->reason);  // SUP-5
    start_validation(state_.version);
  }
  if (state_.version == settings_.end_version && !ending_) {
    const bool failed = stop_wanted_ && stop_wanted_->failed;
    end_at({state_.version, failed, true, failed ? stop_wanted_->reason : *reason_to_complete(), {}});
  }
  write_due_checkpoints();
}

void Supervisor::note_update_of(const Verdict& verdict, const OutstandingUnit& lease) {
  const Attempt& attempt = verdict.attempt;
  if (attempt.lease == 0) return;
  staleness_max_ = std::max(staleness_max_, verdict.staleness());
  lost_leases_.erase(attempt.lease);
  if (!members_.all().contains(attempt.node)) return;
  Member& holder = members_.at(attempt.node);
  holder.staleness = verdict.staleness();
  if (!lease.staged) measure_unit(holder, now_ - lease.granted);
  wait_for_unit(attempt.node);
}

// By its number; or because it is time, where versions are only recomputed and no cut is announced. What is prescribed
// may pass such a version with something under way: then nobody could go on from it.
bool Supervisor::is_to_be_written(Version version) const {
  const std::uint64_t every = settings_.checkpoint_every_rounds;
  const bool by_number = every > 0 && version % every == 0;
  const bool by_time = leases_.replays() && is_milestone(version) && is_checkpoint_overdue();
  const bool is_clean = !settings_.order || settings_.order->is_clean(version);
  return (by_number || by_time) && is_clean && state_.ledger.is_cursor();
}

bool Supervisor::is_milestone(Version version) const {
  const std::uint64_t every = settings_.checkpoint_every_rounds;
  return settings_.shape.is_validated(version) || (every > 0 && version % every == 0) ||
         version == settings_.end_version;
}

RunState Supervisor::state_as_of(Version version) const {
  RunState state = snapshots_.at(version);
  state.validation = history_.as_of(version);  // SUP-3
  return state;
}

// ---- validation

void Supervisor::start_validation(Version version) {
  const BlockTree tree = settings_.shape.validation_tree();
  std::vector<Block> blocks;
  const std::vector<Holding> holdings = plan_sync_round(members_.capacities(), tree);
  for (const Holding& holding : holdings) blocks.insert(blocks.end(), holding.blocks.begin(), holding.blocks.end());
  if (blocks.empty()) blocks.push_back(tree.root());

  Validation& validation = validations_.emplace(version, Validation(tree, blocks)).first->second;
  for (const Holding& holding : holdings) {
    for (const Block& block : holding.blocks) grant(validation, version, block, holding.node);
  }
}

// Nobody knows yet how long a validation leaf takes; less than a training leaf, as a rule. A lease that was too short
// is granted for twice as long.
Time Supervisor::patience_with(const Validation& validation, const Block& block, const Member& holder) const {
  const std::uint64_t leaves = settings_.shape.validation_tree().leaf_count(block);
  const double seconds = holder.leaves_per_second > 0 ? static_cast<double>(leaves) / holder.leaves_per_second : 0;
  return doubled(time_of(seconds) * 4 + settings_.liveness.value * 2, validation.leases().grants(block));
}

void Supervisor::grant(Validation& validation, Version version, const Block& block, NodeId node) {
  const Member& holder = members_.at(node);
  const Time deadline = now_ + patience_with(validation, block, holder);
  validation.grant(block, {node, holder.incarnation, deadline});
  emit(effect::SendToWorker{node, ValidationLease{version, {block}}});
}

// SUP-1: blocks that nobody can take stay free, until somebody joins, or is heard of again, or has less to do; those of
// the dead until it is known what they died of.
void Supervisor::grant_free_validation() {
  if (!members_.has_active() || !gone_.empty()) return;
  std::size_t turn = 0;
  for (auto& [version, validation] : validations_) {
    const std::set<std::uint64_t> isolated = blame_.isolated(version, true);
    const BlockTree tree = settings_.shape.validation_tree();
    for (const Block& block : validation.leases().free_blocks()) {
      const bool alone = tree.leaf_count(block) == 1 && isolated.contains(tree.first_leaf(block));
      // Another time it is somebody else's turn.
      const auto taker = validator_for(alone, turn++ + validation.leases().grants(block));
      if (taker) grant(validation, version, block, *taker);
    }
  }
}

std::optional<NodeId> Supervisor::validator_for(bool isolated, std::size_t turn) const {
  std::vector<NodeId> takers;
  for (const auto& [node, member] : members_.all()) {
    if (member.state != MemberState::active || members_.is_suspected(member, now_)) continue;
    if (!isolated || !validates_isolated(member.incarnation)) takers.push_back(node);
  }
  if (takers.empty()) return std::nullopt;
  return takers[turn % takers.size()];
}

bool Supervisor::validates_isolated(Incarnation incarnation) const {
  for (const auto& [version, validation] : validations_) {
    const std::set<std::uint64_t> isolated = blame_.isolated(version, true);
    for (const std::uint64_t leaf : validation.unfinished(incarnation)) {
      if (isolated.contains(leaf)) return true;
    }
  }
  return false;
}

void Supervisor::on(const BlockValidated& validated) {
  const auto found = validations_.find(validated.version);
  if (!members_.knows(validated.sender) || found == validations_.end()) return;
  if (!found->second.take(validated.block, validated.losses)) {
    give_up("determinism alarm: " + describe(validated.sender) + " computed other losses for block " +
            to_string(validated.block) + " of the validation of version " + std::to_string(validated.version));
    return;
  }
  conclude_validations();
}

void Supervisor::conclude_validations() {
  while (!validations_.empty()) {  // in the order of versions: VALID-2
    const Version version = validations_.begin()->first;
    const std::optional<double> loss = validations_.begin()->second.loss();
    if (!loss) break;
    validations_.erase(validations_.begin());
    blame_.forget_validation(version);
    conclude_validation(version, *loss);
  }
  write_due_checkpoints();
}

void Supervisor::conclude_validation(Version version, double loss) {
  const ValidationState now = history_.add(version, loss);
  state_.validation = now;
  record(ValidationDone{version, loss});
  if (history_.is_best(version)) best_due_.insert(version);
  const auto named = not_finite_validations_.extract(version);
  if (!std::isfinite(loss) && settings_.not_finite == NotFinitePolicy::stop) {
    give_up("the validation loss of version " + std::to_string(version) + " is not finite" +
            (named ? ": " + named.mapped().front() : ""));
    return;
  }
  const bool completes_anyway = ending_ && ending_->completed && ending_->version == version;
  if (!out_of_patience(now, settings_.patience) || completes_anyway) return;
  const std::string reason = *reason_to_complete();
  record(DecisionMade{version, "stop early", reason});
  end_at({version, false, true, reason, {}});
}

std::optional<std::string> Supervisor::reason_to_complete() const {
  return core::reason_to_complete(state_, settings_.end_version, settings_.patience);
}

}  // namespace fulmar::core
