// Versions and slots; what a plan makes of the queue is in worker_plan.cpp.
#include "runtime/core/worker.hpp"

#include <algorithm>
#include <utility>

namespace fulmar::core {
namespace effect = worker_effect;

Worker::Worker(WorkerSettings settings) : settings_(settings), slots_(settings_.slots) {}

WorkerEffects Worker::step(const WorkerEvent& event) {
  WorkerEffects effects;
  std::visit([&](const auto& concrete) { on(concrete, effects); }, event);
  dispatch(effects);
  return effects;
}

// ---- what the supervisor says

void Worker::on(const Welcome& welcome, WorkerEffects& effects) {
  identity_ = welcome.identity;
  end_version_ = welcome.end_version;
  welcomed_ = true;
  follow_plan(effects);
}

void Worker::on(const PlanChanged& plan, WorkerEffects& effects) {
  plans_[plan.from_version] = plan;
  follow_plan(effects);
}

void Worker::on(const ValidationLease& lease, WorkerEffects&) {
  const BlockTree tree = settings_.shape.validation_tree();
  if (released_.contains(lease.version)) return;
  for (const Block& block : lease.blocks) {
    const std::uint32_t level = job_level(tree.leaf_count(block));
    for (const Block& part : tree.split(block, level)) {
      const Job job{JobKind::validate, lease.version, part, false};
      if (!is_validating(job)) validation_queue_.push_back(job);  // a lease may expire and come back
    }
  }
}

bool Worker::is_validating(const Job& job) const {
  const auto is_job = [&](const Slot& slot) { return slot.state == SlotState::busy && slot.job == job; };
  return std::find(validation_queue_.begin(), validation_queue_.end(), job) != validation_queue_.end() ||
         std::any_of(slots_.begin(), slots_.end(), is_job);
}

void Worker::on(const RestartSlot& restart, WorkerEffects& effects) {
  Slot& slot = slots_.at(restart.slot);
  if (slot.state != SlotState::dead) return;
  slot = {};
  effects.push_back(effect::SpawnSlot{restart.slot});
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
  if (!is_wanted(release.version) && arriving_.erase(release.version) > 0) {
    effects.push_back(effect::ForgetVersion{release.version});
  }
  forget_if_unused(release.version, effects);
}

// ---- versions

bool Worker::is_wanted(Version version) const {
  const bool may_be_validated = settings_.shape.is_validated(version) && !released_.contains(version);
  return !version_ || version >= *version_ || may_be_validated;
}

void Worker::on(const VersionSlice& slice, WorkerEffects& effects) {
  if (complete_.contains(slice.version)) return;
  if (!is_wanted(slice.version)) {
    effects.push_back(effect::ForgetVersion{slice.version});
    return;
  }
  std::set<ShardId>& shards = arriving_[slice.version];
  shards.insert(slice.shard);
  if (shards.size() < settings_.shards) return;

  arriving_.erase(slice.version);
  complete_.insert(slice.version);
  effects.push_back(effect::AssembleVersion{slice.version});
  if (!version_ || slice.version > *version_) {
    advance_to(slice.version, effects);
  } else {
    forget_if_unused(slice.version, effects);
  }
}

void Worker::advance_to(Version version, WorkerEffects& effects) {
  const std::optional<Version> previous = std::exchange(version_, version);
  std::erase_if(arriving_, [&](const auto& entry) {
    const bool unwanted = !is_wanted(entry.first);
    if (unwanted) effects.push_back(effect::ForgetVersion{entry.first});
    return unwanted;
  });
  if (previous) {
    forget_if_unused(*previous, effects);
    // Every shard sends versions in order, so no slice from before the previous one is still on its way.
    std::erase_if(released_, [&](Version released) { return released < *previous && !complete_.contains(released); });
  }
  own_.clear();
  pushed_.clear();
  ready_.clear();
  queue_.clear();
  effects.push_back(effect::ReleaseVectors{version});
  effects.push_back(effect::AbandonBefore{version});
  follow_plan(effects);
}

void Worker::forget_if_unused(Version version, WorkerEffects& effects) {
  if (is_wanted(version) || complete_.erase(version) == 0) return;
  effects.push_back(effect::ForgetVersion{version});
}

// ---- slots

bool Worker::is_current(const Job& job) const {
  return job.kind != JobKind::validate && version_ == job.version;
}

void Worker::on(const worker_event::JobDone& done, WorkerEffects& effects) {
  Slot& slot = slots_.at(done.slot);
  if (slot.state != SlotState::busy || slot.job != done.job) return;
  slot.state = SlotState::idle;
  if (done.abandoned) return;
  for (const std::uint64_t leaf : done.leaves_not_finite) {
    const bool validation = done.job.kind == JobKind::validate;
    effects.push_back(effect::Tell{LeafNotFinite{identity_, {done.job.version, validation, leaf}}});
  }
  if (done.job.kind == JobKind::validate) {
    if (!released_.contains(done.job.version)) {
      effects.push_back(effect::SendLosses{done.job.version, done.job.block});
    }
  } else if (is_current(done.job)) {
    finish_vector(done.job, effects);
  }
}

void Worker::finish_vector(const Job& job, WorkerEffects& effects) {
  const Version base = job.version;
  effects.push_back(effect::KeepVector{base, job.block});
  if (!is_part(job.block)) {
    if (pushed_.insert(job.block).second) effects.push_back(effect::Push{base, job.block});
    return;
  }
  const BlockTree tree = settings_.shape.tree(base);
  const Block sibling = tree.sibling(job.block);
  if (ready_.erase(sibling) == 0) {
    ready_.insert(job.block);
    return;
  }
  const Block parent = tree.parent(job.block);
  queue_.push_front({JobKind::combine, base, parent, !is_part(parent)});
}

void Worker::on(const worker_event::SlotDied& died, WorkerEffects& effects) {
  Slot& slot = slots_.at(died.slot);
  if (slot.state == SlotState::dead) return;
  const bool was_busy = slot.state == SlotState::busy;
  slot.state = SlotState::dead;
  effects.push_back(effect::Tell{SlotFailed{identity_, died.slot, died.at_leaf, died.leaf, died.cause}});
  if (!was_busy) return;
  if (slot.job.kind == JobKind::validate) {
    const bool asked_for = complete_.contains(slot.job.version) && !released_.contains(slot.job.version);
    if (asked_for) validation_queue_.push_front(slot.job);
  } else if (is_current(slot.job)) {
    follow_plan(effects);  // what the slot held is missing again
  }
}

std::optional<Job> Worker::next_job() {
  const auto has_weights = [&](const Job& job) { return complete_.contains(job.version); };
  const auto validation = std::find_if(validation_queue_.begin(), validation_queue_.end(), has_weights);
  if (validation != validation_queue_.end()) {
    const Job job = *validation;
    validation_queue_.erase(validation);
    return job;
  }
  if (queue_.empty()) return std::nullopt;
  const Job job = queue_.front();
  queue_.pop_front();
  return job;
}

void Worker::dispatch(WorkerEffects& effects) {
  for (SlotId id = 0; id < slots_.size(); ++id) {
    if (slots_[id].state != SlotState::idle) continue;
    const std::optional<Job> job = next_job();
    if (!job) return;
    slots_[id] = {SlotState::busy, *job};
    effects.push_back(effect::StartJob{id, *job});
  }
}

}  // namespace fulmar::core
