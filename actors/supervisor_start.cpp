#include "actors/supervisor_start.hpp"

#include <utility>

#include <caf/all.hpp>

#include "actors/worker_actor.hpp"

namespace fulmar::actors {
namespace {

std::vector<ShardStart> shard_starts(const TrainingStart& start) {
  std::vector<ShardStart> shards;
  for (core::ShardId shard = 0; shard < start.context->shards.shards(); ++shard) {
    ShardStart part{shard, start.state, extent_of(*start.context, start.weights, shard), {}};
    for (const MutableBuffer& vector : start.optimizer) {
      part.optimizer.push_back(extent_of(*start.context, vector, shard));
    }
    shards.push_back(std::move(part));
  }
  return shards;
}

caf::actor make_worker(caf::event_based_actor& supervisor, const std::shared_ptr<const RunContext>& context,
                       WorkerStart start) {
  return supervisor.spawn<caf::monitored>(worker_actor, context, std::move(start));
}

}  // namespace

SupervisorStart supervisor_start(TrainingStart start, HeadGate* gate, caf::actor owner) {
  SupervisorStart supervisor;
  supervisor.state = start.state;
  supervisor.shards = shard_starts(start);
  start.weights.reset();  // the shards own them now, and may update in place
  start.optimizer.clear();
  supervisor.policies = std::move(start.policies);
  supervisor.policy_wanted = start.policy_wanted;
  supervisor.recorder = {start.storage, std::move(start.journal)};
  supervisor.node_name = start.node_name;
  supervisor.slots = start.slots;
  supervisor.gate = gate;
  supervisor.owner = std::move(owner);
  supervisor.observers = std::move(start.observers);
  supervisor.make_worker = make_worker;
  return supervisor;
}

}  // namespace fulmar::actors
