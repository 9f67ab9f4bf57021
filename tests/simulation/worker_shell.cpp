#include "tests/simulation/worker_shell.hpp"

#include <span>
#include <tuple>

#include "runtime/core/aggregator.hpp"
#include "runtime/core/vector_arithmetic.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace effect = core::worker_effect;
namespace event = core::worker_event;
using core::JobKind;
namespace {

/// Whose leaves they are: a validated version's, or a unit's.
std::uint64_t leaves_of(const core::Job& job) {
  return job.kind == JobKind::validate ? job.version : job.work.unit;
}

}  // namespace

WorkerShell::WorkerShell(World& world, Process& process, std::uint32_t slots, Outbox& outbox)
    : world_(world),
      process_(process),
      outbox_(outbox),
      core_({world.scenario.shape, slots, world.scenario.shards}),
      slots_(process, slots, [this](core::SlotId slot) { end_job(slot); }) {}

void WorkerShell::begin(const core::Welcome& welcome) {
  identity_ = welcome.identity;
  step(welcome);
}

void WorkerShell::receive(const Letter& letter) {
  const auto handle = [this](const auto& message) { step(message); };
  std::visit(Overloaded{[&](const core::PlanChanged& plan) { handle(plan); },
                        [&](const core::RoundLease& lease) { handle(lease); },
                        [&](const core::ValidationLease& lease) { handle(lease); },
                        [&](const core::RestartSlot& restart) { handle(restart); },
                        [&](const core::EndAt& end) { handle(end); }, [&](const core::Drain& drain) { handle(drain); },
                        [&](const core::ReleaseVersion& release) { handle(release); },
                        [&](const core::UnitLease& lease) { handle(lease); },
                        [&](const core::LeaseRevoked& revoked) { handle(revoked); },
                        [&](const core::VersionSlice& slice) {
                          slice_ = letter->cargo;
                          handle(slice);
                          slice_.reset();
                        },
                        [](const auto&) {}},
             letter->message);
}

void WorkerShell::step(const core::WorkerEvent& event) {
  for (const core::WorkerEffect& next : core_.step(process_.now(), event)) {
    std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
  }
  check_bounds();
}

void WorkerShell::check_bounds() const {
  // Of the work under way, each leaf is in at most one vector; of the one before, a running job may bring one a slot.
  const std::size_t vectors_max = world_.scenario.shape.leaves + slots_.count();
  world_.checks.expect(vectors_.size() <= vectors_max, [&] {
    return "WORK-2: " + process_.name() + " keeps " + std::to_string(vectors_.size()) + " vectors";
  });
  // What is pinned for validation, what is under way, the newest one, the bases of a lease and of the next, and what a
  // running job still reads.
  const std::size_t versions_max = core::kPinnedMax + core::kVersionsInFlightMax + 4 + slots_.count();
  world_.checks.expect(weights_.size() + slices_.size() <= versions_max, [&] {
    return "AGG-4: " + process_.name() + " keeps " + std::to_string(weights_.size()) + " versions and parts of " +
           std::to_string(slices_.size());
  });
}

// ---- slots

core::BlockTree WorkerShell::tree_of(const core::Job& job) const {
  const core::RunShape& shape = world_.scenario.shape;
  return job.kind == JobKind::validate ? shape.validation_tree() : shape.tree(job.work.unit);
}

Time WorkerShell::work_of(const core::Job& job) const {
  using std::chrono::microseconds;
  if (job.kind == JobKind::combine) return world_.dice.time(microseconds(5), microseconds(100));
  const auto leaves = static_cast<std::int64_t>(tree_of(job).leaf_count(job.block));
  const Time usual = world_.scenario.leaf_time * leaves * world_.hosts.at(process_.host()).slowness;
  return usual / 100 * static_cast<std::int64_t>(world_.dice.between(60, 140));
}

