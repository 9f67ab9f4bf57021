// Checkpoints: cuts, writes, releases; and the end of a run.
#include <algorithm>
#include <iterator>
#include <utility>

#include "runtime/core/supervisor.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {
namespace effect = supervisor_effect;
namespace event = supervisor_event;

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

// Beside those that were asked for at the start.
bool Supervisor::is_cut_due() const {
  return std::any_of(due_.begin(), due_.end(), [&](Version version) { return !settings_.cuts.contains(version); });
}

void Supervisor::on(const CutMissed& missed) {
  if (!cuts_.is_pending(missed.attempt)) return;
  withdraw_cut();
  const Version newest = std::max({missed.at, state_.version, leases_.rest_version()});
  if (!stop_wanted_) cuts_.widen_margin();
  // Rounds come to rest before a stop, and units before any cut, so that some attempt will not be too late.
  const bool exactly = stop_wanted_ || !works_in_rounds();
  announce_cut(exactly ? cuts_.propose_exactly(newest) : cuts_.propose(newest, settings_.end_version));
}

void Supervisor::write_checkpoint(Version version, CheckpointKind kind) {
  const std::optional<ValidationRecord>& newest_best = state_.validation.best;
  const bool due = best_due_.contains(version) && !writing_.contains({version, CheckpointKind::weights});
  const bool makes_up = best_lost_ && best_lost_->version == version && newest_best->version == version;
  const bool best = due || makes_up;
  writing_[{version, kind}] = best;
  FULMAR_ASSERT(state_as_of(version).ledger.is_cursor(),
                "SUP-7: a checkpoint of version " + std::to_string(version) + " with a unit missing before it");
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
  const auto write = writing_.extract({done.version, done.kind});
  if (!write) return;
  if (done.failure.empty()) {
    record(CheckpointWritten{done.version, done.kind, done.weights_sha256});
  } else {
    record(CheckpointFailed{done.version, done.failure});
  }
  best_due_.erase(done.version);
  if (write.mapped()) {  // a lost best is not tried again by itself: a newer one, or a full checkpoint, makes up for it
    const std::string& failure = done.failure.empty() ? done.best_failure : done.failure;
    best_lost_ = failure.empty() ? std::nullopt : std::optional(LostBest{done.version, failure});
  }
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
  lose_silent_members();
  judge_accused_leaf();
  if (ended_) return;
  change_wanted_plan();
  change_plan_if_it_pays();
  revoke_overdue_units();
  for (auto& [version, validation] : validations_) {
    if (members_.active() > 1) validation.leases().expire(now_);  // with one member there is nobody else to ask
  }
  // A shard that waits for a verdict has nothing to say about the dead.
  if (!gone_.empty() && gone_.front().at + 2 * settings_.liveness.tick() <= now_) blame_the_dead(nullptr);
  grant_free_validation();
  if (!is_checkpoint_overdue() || cuts_.pending() || is_cut_due() || ending_ || durable_ == state_.version ||
      leases_.replays())
    return;
  announce_cut(works_in_rounds() ? cuts_.propose(state_.version, settings_.end_version)
                                 : cuts_.propose_exactly(leases_.rest_version()));
}

// ---- the end

void Supervisor::tell_end(Version version) {
  if (version >= told_end_) return;
  told_end_ = version;
  for (const auto& [node, member] : members_.all()) emit(effect::SendToWorker{node, EndAt{version}});
}

// The version is out everywhere, or will be without any further work.
void Supervisor::end_at(Ending ending) {
  FULMAR_ASSERT(!ending_ || ending.version <= ending_->version, "SUP-2: an end moved forward");
  const Version version = ending.version;
  tell_end(version);
  due_.erase(due_.upper_bound(version), due_.end());
  best_due_.erase(best_due_.upper_bound(version), best_due_.end());
  validations_.erase(validations_.upper_bound(version), validations_.end());
  if (version == state_.version && !state_.ledger.is_cursor()) {
    ending.state = state_;  // amid what is recomputed: nobody could go on from it, so it is not written
  } else if (durable_ == version) {
    ending.state = state_as_of(version);
  } else {
    due_.insert(version);
  }
  ending_ = std::move(ending);
  withdraw_cut();
}

// Rounds are brought to rest first: a cut that is agreed on while they run could be ahead of what is ever reached.
// Units that were begun are finished. What is only being recomputed is in the journal: it is not waited for.
void Supervisor::stop_soon(bool failed, const std::string& reason) {
  if (leases_.replays()) return end_here(failed, reason);
  stop_wanted_ = Stop{failed, reason};
  const Version version = works_in_rounds() ? state_.version : leases_.rest_version();
  tell_end(version);
  withdraw_cut();
  announce_cut(cuts_.propose_exactly(version));
}

void Supervisor::fail(const std::string& reason) {
  const bool goes_on = !ending_ || state_.version < ending_->version;
  if (!validations_.empty() || (goes_on && !works_in_rounds())) {
    give_up(reason);  // SUP-5: they may never come, and SUP-3 lets no checkpoint be written before
  } else if (ending_ || stop_wanted_) {
    if (!stop_wanted_ || !stop_wanted_->failed) stop_wanted_ = Stop{true, reason};
  } else {
    stop_soon(true, reason);
  }
}

void Supervisor::give_up(const std::string& reason) {
  end_here(true, reason);
}

void Supervisor::end_here(bool failed, const std::string& reason) {
  tell_end(state_.version);
  validations_.clear();
  due_.clear();
  best_due_.clear();
  withdraw_cut();
  ending_ = Ending{state_.version, failed, false, reason, state_};
  finish_if_done();
}

void Supervisor::finish_if_done() {
  if (!ending_ || ended_ || state_.version < ending_->version || !due_.empty() || !best_due_.empty() ||
      !writing_.empty() || !validations_.empty()) {
    return;
  }
  ended_ = true;
  const std::optional<ValidationRecord>& best = ending_->state.validation.best;
  if (best_lost_ && best && best->version == best_lost_->version) {
    ending_->failed = true;
    ending_->reason += "; the weights of its best version " + std::to_string(best->version) +
                       " could not be written: " + best_lost_->cause;
  }
  record(RunEnded{ending_->version, ending_->completed, ending_->reason});
  const bool over = ending_->completed && !ending_->failed;  // otherwise it may be resumed
  for (const auto& [node, member] : members_.all()) {
    if (!member.local) emit(effect::Dismiss{members_.sender(node), Farewell{ending_->reason, !over}});
  }
  emit(effect::EndRun{ending_->state, ending_->failed, ending_->completed, ending_->reason});
}

}  // namespace fulmar::core
