// How CAF is set up, for a head as for a node: what its scheduler runs is quick; whatever computes or waits for a disk
// has a thread of its own. Thread rule: pure function.
#pragma once

#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>

namespace fulmar::actors {

inline void set_up(caf::actor_system_config& config) {
  config.set("scheduler.max-threads", 1);
  config.set("scheduler.max-throughput", 16);
  // One thread has nobody to steal from; "stealing", the default, would poll for it thousands of times a second.
  config.set("scheduler.policy", caf::atom("sharing"));
}

}  // namespace fulmar::actors
