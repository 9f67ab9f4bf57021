// What everybody in a simulation shares: the scenario, the truth, time, the disk, and what was found to be wrong.
// Thread rule: one simulation, one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/core/shard_map.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/problem.hpp"
#include "tests/simulation/reference.hpp"
#include "tests/simulation/scenario.hpp"

namespace fulmar::simulation {

/// What survives a killed head.
struct Disk {
  struct Checkpoint {
    core::RunState state;
    Vector weights;
    std::vector<Vector> optimizer;
  };
  std::map<core::Version, Checkpoint> checkpoints;
  std::optional<core::Version> best;
  bool best_failed = false;  ///< a write of best weights failed: an older one may be there
};

struct World {
  Scenario scenario;
  Problem problem;
  Reference reference;
  core::ShardMap shards;
  Network network;
  Dice dice;
  Disk disk;
  std::vector<std::string> wrong;

  World(const Scenario& what, bool transcript)
      : scenario(what),
        problem(what.shape, what.parameters, what.poisoned),
        reference(compute_reference(what, problem)),
        shards(what.parameters, what.shards, what.chunk_floats),
        network(what.seed, what.latency_max, transcript),
        dice(what.seed, 2) {}

  bool mutated(Mutation mutation) const { return scenario.mutation == mutation; }
  void expect(bool holds, const std::string& what) {
    if (holds || wrong.size() >= 5) return;
    wrong.push_back(what);
    network.say("WRONG: " + what);
  }
};

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace fulmar::simulation
