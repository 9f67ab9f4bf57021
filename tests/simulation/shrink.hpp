// What a person needs to understand a failing seed: the settings, the fewest kinds of faults that still make it fail,
// how far it got, and how to replay it.
// Thread rule: pure functions.
#pragma once

#include <string>

#include "tests/simulation/simulation.hpp"

namespace fulmar::simulation {

/// Leaves out whole kinds of faults, one by one, as long as something is still wrong.
Scenario without_needless_faults(Scenario failing);

std::string explain(const Scenario& scenario, const Outcome& outcome);

}  // namespace fulmar::simulation