void WorkerShell::carry_out(const effect::StartJob& start) {
  const core::Job& job = start.job;
  Running running{job, job.version, {}, {}, {}, false};
  if (job.kind == JobKind::combine) {
    const core::BlockTree tree = tree_of(job);
    running.left = take(job.work, tree.left(job.block));
    running.right = take(job.work, tree.right(job.block));
  } else {
    const auto weights = weights_.find(job.version);
    world_.checks.expect(weights != weights_.end(),
                         [&] { return "WORK-3: " + process_.name() + " works on a version that it has not"; });
    if (weights != weights_.end()) running.weights = weights->second;
    const bool leased = job.kind == JobKind::gradient && job.work.lease != 0;
    if (leased && world_.mutated(Mutation::base_of_slot_not_lease)) {
      std::tie(running.version, running.weights) = *weights_.rbegin();
    }
  }
  running_[start.slot] = std::move(running);
  slots_.start(start.slot, work_of(job));
}

void WorkerShell::carry_out(const effect::AbandonBefore& abandon) {
  for (auto& [slot, running] : running_) {
    if (running.job.kind != JobKind::gradient || running.job.work.number >= abandon.work || running.cut_short) continue;
    running.cut_short = world_.dice.one_in(2);
    if (running.cut_short) slots_.cut_short(slot);
  }
}

void WorkerShell::end_job(core::SlotId slot) {
  auto ended = running_.extract(slot);
  if (ended.empty() || dies(slot, ended.mapped().job)) return;
  const Running& running = ended.mapped();
  event::JobDone done{slot, running.job, {}, running.cut_short, 0};
  if (running.cut_short) {
    done.leaves_done = world_.dice.below(tree_of(running.job).leaf_count(running.job.block));
  } else {
    compute(running, done);
  }
  step(done);
}

void WorkerShell::compute(const Running& running, event::JobDone& done) {
  const core::Job& job = running.job;
  const core::BlockTree tree = tree_of(job);
  if (job.kind == JobKind::validate) {
    losses_.clear();
    for (std::uint64_t leaf = tree.first_leaf(job.block); leaf < tree.end_leaf(job.block); ++leaf) {
      losses_.push_back(world_.problem.validation_leaf(*running.weights, leaf));
    }
  } else if (job.kind == JobKind::gradient) {
    outcome_ = world_.problem.block(*running.weights, job.work.unit, job.block);
    outcome_.leaves.base = running.version;
    const core::Block next{job.block.level, job.block.index + 1};
    if (tree.contains(next) && world_.mutated(Mutation::off_by_one_in_permutation)) {
      outcome_.values = world_.problem.block(*running.weights, job.work.unit, tree.canonical(next)).values;
    }
    done.leaves_not_finite = outcome_.leaves_not_finite;
    done.leaves_done = tree.leaf_count(job.block);
  } else {
    outcome_ = running.left;
    simulation::join(outcome_, running.right);
  }
}

std::optional<std::uint64_t> WorkerShell::killer_in(const core::Job& job) const {
  const std::optional<core::LeafId>& killer = world_.scenario.killer;
  if (!killer || job.kind == JobKind::combine || killer->version != leaves_of(job) ||
      killer->validation != (job.kind == JobKind::validate)) {
    return {};
  }
  const core::BlockTree tree = tree_of(job);
  return tree.has_leaf(job.block, killer->leaf) ? std::optional(killer->leaf) : std::nullopt;
}

bool WorkerShell::dies(core::SlotId slot, const core::Job& job) {
  const std::optional<std::uint64_t> killer = killer_in(job);
  if (killer && world_.scenario.faults.has(Fault::killer_of_nodes)) {
    outbox_.die();
    return true;
  }
  const bool killed = killer && world_.scenario.faults.has(Fault::killer_of_slots);
  if (!killed && (world_.healed || !world_.dice.per_mille(world_.scenario.faults.of(Fault::slot_death)))) return false;
  const bool at_leaf = killed || (job.kind != JobKind::combine && world_.dice.one_in(2));
  const std::uint64_t leaf = killed ? *killer : tree_of(job).first_leaf(job.block);
  slots_.forget(slot);
  step(event::SlotDied{slot, at_leaf, {leaves_of(job), job.kind == JobKind::validate, leaf}, "the dice said so"});
  return true;
}

// ---- vectors and versions

