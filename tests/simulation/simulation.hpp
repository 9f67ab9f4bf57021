// A whole run under faults, from a seed: faults until the horizon, then everything heals and the run must finish. It is
// over when it has got to its own end, or to one that the scenario makes inevitable.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "tests/simulation/happenings.hpp"
#include "tests/simulation/scenario.hpp"

namespace fulmar::simulation {

struct World;
class Cluster;

struct Outcome {
  std::vector<std::string> wrong;  ///< empty: every check held
  std::uint64_t hash = 0;          ///< of everything that happened
  std::uint64_t events = 0;        ///< until it was over, or the first check failed
  std::uint64_t heads = 0;
  Time ended{};     ///< virtual
  std::string end;  ///< the reason of the last end
  Happenings happenings;
};

/// What happens in a story beside what the scenario says: `plot` may plan it, before anything happens.
using Plot = std::function<void(World& world, Cluster& cluster)>;
/// The same, told for readers: what the roles say to each other.
Outcome tell(const Scenario& scenario, const Plot& plot, std::ostream& story);

/// `transcript`: where to tell what happens; null: nowhere.
Outcome simulate(const Scenario& scenario, std::ostream* transcript = nullptr);

}  // namespace fulmar::simulation
