// Versions, validation, checkpoints and the end of a run; members and failures are in supervisor.cpp.
#include <algorithm>
#include <cmath>
#include <utility>

#include "runtime/core/supervisor.hpp"
#include "runtime/vocabulary/assert.hpp"

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
  const std::uint64_t samples = shape.samples_in_round(verdict.base);
  state_.version = verdict.base + 1;
  if (verdict.action == Action::apply) {
    state_.ledger.count(samples, shape.train_samples);
    state_.train_loss = verdict.loss_sum / verdict.weight_sum;
    ++state_.updates_applied;
    state_.voided_in_a_row = 0;
  } else {
    state_.ledger.void_round(state_.version, samples, shape.train_samples);
    ++state_.voided_in_a_row;
    record(RoundVoided{state_.ledger.voided().back(), verdict.reason});
  }
  not_finite_.erase(not_finite_.begin(), not_finite_.upper_bound(verdict.base));
  emit(effect::Report{state_, verdict});

  if (is_milestone(state_.version) || cuts_.proposed() == state_.version || due_.contains(state_.version)) {
    snapshots_[state_.version] = state_;
  }
  const std::uint64_t every = settings_.checkpoint_every_rounds;
  if (every > 0 && state_.version % every == 0) due_.insert(state_.version);
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
  const std::vector<Holding> holdings = plan_sync_round(capacities(), tree);
  for (const Holding& holding : holdings) blocks.insert(blocks.end(), holding.blocks.begin(), holding.blocks.end());
  if (blocks.empty()) blocks.push_back(tree.root());

  Validation& validation = validations_.emplace(version, Validation(tree, blocks)).first->second;
  for (const Holding& holding : holdings) {
    for (const Block& block : holding.blocks) grant(validation, version, block, holding.node);
  }
}

void Supervisor::grant(Validation& validation, Version version, const Block& block, NodeId node) {
  validation.leases().grant(block, {node, members_.at(node).incarnation, now_ + settings_.liveness});
  emit(effect::SendToWorker{node, ValidationLease{version, {block}}});
}

void Supervisor::grant_free_validation() {
  if (members_.empty()) return;  // SUP-1: the blocks stay free until somebody joins
  auto member = members_.begin();
  for (auto& [version, validation] : validations_) {
    for (const Block& block : validation.leases().free_blocks()) {
      grant(validation, version, block, member->first);
      if (++member == members_.end()) member = members_.begin();
    }
  }
}

