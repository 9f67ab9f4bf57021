// What everybody in a planned cluster shares: the model, time, the head's link, and what is measured.
// Thread rule: one simulation, one thread.
#pragma once

#include "runtime/core/shard_map.hpp"
#include "runtime/simulation/cluster_model.hpp"
#include "runtime/simulation/event_queue.hpp"
#include "runtime/simulation/leaf_account.hpp"
#include "runtime/simulation/line.hpp"
#include "runtime/simulation/recovery_log.hpp"
#include "runtime/simulation/round_times.hpp"

namespace fulmar::planner {

struct World {
  explicit World(const ClusterModel& what)
      : model(what),
        shape(what.shape()),
        shards(what.model_bytes / sizeof(float), what.shards),
        head_out(what.head_bytes_per_second),
        head_in(what.head_bytes_per_second) {}

  /// Of a shard's part of the weights, or of a gradient.
  std::uint64_t shard_bytes(core::ShardId shard) const { return shards.shard(shard).size() * sizeof(float); }
  /// To go through so many vectors of `bytes`, each read or written once.
  Time memory_time(std::uint64_t bytes, int vectors) const {
    return time_for(static_cast<double>(bytes) * vectors, model.memory_bytes_per_second);
  }

  const ClusterModel model;
  const core::RunShape shape;
  const core::ShardMap shards;
  simulation::EventQueue queue;
  Line head_out, head_in;
  LeafAccount leaves;
  IdealPace ideal;
  RoundTimes rounds;
  RecoveryLog recoveries;
};

/// Adding one vector to another: two are read, one is written.
inline constexpr int kVectorsToAdd = 3;
/// Measuring a vector.
inline constexpr int kVectorsToMeasure = 1;
/// An update by Adam: gradient, weights and two moments are read, all but the gradient are written.
inline constexpr int kVectorsToUpdate = 7;

}  // namespace fulmar::planner
