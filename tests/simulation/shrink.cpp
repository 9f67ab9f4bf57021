#include "tests/simulation/shrink.hpp"

#include <chrono>

namespace fulmar::simulation {

Scenario without_needless_faults(Scenario failing) {
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind) {
    if (failing.faults.amounts[kind] == 0) continue;
    Scenario without = failing;
    without.faults.amounts[kind] = 0;
    if (!simulate(without).wrong.empty()) failing = without;
  }
  return failing;
}

std::string explain(const Scenario& scenario, const Outcome& outcome) {
  const auto moment = [](const Outcome& failed) {
    return "after " + std::to_string(failed.events) + " events, at " +
           std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(failed.ended).count()) + " ms";
  };
  const Scenario fewest = without_needless_faults(scenario);
  const Outcome shrunk = simulate(fewest);
  const std::string seed = std::to_string(scenario.seed);
  std::string text = "SIM_SEED=" + seed + ": " + outcome.wrong.front() + "\n  " + moment(outcome) + "\n  " +
                     describe(scenario) + "\n  the fewest faults that still fail: " + describe(fewest) + "\n    " +
                     shrunk.wrong.front() + ", " + moment(shrunk) + "\n  replay: SIM_SEED=" + seed +
                     " build/release/test_simulation --run_test=simulation";
  if (fewest.faults.amounts != scenario.faults.amounts) text += "  (SIM_FEWEST=1: with the fewest faults)";
  return text;
}

}  // namespace fulmar::simulation
