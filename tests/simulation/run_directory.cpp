#include "tests/simulation/run_directory.hpp"

#include <span>
#include <utility>

#include "runtime/core/run_history.hpp"
#include "runtime/storage/checkpoint_layout.hpp"
#include "runtime/storage/tensor_views.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace {

/// What a run goes on from.
struct Start {
  core::RunState state;
  Vector weights;
  std::vector<Vector> optimizer;
};

Start from_seed(const World& world) {
  const std::size_t states = core::state_vectors(world.scenario.optimizer.kind);
  return {{}, world.problem.initial_weights(), std::vector<Vector>(states, Vector(world.problem.parameters(), 0.0F))};
}

Result<Start> from_checkpoint(const World& world, const storage::LoadedCheckpoint& checkpoint) {
  Start start = from_seed(world);
  start.state = checkpoint.state.run;
  const std::vector<core::ManifestTensor> tensors = tensors_of(world);
  if (auto copied = storage::copy_tensors(checkpoint.weights.tensors, tensors, start.weights, "weights"); !copied) {
    return copied.error();
  }
  std::vector<std::span<float>> state(start.optimizer.begin(), start.optimizer.end());
  if (state.empty()) return start;
  auto copied =
      storage::copy_optimizer(world.scenario.optimizer.kind, checkpoint.optimizer.tensors, tensors, state, "optimizer");
  if (!copied) return copied.error();
  return start;
}

Result<Start> restore(World& world) {
  storage::CheckpointStore checkpoints(world.disk);
  if (auto recovered = checkpoints.recover(); !recovered) return recovered.error();
  auto newest = checkpoints.load_newest_good();
  if (!newest) return newest.error();
  return newest->checkpoint ? from_checkpoint(world, *newest->checkpoint) : Result<Start>(from_seed(world));
}

/// A head may have been lost after it had written the best version and before it named it.
Result<void> name_best(World& world, const core::RunState& state, core::Term term) {
  const std::optional<core::ValidationRecord>& best = state.validation.best;
  if (!best || !world.disk.exists(storage::version_path(best->version))) return {};
  storage::CheckpointStore checkpoints(world.disk, term);
  const auto named = checkpoints.best();
  if (!named) return named.error();
  return *named && **named >= best->version ? Result<void>{} : checkpoints.set_best(best->version);
}

core::PolicySettings as_worked_by(const World& world, core::PolicySettings policy) {
  if (world.mutated(Mutation::bound_off_by_one)) ++policy.staleness;
  return policy;
}

core::PrescribedOrder as_recomputed(const World& world, const core::PrescribedOrder& order) {
  if (!world.mutated(Mutation::replay_ignores_base)) return order;
  std::vector<core::PrescribedUpdate> updates;
  for (core::Version version = order.start() + 1; version <= order.end(); ++version) {
    updates.push_back({order.update_of(version).unit, version - 1});
  }
  return {order.start(), updates};
}

}  // namespace

std::vector<core::ManifestTensor> tensors_of(const World& world) {
  return {{"weight", {world.problem.parameters()}, 0, world.problem.parameters()}};
}

Result<OpenedRun> open_run(World& world) {
  if (auto created = world.disk.create_directories("."); !created) return created.error();
  Result<Start> start = restore(world);
  if (!start) return start.error();
  Result<storage::OpenedJournal> opened = storage::Journal::open(world.disk);
  if (!opened) return opened.error();
  if (opened->records.empty()) {
    if (auto done = opened->journal.append(core::RunStarted{kRunId, kConfigSha256}); !done) return done.error();
  }
  const Result<core::RunHistory> history = core::read_history(opened->records, world.scenario.policy);
  if (!history) return world.checks.refused(history.error());
  const core::Version end = history->durable_end(start->state.version);
  const core::PrescribedOrder order = history->order(start->state.version, end);
  const Result<core::Term> term = storage::raise_term(opened->journal, opened->records, end);
  if (!term) return term.error();
  const ReferenceVersion& version =
      world.checks.resumed(start->state, start->weights, start->optimizer, opened->records, *history);
  Timeline timeline(version, history->policies);
  world.checks.prescribed(timeline, order);
  if (opened->cut_bytes > 0) world.happened(Happening::torn_journal);
  if (*term > 1) {
    world.happened(start->state.version > 0 ? Happening::resumed_from_checkpoint : Happening::begun_anew);
  }
  if (auto named = name_best(world, start->state, *term); !named) return named.error();
  std::shared_ptr<const core::PrescribedOrder> prescribed;
  if (end > start->state.version) {
    world.happened(Happening::tail_recomputed);
    prescribed = std::make_shared<const core::PrescribedOrder>(as_recomputed(world, order));
  }
  return OpenedRun{std::move(opened->journal),  *term,
                   std::move(start->state),     std::move(start->weights),
                   std::move(start->optimizer), as_worked_by(world, history->policy_at(end)),
                   std::move(prescribed),       std::move(timeline)};
}

}  // namespace fulmar::simulation
