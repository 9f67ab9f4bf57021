// A machine of a planned cluster: how fast it is, now and nominally, and its link to the head.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "runtime/simulation/chance.hpp"
#include "runtime/simulation/cluster_model.hpp"
#include "runtime/simulation/line.hpp"

namespace fulmar::planner {

class Node;

struct Machine {
  Machine(const ClusterModel& model, const NodeGroup& group, std::uint64_t id)
      : name("node-" + std::to_string(id)),
        slots(group.slots),
        nominal_leaves_per_second(group.leaves_per_second),
        jitter(model.jitter),
        out(model.link_bytes_per_second),
        in(model.link_bytes_per_second),
        fate(model.seed, Use::fate, id),
        pace(model.seed, Use::pace, id) {}

  /// Of all its slots.
  double leaves_per_second() const { return nominal_leaves_per_second * slots / slowdown; }
  /// How long a slot takes for a leaf that it starts now.
  Time leaf_time() {
    const double off = jitter > 0 ? 1 + jitter * (2 * pace.uniform() - 1) : 1;
    return time_for(slowdown * off, nominal_leaves_per_second);
  }

  std::string name;
  std::uint32_t slots;
  double nominal_leaves_per_second;  // of a slot
  double jitter;
  double slowdown = 1;
  Line out, in;
  Chance fate, pace;
  std::uint64_t instance = 0;  // of its process; 0: none runs
  std::uint64_t attempt = 0;   // of that process, the present session
  std::shared_ptr<Node> node;  // the present session
};

}  // namespace fulmar::planner
