#include "actors/training.hpp"

#include <algorithm>
#include <caf/all.hpp>
#include <utility>

#include "actors/exit_reason.hpp"
#include "actors/supervisor_actor.hpp"

namespace fulmar::actors {
namespace {

MutableBuffer extent_of(const RunContext& context, const MutableBuffer& flat, core::ShardId shard) {
  if (context.shards.shards() == 1) return flat;
  const core::Extent extent = context.shards.shard(shard);
  MutableBuffer part = context.pool.take(extent.size());
  const std::span<float> from = flat->values().subspan(extent.begin, extent.size());
  std::copy(from.begin(), from.end(), part->values().begin());
  return part;
}

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

SupervisorStart supervisor_start(TrainingStart& start, caf::actor owner) {
  SupervisorStart supervisor;
  supervisor.state = start.state;
  supervisor.shards = shard_starts(start);
  start.weights.reset();  // the shards own them now, and may update in place
  start.optimizer.clear();
  supervisor.recorder = {start.storage, std::move(start.journal)};
  supervisor.node_name = start.node_name;
  supervisor.slots = start.slots;
  supervisor.owner = std::move(owner);
  supervisor.observers = std::move(start.observers);
  return supervisor;
}

}  // namespace

Result<TrainingOutcome> train(TrainingStart start, const std::function<void(RequestStop)>& started) {
  caf::actor_system_config config;
  // Supervisor and worker are quick; everything that computes or waits for a disk has a thread of its own.
  config.set("scheduler.max-threads", 1);
  config.set("scheduler.max-throughput", 16);
  caf::actor_system system(config);
  caf::scoped_actor self(system);

  const caf::actor supervisor = self->spawn<caf::monitored>(
      supervisor_actor, start.context, supervisor_start(start, caf::actor_cast<caf::actor>(self)));
  started([supervisor](const std::string& reason) {
    caf::anon_send(supervisor, SupervisorMail{core::supervisor_event::StopRequested{reason}});
  });

  Result<TrainingOutcome> result = Error{"the supervisor ended without a word"};
  self->receive(
      [&](const RunOutcome& outcome) {
        result = TrainingOutcome{outcome.state,  outcome.failed,     outcome.completed,
                                 outcome.reason, outcome.nodes_seen, outcome.failures_survived};
      },
      [&](const caf::down_msg& down) {
        result = Error{"the supervisor died: " + cause_of(down.reason) + "; start again with --resume"};
      });
  return result;
}

}  // namespace fulmar::actors
