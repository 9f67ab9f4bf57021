// What slots are given, what they bring back, and how fast they are.
#include <algorithm>
#include <chrono>

#include "runtime/core/worker.hpp"

namespace fulmar::core {
namespace {

namespace effect = worker_effect;

/// How much a new measurement counts beside the older ones.
constexpr double kSmoothing = 1.0 / 3;

}  // namespace

bool Worker::is_current(const Job& job) const {
  return job.kind != JobKind::validate && work_ && work_->number == job.work.number;
}

// ---- what they are given

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
    Slot& slot = slots_[id];
    if (slot.state != SlotState::idle) continue;
    const std::optional<Job> job = next_job();
    if (!job) return;
    slot.state = SlotState::busy;
    slot.job = *job;
    slot.started = now_;
    effects.push_back(effect::StartJob{id, *job});
  }
}

void Worker::on(const ValidationLease& lease, WorkerEffects&) {
  const BlockTree tree = settings_.shape.validation_tree();
  if (draining_ || released_.contains(lease.version)) return;
  for (const Block& block : lease.blocks) {
    const std::uint32_t level = job_level(tree.leaf_count(block));
    for (const Block& part : tree.split(block, level)) {
      const Job job{JobKind::validate, lease.version, part, false, {}};
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
  if ((draining_ && !is_leased()) || slot.state != SlotState::dead) return;
  slot.state = SlotState::idle;  // the core is the same: so is its speed
  effects.push_back(effect::SpawnSlot{restart.slot});
}

// ---- what they bring back

void Worker::on(const worker_event::JobDone& done, WorkerEffects& effects) {
  Slot& slot = slots_.at(done.slot);
  if (slot.state != SlotState::busy || slot.job != done.job) return;
  slot.state = SlotState::idle;
  if (done.job.kind == JobKind::gradient) measure(slot, done.leaves_done, effects);
  if (done.abandoned) return;
  for (const std::uint64_t leaf : done.leaves_not_finite) {
    const bool validation = done.job.kind == JobKind::validate;
    const std::uint64_t of = validation ? done.job.version : done.job.work.unit;
    effects.push_back(effect::Tell{LeafNotFinite{identity_, {of, validation, leaf}}});
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
  effects.push_back(effect::KeepVector{job.work.number, job.block});
  if (!is_part(job.block)) {
    push(job.block, effects);
    return;
  }
  const BlockTree tree = settings_.shape.tree(job.work.unit);
  if (ready_.erase(tree.sibling(job.block)) == 0) {
    ready_.insert(job.block);
    return;
  }
  const Block parent = tree.parent(job.block);
  queue_.push_front({JobKind::combine, job.version, parent, !is_part(parent), job.work});
}

void Worker::on(const worker_event::SlotDied& died, WorkerEffects& effects) {
  Slot& slot = slots_.at(died.slot);
  if (slot.state == SlotState::dead) return;
  const bool was_busy = slot.state == SlotState::busy;
  slot.state = SlotState::dead;
  effects.push_back(effect::Tell{SlotFailed{identity_, died.slot, died.at_leaf, died.leaf, died.cause}});
  if (!was_busy || (draining_ && !is_leased())) return;
  if (slot.job.kind == JobKind::validate) {
    const bool asked_for = complete_.contains(slot.job.version) && !released_.contains(slot.job.version);
    if (asked_for) validation_queue_.push_front(slot.job);
  } else if (is_current(slot.job)) {
    follow_assignment(effects);  // what the slot held is missing again
  }
}

// ---- the end

void Worker::on(const Drain&, WorkerEffects& effects) {
  if (draining_) return;
  draining_ = true;
  validation_queue_.clear();
  if (lease_ && is_leased()) return;  // half a unit is of no use to anybody
  if (lease_) end_lease(effects);
  own_.clear();  // so that what is running is pushed as it is
  for (const Job& job : queue_) {
    if (job.kind != JobKind::combine) continue;
    const BlockTree tree = settings_.shape.tree(job.work.unit);
    push(tree.left(job.block), effects);
    push(tree.right(job.block), effects);
  }
  queue_.clear();
  for (const Block& block : ready_) push(block, effects);
  ready_.clear();
}

bool Worker::is_of_use(const Job& job) const {
  return job.kind == JobKind::validate ? !released_.contains(job.version) : is_current(job);
}

void Worker::say_when_drained(WorkerEffects& effects) {
  if (drained_ || (lease_ && is_leased())) return;
  const auto is_awaited = [&](const Slot& slot) { return slot.state == SlotState::busy && is_of_use(slot.job); };
  if (std::any_of(slots_.begin(), slots_.end(), is_awaited)) return;
  drained_ = true;
  effects.push_back(effect::SayDrained{});
}

// ---- how fast they are

void Worker::measure(Slot& slot, std::uint64_t leaves_done, WorkerEffects& effects) {
  const Time elapsed = now_ - slot.started;
  if (leaves_done == 0 || elapsed <= Time::zero()) return;
  const bool first_of_all = typical_speed() == 0;
  const double speed = static_cast<double>(leaves_done) / in_seconds(elapsed);
  double& smoothed = slot.leaves_per_second;
  smoothed = smoothed == 0 ? speed : smoothed + kSmoothing * (speed - smoothed);
  if (first_of_all) effects.push_back(effect::SendBeat{});
}

double Worker::typical_speed() const {
  double sum = 0;
  double measured = 0;
  for (const Slot& slot : slots_) {
    if (slot.leaves_per_second == 0) continue;
    sum += slot.leaves_per_second;
    ++measured;
  }
  return measured == 0 ? 0 : sum / measured;
}

Beat Worker::beat(Time now) const {
  const double typical = typical_speed();
  double sum = 0;
  for (const Slot& slot : slots_) {
    if (slot.state == SlotState::dead) continue;
    double speed = slot.leaves_per_second == 0 ? typical : slot.leaves_per_second;
    if (slot.state == SlotState::busy && slot.job.kind == JobKind::gradient && now > slot.started) {
      const std::uint64_t leaves = settings_.shape.tree(slot.job.work.unit).leaf_count(slot.job.block);
      speed =
          std::min(speed, static_cast<double>(leaves) / in_seconds(now - slot.started));  // it should be done by now
    }
    sum += speed;
  }
  return {identity_, version_, sum};
}

}  // namespace fulmar::core
