// Who we are, which versions are here and which are kept. What an assignment makes of the queue is in worker_plan.cpp,
// what slots do with it in worker_slots.cpp.
#include "runtime/core/worker.hpp"

#include <utility>

namespace fulmar::core {
namespace effect = worker_effect;

Worker::Worker(WorkerSettings settings) : settings_(settings), slots_(settings_.slots) {}

WorkerEffects Worker::step(Time now, const WorkerEvent& event) {
  now_ = now;
  WorkerEffects effects;
  std::visit([&](const auto& concrete) { on(concrete, effects); }, event);
  if (draining_) {
    say_when_drained(effects);
  } else {
    dispatch(effects);
  }
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
  if (!version_ || *version_ < end_version_) return;
  own_.clear();
  queue_.clear();
  effects.push_back(effect::AbandonBefore{*version_ + 1});
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
  if (may_be_validated || version_ == version) return true;
  // Where a newer one is on its way, from one shard and so from all, no round will ask for one that was released.
  const bool outdated = released_.contains(version) && !arriving_.empty() && version < arriving_.rbegin()->first;
  return (!version_ || version > *version_) && !outdated;
}

void Worker::forget_unwanted_parts(WorkerEffects& effects) {
  std::erase_if(arriving_, [&](const auto& entry) {
    const bool unwanted = !is_wanted(entry.first);
    if (unwanted) effects.push_back(effect::ForgetVersion{entry.first});
    return unwanted;
  });
}

void Worker::on(const VersionSlice& slice, WorkerEffects& effects) {
  if (complete_.contains(slice.version)) return;
  if (!is_wanted(slice.version)) {
    effects.push_back(effect::ForgetVersion{slice.version});
    return;
  }
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
  own_.clear();
  pushed_.clear();
  ready_.clear();
  queue_.clear();
  effects.push_back(effect::ReleaseVectors{version});
  effects.push_back(effect::AbandonBefore{version});
  follow_assignment(effects);
}

void Worker::forget_if_unused(Version version, WorkerEffects& effects) {
  if (is_wanted(version) || complete_.erase(version) == 0) return;
  effects.push_back(effect::ForgetVersion{version});
}

}  // namespace fulmar::core
