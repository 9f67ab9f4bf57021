// Who we are, which versions are here and which are kept. What an assignment makes of the queue is in worker_plan.cpp,
// what slots do with it in worker_slots.cpp.
#include "runtime/core/worker.hpp"

#include <algorithm>
#include <utility>

namespace fulmar::core {
namespace effect = worker_effect;

Worker::Worker(WorkerSettings settings) : settings_(settings), slots_(settings_.slots) {}

WorkerEffects Worker::step(Time now, const WorkerEvent& event) {
  now_ = now;
  WorkerEffects effects;
  std::visit([&](const auto& concrete) { on(concrete, effects); }, event);
  if (!draining_ || is_leased()) dispatch(effects);
  if (draining_) say_when_drained(effects);
  return effects;
}

void Worker::on(const Welcome& welcome, WorkerEffects& effects) {
  identity_ = welcome.identity;
  end_version_ = welcome.end_version;
  welcomed_ = true;
  acknowledge_versions(effects);
  if (version_) effects.push_back(effect::SendBeat{});
  follow_assignment(effects);
}

void Worker::on(const EndAt& end, WorkerEffects& effects) {
  end_version_ = end.version;
  if (!work_ || is_leased() || work_->base < end_version_) return;
  own_.clear();
  queue_.clear();
  effects.push_back(effect::AbandonBefore{works_ + 1});
}

void Worker::on(const ReleaseVersion& release, WorkerEffects& effects) {
  if (!settings_.shape.is_validated(release.version)) return;  // a checkpoint's: no weights are kept for it here
  std::erase_if(validation_queue_, [&](const Job& job) { return job.version == release.version; });
  released_.insert(release.version);  // its slices may still be on their way
  forget_unwanted_parts(effects);
  forget_if_unused(release.version, effects);
}

// ---- versions

bool Worker::is_wanted(Version version) const {
  const bool may_be_validated = settings_.shape.is_validated(version) && !released_.contains(version);
  if (may_be_validated || version_ == version || is_base_of_lease(version)) return true;
  // Where a newer one is on its way, from one shard and so from all, no round will ask for one that was released.
  const bool outdated = released_.contains(version) && !arriving_.empty() && version < arriving_.rbegin()->first;
  return sent_.contains(version) && (!version_ || version > *version_) && !outdated;
}

void Worker::forget_unwanted_parts(WorkerEffects& effects) {
  std::erase_if(arriving_, [&](const auto& entry) {
    const bool unwanted = !is_wanted(entry.first);
    if (unwanted) effects.push_back(effect::ForgetVersion{entry.first});
    return unwanted;
  });
  std::erase_if(sent_, [&](Version version) { return !arriving_.contains(version); });
}

bool Worker::is_base_of_lease(Version version) const {
  return std::any_of(lease_bases_.begin(), lease_bases_.end(),
                     [&](const auto& entry) { return entry.second.version == version; });
}

void Worker::on(const VersionSlice& slice, WorkerEffects& effects) {
  if (slice.lease != 0) note_base(slice, effects);
  if (slice.lease == 0) sent_.insert(slice.version);
  if (complete_.contains(slice.version)) {
    unacknowledged_.push_back(slice.version);  // the lead may wait for the answer, whatever it was sent for before
    acknowledge_versions(effects);
    return begin_leased_unit_if_possible(effects);
  }
  if (!is_wanted(slice.version)) {
    effects.push_back(effect::ForgetVersion{slice.version});
    return;
  }
  effects.push_back(effect::KeepSlice{slice.version, slice.shard});
  std::set<ShardId>& shards = arriving_[slice.version];
  shards.insert(slice.shard);
  if (shards.size() < settings_.shards) return forget_unwanted_parts(effects);

  arriving_.erase(slice.version);
  complete_.insert(slice.version);
  effects.push_back(effect::AssembleVersion{slice.version});
  unacknowledged_.push_back(slice.version);
  acknowledge_versions(effects);
  if (!version_ && welcomed_) effects.push_back(effect::SendBeat{});
  if (!version_ || slice.version > *version_) {
    advance_to(slice.version, effects);
  } else {
    forget_if_unused(slice.version, effects);
  }
  begin_leased_unit_if_possible(effects);
}

// A member has one lease at a time that is not done: whoever sends for a later one knows that those before are over.
void Worker::note_base(const VersionSlice& slice, WorkerEffects& effects) {
  const auto is_present = [&](LeaseNumber lease) { return lease_ && lease_->lease == lease; };
  const bool is_newest = lease_bases_.empty() || slice.lease >= lease_bases_.rbegin()->first;
  if (slice.lease <= last_over_ || !(is_newest || is_present(slice.lease))) return;
  LeaseBase& base = lease_bases_[slice.lease];
  base.version = slice.version;
  base.shards.insert(slice.shard);
  std::vector<Version> given_up;
  std::erase_if(lease_bases_, [&](const auto& entry) {
    const bool over = entry.first < lease_bases_.rbegin()->first && !is_present(entry.first);
    if (over) given_up.push_back(entry.second.version);
    return over;
  });
  if (given_up.empty()) return;
  forget_unwanted_parts(effects);
  for (const Version version : given_up) forget_if_unused(version, effects);
}

void Worker::acknowledge_versions(WorkerEffects& effects) {
  if (!welcomed_) return;
  for (const Version version : unacknowledged_) effects.push_back(effect::AcknowledgeVersion{{identity_, version}});
  unacknowledged_.clear();
}

void Worker::advance_to(Version version, WorkerEffects& effects) {
  const std::optional<Version> previous = std::exchange(version_, version);
  forget_unwanted_parts(effects);
  if (previous) {
    forget_if_unused(*previous, effects);
    // Every shard sends versions in order, so no slice from before the previous one is still on its way.
    std::erase_if(released_, [&](Version released) { return released < *previous && !complete_.contains(released); });
  }
  leases_.erase(leases_.begin(), leases_.lower_bound(version));
  if (!lease_) begin(version, version, 0, effects);
}

void Worker::begin(Unit unit, Version base, LeaseNumber lease, WorkerEffects& effects) {
  leave_work(effects);
  work_ = Work{++works_, unit, base, lease};
  work_began_ = now_;
  follow_assignment(effects);
}

void Worker::leave_work(WorkerEffects& effects) {
  work_.reset();
  own_.clear();
  pushed_.clear();
  ready_.clear();
  queue_.clear();
  effects.push_back(effect::ReleaseVectors{works_ + 1});
  effects.push_back(effect::AbandonBefore{works_ + 1});
}

// ---- leased units

void Worker::on(const UnitLease& lease, WorkerEffects& effects) {
  const bool has_later = !lease_bases_.empty() && lease_bases_.rbegin()->first > lease.lease;
  if (draining_ || lease.lease <= last_over_ || has_later) return;
  if (lease_) end_lease(effects);  // the supervisor knows that it is over
  lease_ = lease;
  lease_bases_[lease.lease].version = lease.base;
  begin_leased_unit_if_possible(effects);
}

void Worker::begin_leased_unit_if_possible(WorkerEffects& effects) {
  if (!lease_ || !complete_.contains(lease_->base) || (work_ && work_->lease == lease_->lease)) return;
  if (lease_bases_.at(lease_->lease).shards.size() < settings_.shards) return;
  begin(lease_->unit, lease_->base, lease_->lease, effects);
}

void Worker::on(const LeaseRevoked& revoked, WorkerEffects& effects) {
  if (!lease_ || lease_->lease != revoked.lease) return;
  if (work_ && work_->lease == revoked.lease) leave_work(effects);
  end_lease(effects);
}

void Worker::end_lease(WorkerEffects& effects) {
  const Version base = lease_->base;
  last_over_ = lease_->lease;
  lease_.reset();
  lease_bases_.erase(lease_bases_.begin(), lease_bases_.upper_bound(last_over_));
  forget_unwanted_parts(effects);
  forget_if_unused(base, effects);
}

void Worker::forget_if_unused(Version version, WorkerEffects& effects) {
  if (is_wanted(version) || complete_.erase(version) == 0) return;
  effects.push_back(effect::ForgetVersion{version});
}

}  // namespace fulmar::core
