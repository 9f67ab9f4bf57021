// A whole run under faults, from a seed: heads follow each other until the run is over or something is wrong.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulation/scenario.hpp"

namespace fulmar::simulation {

struct Outcome {
  std::vector<std::string> wrong;  ///< empty: every check held
  std::uint64_t hash = 0;          ///< of everything that happened
  std::uint64_t steps = 0;
  std::uint64_t heads = 0;
  std::string end;  ///< the reason of the last end
};

Outcome simulate(const Scenario& scenario, bool transcript = false);

}  // namespace fulmar::simulation
