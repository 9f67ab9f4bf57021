// What one seed stands for: a run, the machines it has, and what goes wrong with them.
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/core/messages.hpp"
#include "runtime/core/optimizer.hpp"
#include "runtime/core/run_shape.hpp"
#include "tests/simulation/network.hpp"

namespace fulmar::simulation {

/// Ways in which a shell could be wrong: each must be found.
enum class Mutation {
  none,
  count_duplicates,    ///< a duplicate is added once more
  accept_late_pushes,  ///< a push for an older round is taken for this one
  forget_validation,   ///< a checkpoint does not say what validation said
  lose_a_push,         ///< one block in a while never arrives
  never_unpin,         ///< versions are kept for ever
  hide_slot_deaths     ///< nobody is told
};

struct Faults {
  std::uint64_t slot_death_one_in = 0;     ///< of jobs; 0: never
  std::uint64_t write_failure_one_in = 0;  ///< of checkpoints
  std::uint64_t duplicate_one_in = 0;      ///< of pushes
  std::vector<Time> worker_kills, late_joins, head_kills, stop_requests;
  std::optional<core::LeafId> killer;  ///< a leaf that kills every slot it meets
};

struct Scenario {
  std::uint64_t seed = 0;
  core::RunShape shape;
  core::Version end_version = 1;
  std::uint64_t patience = 0;
  std::uint64_t checkpoint_every_rounds = 0;
  Time checkpoint_every{};
  core::NotFinitePolicy not_finite = core::NotFinitePolicy::skip;
  core::OptimizerSettings optimizer;
  std::size_t parameters = 24;
  std::size_t chunk_floats = 16;
  std::vector<core::Version> poisoned;
  std::uint32_t shards = 1;
  std::vector<std::uint32_t> worker_slots;
  Time latency_max{};
  Time leaf_time_max{};
  Faults faults;  ///< all before kFaultHorizon: after it the run is left in peace and must finish
  Mutation mutation = Mutation::none;
};

Scenario draw_scenario(std::uint64_t seed);
std::string describe(const Scenario& scenario);

}  // namespace fulmar::simulation
