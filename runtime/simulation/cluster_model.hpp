// A cluster as the capacity planner imagines it: its machines, its network, the work, and what goes wrong.
// Thread rule: plain values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/core/liveness.hpp"
#include "runtime/core/run_shape.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::planner {

using core::Time;

/// Machines of one kind.
struct NodeGroup {
  std::uint64_t count = 1;
  std::uint32_t slots = 1;
  double leaves_per_second = 10;  ///< of each slot
  bool operator==(const NodeGroup&) const = default;
};

struct ClusterModel {
  std::vector<NodeGroup> nodes{{16, 1, 10}};

  std::uint64_t leaves = 64;  ///< of a round, a power of two
  std::uint64_t leaf_size = 1;
  std::uint64_t samples = 100'000;  ///< of an epoch
  std::uint32_t shards = 1;
  std::string policy = "sync";

  std::uint64_t model_bytes = 10'000'000;         ///< of the weights, float32; a gradient has as many
  double link_bytes_per_second = 1.25e9;          ///< of each node, either way
  double head_bytes_per_second = 1.25e9;          ///< of the head, either way, shared by all that it sends or is sent
  Time latency = std::chrono::microseconds(100);  ///< one way
  double memory_bytes_per_second = 12e9;          ///< of one thread that adds vectors (measured: 12 to 19 GB/s)
  Time message_cost = std::chrono::microseconds(10);  ///< to take one message in, for the supervisor or an aggregator

  Time mtbf{};                  ///< mean time between failures of one node, exponential; 0: none fails
  Time return_after{};          ///< a failed node comes back after this, as a new process
  double silent_fraction = 0;   ///< of failures that close no connection: only silence shows them
  double joins_per_second = 0;  ///< newcomers, exponential, of the groups in turn
  double jitter = 0;            ///< a leaf takes up to this fraction more or less time
  Time speed_change_every{};    ///< mean time between changes of a node's speed, exponential; 0: none changes
  double slowdown_max = 1;      ///< at a change its speed is divided by something between 1 and this

  core::Liveness liveness;
  Time duration = std::chrono::minutes(10);  ///< virtual
  std::uint64_t rounds = 0;                  ///< stop after so many; 0: no matter how many
  std::uint64_t seed = 1;

  core::RunShape shape() const { return {seed, samples, 0, leaf_size, leaves}; }
  std::uint64_t slots() const;
  std::uint64_t node_count() const;
};

/// Whether such a cluster can be simulated; the error names the setting, what it is and what it may be.
Result<void> check(const ClusterModel& model);

}  // namespace fulmar::planner