Gradient WorkerShell::take(const core::Work& work, const core::Block& block) {
  auto vector = vectors_.extract({work.number, block});
  world_.checks.expect(!vector.empty(), [&] {
    return "WORK-2: " + process_.name() + " has no vector " + core::to_string(block) + " of unit " +
           std::to_string(work.unit);
  });
  if (!vector.empty()) return std::move(vector.mapped());
  Gradient nothing{Vector(world_.problem.parameters()), true, 0, 0, {}, {work.unit, work.base, {}}};
  nothing.leaves.counts.resize(world_.scenario.shape.leaves_in_round(work.unit));
  return nothing;
}

void WorkerShell::carry_out(const effect::KeepSlice& keep) {
  slices_[keep.version].resize(world_.scenario.shards);
  slices_[keep.version].at(keep.shard) = slice_;
}

void WorkerShell::carry_out(const effect::AssembleVersion& assemble) {
  Vector whole;
  for (const std::shared_ptr<const Cargo>& slice : slices_[assemble.version]) {
    world_.checks.expect(slice != nullptr, [&] { return "WORK-3: " + process_.name() + " lacks a slice"; });
    if (slice) whole.insert(whole.end(), slice->values.begin(), slice->values.end());
  }
  slices_.erase(assemble.version);
  weights_[assemble.version] = std::make_shared<const Vector>(std::move(whole));
}

void WorkerShell::carry_out(const effect::ForgetVersion& forget) {
  weights_.erase(forget.version);
  slices_.erase(forget.version);
}

void WorkerShell::carry_out(const effect::KeepVector& keep) {
  const bool fresh = vectors_.emplace(std::pair(keep.work, keep.block), std::move(outcome_)).second;
  world_.checks.expect(
      fresh, [&] { return "WORK-2: " + process_.name() + " computed " + core::to_string(keep.block) + " twice"; });
}

void WorkerShell::carry_out(const effect::ReleaseVectors& release) {
  vectors_.erase(vectors_.begin(), vectors_.lower_bound({release.work, core::Block{}}));
}

void WorkerShell::carry_out(const effect::Push& push) {
  const Gradient gradient = take(push.work, push.block);
  if (world_.mutated(Mutation::drop_a_block) && world_.dice.one_in(100)) return;
  for (core::ShardId shard = 0; shard < world_.scenario.shards; ++shard) {
    const core::Extent extent = world_.shards.shard(shard);
    const std::span<const float> part = std::span(gradient.values).subspan(extent.begin, extent.size());
    const Cargo cargo{Vector(part.begin(), part.end()), gradient.leaves, {world_.run(), identity_}};
    send(channel_of(shard),
         core::BlockPushed{identity_, push.work.base, push.block, core::digest(part), gradient.finite,
                           gradient.loss_sum, gradient.weight_sum, push.work.lease, push.work.unit},
         std::make_shared<const Cargo>(cargo));
  }
}

// ---- words

void WorkerShell::send(Channel to, SessionMessage message, std::shared_ptr<const Cargo> cargo) {
  outbox_.send(to, std::make_shared<const Parcel>(Parcel{std::move(message), std::move(cargo)}));
}

void WorkerShell::send_beat() {
  send(kSupervisorChannel, core_.beat(process_.now()));
}

void WorkerShell::carry_out(const effect::SendLosses& send_losses) {
  send(kSupervisorChannel, core::BlockValidated{identity_, send_losses.version, send_losses.block, losses_});
}

void WorkerShell::carry_out(const effect::Tell& tell) {
  const bool death = std::holds_alternative<core::SlotFailed>(tell.message);
  if (death && world_.mutated(Mutation::hide_slot_deaths)) return;
  std::visit([this](const auto& message) { send(kSupervisorChannel, message); }, tell.message);
}

void WorkerShell::carry_out(const effect::AcknowledgeVersion& acknowledge) {
  send(channel_of(0), acknowledge.held);
}

void WorkerShell::carry_out(const effect::SendBeat&) {
  send_beat();
}

void WorkerShell::carry_out(const effect::SayDrained&) {
  outbox_.say_drained();
}

}  // namespace fulmar::simulation
