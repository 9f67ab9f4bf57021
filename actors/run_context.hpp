// What every actor of a run knows from the start and none of them changes.
// Thread rule: immutable; the pool is thread-safe.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "actors/computation.hpp"
#include "runtime/core/lease.hpp"
#include "runtime/core/manifest.hpp"
#include "runtime/core/shard_map.hpp"
#include "runtime/core/supervisor.hpp"
#include "runtime/memory/buffer_pool.hpp"

namespace fulmar::actors {

struct RunContext {
  core::Manifest manifest;
  core::RunShape shape;
  core::OptimizerSettings optimizer;
  core::VerdictRule verdict_rule;
  core::SupervisorSettings supervision;
  core::ShardMap shards{1, 1};
  core::Term term = 1;
  std::size_t checkpoints_kept = 3;
  ComputationFactory computation;
  mutable BufferPool pool;
};

/// The shard's extent of a flat vector; the vector itself when there is one shard.
MutableBuffer extent_of(const RunContext& context, const MutableBuffer& flat, core::ShardId shard);
/// The reverse: one flat vector from the extents of all shards, in their order.
SharedBuffer whole_of(const RunContext& context, const std::vector<SharedBuffer>& extents);

/// How many floats each shard has, in their order.
std::vector<std::size_t> shard_floats(const core::ShardMap& shards);

/// Monotonic time for the state machines.
inline core::Time monotonic_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

}  // namespace fulmar::actors
