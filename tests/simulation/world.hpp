// What everybody in a simulation shares: the scenario, the truth, time, machines, the network, the disk, and what was
// found to be wrong.
// Thread rule: one simulation, one thread.
#pragma once

#include <optional>
#include <ostream>
#include <vector>

#include "runtime/core/shard_map.hpp"
#include "runtime/simulation/event_queue.hpp"
#include "tests/runtime/storage/faulty_storage.hpp"
#include "tests/simulation/checks.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/happenings.hpp"
#include "tests/simulation/network.hpp"
#include "tests/simulation/problem.hpp"
#include "tests/simulation/process.hpp"
#include "tests/simulation/reference.hpp"
#include "tests/simulation/scenario.hpp"
#include "tests/simulation/transcript.hpp"

namespace fulmar::simulation {

/// A machine: what its processes have in common, one after the other or beside each other.
struct Host {
  std::uint32_t slots = 1;
  std::int64_t slowness = 1;  ///< a leaf takes so many times as long
  std::int64_t clock_rate = 1000;
  Time clock_offset{};
  bool cut_in = false, cut_out = false;  ///< nothing gets in, or out
  /// Which head its datagrams still go to, although there is a newer one.
  std::optional<ProcessId> stale_head;
};

/// Who lives. A number is never used twice.
class Processes {
 public:
  ProcessId add(Process* process) {
    all_.push_back(process);
    hosts_.push_back(process->host());
    return static_cast<ProcessId>(all_.size() - 1);
  }
  void remove(ProcessId id) { all_[id] = nullptr; }
  Process* find(ProcessId id) const { return id < all_.size() ? all_[id] : nullptr; }
  /// Also of a process that is gone.
  HostId host_of(ProcessId id) const { return hosts_.at(id); }
  template <class Act>
  void for_each(Act act) const {
    for (std::size_t id = 0; id < all_.size(); ++id) {
      if (all_[id] != nullptr) act(*all_[id]);
    }
  }

 private:
  std::vector<Process*> all_;
  std::vector<HostId> hosts_;
};

struct World {
  Scenario scenario;
  Problem problem;
  Reference reference;
  core::ShardMap shards;
  EventQueue queue;
  Transcript log;
  Checks checks;
  Processes processes;
  std::vector<Host> hosts;  ///< the first runs heads
  Network network;
  Dice dice;
  storage::FaultyStorage disk;
  Happenings happenings;
  ProcessId head = 0;  ///< the newest; of no process while there is none
  bool healed = false;

  World(const Scenario& what, Transcript transcript)
      : scenario(what),
        problem(what.shape, what.parameters, what.poisoned),
        reference(scenario, problem),
        shards(what.parameters, what.shards, what.chunk_floats),
        log(transcript),
        checks(*this),
        hosts(1),
        network(*this, what.seed),
        dice(what.seed, 2, what.even),
        disk(what.seed) {}
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void happened(Happening happening) { happenings.count(happening); }
  bool mutated(Mutation mutation) const { return scenario.mutation == mutation; }
  std::uint64_t run() const { return scenario.seed + 1; }
  /// How many messages may be on their way between the roles of a head: of each member some of each shard, and of a
  /// plan that changes or a version that is released one to each.
  std::uint64_t posts_max() const { return 1000 + 64 * hosts.size() * (scenario.shards + 1); }
  bool faulty(Fault fault) const { return !healed && scenario.faults.has(fault); }
};

}  // namespace fulmar::simulation