void Supervisor::on(const BlockValidated& validated) {
  const auto found = validations_.find(validated.version);
  if (!knows(validated.sender) || found == validations_.end()) return;
  if (found->second.take(validated.block, validated.losses) == Validation::Taken::mismatch) {
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
  if (!out_of_patience(now) || completes_anyway) return;
  const std::string reason = *reason_to_complete();
  record(DecisionMade{version, "stop early", reason});
  end_at({version, false, true, reason, {}});
}

bool Supervisor::out_of_patience(const ValidationState& validation) const {
  return settings_.patience > 0 && validation.checks_without_better >= settings_.patience;
}

std::optional<std::string> Supervisor::reason_to_complete() const {
  const ValidationState& validation = state_.validation;
  if (out_of_patience(validation)) {
    return "no better validation in " + std::to_string(validation.checks_without_better) +
           " epochs; the best is version " + std::to_string(validation.best ? validation.best->version : 0);
  }
  if (state_.version < settings_.end_version) return std::nullopt;
  return "reached version " + std::to_string(state_.version);
}

// ---- checkpoints

void Supervisor::announce_cut(Version version) {
  if (version == state_.version) snapshots_[version] = state_;
  const bool proposed = cuts_.proposed() == version;
  emit(effect::SendToAggregators{CutAnnounced{version, proposed ? cuts_.attempt() : 0}});
}

void Supervisor::withdraw_cut() {
  const std::optional<Version> cut = cuts_.withdraw();
  // Of a version that is out already, the snapshot says whether it is needed.
  if (cut && *cut > state_.version && !is_milestone(*cut)) emit(effect::Release{{*cut}});
  release_unneeded();
}

void Supervisor::on(const CutAccepted& accepted) {
  if (!cuts_.accept(accepted.shard, accepted.attempt) || ending_) return;
  if (stop_wanted_) {
    end_at({accepted.version, stop_wanted_->failed, false, stop_wanted_->reason, {}});
  } else {
    due_.insert(accepted.version);
  }
  write_due_checkpoints();
}

void Supervisor::on(const CutMissed& missed) {
  if (!cuts_.is_pending(missed.attempt)) return;
  withdraw_cut();
  const Version newest = std::max(missed.at, state_.version);
  if (!stop_wanted_) cuts_.widen_margin();
  // Rounds come to rest before a stop, so that some attempt will not be too late.
  announce_cut(stop_wanted_ ? cuts_.propose_exactly(newest) : cuts_.propose(newest, settings_.end_version));
}

void Supervisor::write_checkpoint(Version version, CheckpointKind kind) {
  const bool best = best_due_.contains(version) && !writing_.contains({version, CheckpointKind::weights});
  writing_.insert({version, kind});
  emit(effect::WriteCheckpoint{kind, state_as_of(version), best});
}

// In the order of versions: a checkpoint that calls version v the best is written after v's weights, and an older best
// is not written over a newer one.
void Supervisor::write_due_checkpoints() {
  std::set<Version> versions = due_;
  versions.insert(best_due_.begin(), best_due_.end());
  for (const Version version : versions) {
    const auto kind = due_.contains(version) ? CheckpointKind::full : CheckpointKind::weights;
    const bool validated_up_to = validations_.empty() || validations_.begin()->first > version;
    if (snapshots_.contains(version) && validated_up_to && !writing_.contains({version, kind})) {
      write_checkpoint(version, kind);
    }
  }
  release_unneeded();
  finish_if_done();
}

void Supervisor::on(const event::CheckpointDone& done) {
  if (writing_.erase({done.version, done.kind}) == 0) return;
  if (done.failure.empty()) {
    record(CheckpointWritten{done.version, done.kind, done.weights_sha256});
  } else {
    record(CheckpointFailed{done.version, done.failure});
  }
  best_due_.erase(done.version);
  if (done.kind == CheckpointKind::full) {
    if (ending_ && ending_->version == done.version) ending_->state = state_as_of(done.version);
    due_.erase(done.version);
    last_checkpoint_ = now_;
    if (done.failure.empty()) durable_ = done.version;
    if (ending_ && ending_->version == done.version && !done.failure.empty()) {
      ending_->failed = true;
      ending_->reason += "; its checkpoint could not be written: " + done.failure;
    }
  }
  write_due_checkpoints();
}

void Supervisor::release_unneeded() {
  for (auto snapshot = snapshots_.begin(); snapshot != snapshots_.end();) {
    const Version version = snapshot->first;
    const bool needed = validations_.contains(version) || due_.contains(version) || best_due_.contains(version) ||
                        cuts_.proposed() == version || writing_.contains({version, CheckpointKind::full}) ||
                        writing_.contains({version, CheckpointKind::weights});
    if (!needed) emit(effect::Release{{version}});
    snapshot = needed ? std::next(snapshot) : snapshots_.erase(snapshot);
  }
  history_.forget_before(snapshots_.empty() ? state_.version : snapshots_.begin()->first);
}

void Supervisor::on(const event::Tick&) {
  for (auto& [version, validation] : validations_) {
    if (members_.size() > 1) validation.leases().expire(now_);  // with one member there is nobody else to ask
  }
  grant_free_validation();
  const bool by_time = settings_.checkpoint_every > Time{} && now_ - last_checkpoint_ >= settings_.checkpoint_every;
  if (!by_time || cuts_.pending() || !due_.empty() || ending_ || durable_ == state_.version) return;
  announce_cut(cuts_.propose(state_.version, settings_.end_version));
}

// ---- the end

void Supervisor::tell_end(Version version) {
  if (version >= told_end_) return;
  told_end_ = version;
  for (const auto& [node, member] : members_) emit(effect::SendToWorker{node, EndAt{version}});
}

// The version is out everywhere, or will be without any further work.
void Supervisor::end_at(Ending ending) {
  FULMAR_ASSERT(!ending_ || ending.version <= ending_->version, "SUP-2: an end moved forward");
  const Version version = ending.version;
  tell_end(version);
  due_.erase(due_.upper_bound(version), due_.end());
  best_due_.erase(best_due_.upper_bound(version), best_due_.end());
  validations_.erase(validations_.upper_bound(version), validations_.end());
  if (durable_ == version) {
    ending.state = state_as_of(version);
  } else {
    due_.insert(version);
  }
  ending_ = std::move(ending);
  withdraw_cut();
}

// Rounds are brought to rest first: a cut that is agreed on while they run could be ahead of what is ever reached.
void Supervisor::stop_soon(bool failed, const std::string& reason) {
  stop_wanted_ = Stop{failed, reason};
  tell_end(state_.version);
  withdraw_cut();
  announce_cut(cuts_.propose_exactly(state_.version));
}

void Supervisor::fail(const std::string& reason) {
  if (!validations_.empty()) {
    give_up(reason);  // SUP-5: they may never come, and SUP-3 lets no checkpoint be written before
  } else if (ending_ || stop_wanted_) {
    if (!stop_wanted_ || !stop_wanted_->failed) stop_wanted_ = Stop{true, reason};
  } else {
    stop_soon(true, reason);
  }
}

void Supervisor::give_up(const std::string& reason) {
  tell_end(state_.version);
  validations_.clear();
  due_.clear();
  best_due_.clear();
  withdraw_cut();
  ending_ = Ending{state_.version, true, false, reason, state_};
  finish_if_done();
}

void Supervisor::finish_if_done() {
  if (!ending_ || ended_ || state_.version < ending_->version || !due_.empty() || !best_due_.empty() ||
      !writing_.empty() || !validations_.empty()) {
    return;
  }
  ended_ = true;
  record(RunEnded{ending_->version, ending_->completed, ending_->reason});
  emit(effect::EndRun{ending_->state, ending_->failed, ending_->completed, ending_->reason});
}

}  // namespace fulmar::core
