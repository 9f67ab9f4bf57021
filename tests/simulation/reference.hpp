// The run as one perfect machine has it: a plain loop, no messages, no state machines. What the simulated cluster must
// equal, bit for bit.
// Thread rule: immutable once computed.
#pragma once

#include <optional>
#include <vector>

#include "runtime/core/run_state.hpp"
#include "tests/simulation/problem.hpp"
#include "tests/simulation/scenario.hpp"

namespace fulmar::simulation {

struct ReferenceVersion {
  Vector weights;
  core::RunState state;  ///< with validation as of this version
};

struct Reference {
  std::vector<ReferenceVersion> versions;  ///< up to scenario.end_version, or to a round that stops the run
  core::Version end = 0;                   ///< where the run ends
  bool stopped = false;                    ///< because a round was not finite
};

Reference compute_reference(const Scenario& scenario, const Problem& problem);

}  // namespace fulmar::simulation
