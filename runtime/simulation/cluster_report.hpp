// What a planned cluster did: the answer of the capacity planner.
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/core/run_state.hpp"
#include "runtime/simulation/leaf_account.hpp"

namespace fulmar::planner {

/// Of a set of durations, in seconds.
struct Spread {
  std::uint64_t count = 0;
  double median = 0;
  double p95 = 0;
  double max = 0;
};
/// Quantiles are the smallest value that so many are not above.
Spread spread(std::vector<double> seconds);

/// Seconds of a round. The parts of the last push to arrive, and what follows it: they add up to the round.
struct RoundParts {
  double compute = 0;   ///< as long as the nodes took on average
  double wait = 0;      ///< the slowest beyond that
  double exchange = 0;  ///< slices and gradients on their way
  double apply = 0;     ///< the head reduces, decides and updates
  double total() const { return compute + wait + exchange + apply; }
};

/// How much somebody on the head had to do.
struct Load {
  std::uint64_t messages = 0;
  double busy = 0;  ///< fraction of the time
};

struct Recoveries {
  std::uint64_t failures = 0;
  Spread noticed;             ///< from a failure until the supervisor knew
  Spread leased;              ///< from a failure until its work was leased anew
  std::uint64_t no_work = 0;  ///< of those noticed: had nothing left to be leased
};

struct ClusterReport {
  double seconds = 0;  ///< virtual
  std::uint64_t rounds = 0;
  std::uint64_t samples = 0;  ///< that entered the weights
  double ideal_samples = 0;   ///< what the machines that ran could have computed in that time
  LeafAccount leaves;

  Spread round;
  RoundParts mean_parts;

  std::uint64_t bytes_out = 0, bytes_in = 0;  ///< of the head: weights and gradients
  double busy_out = 0, busy_in = 0;           ///< of its link: fraction of the time
  Load supervisor;
  std::vector<Load> aggregators;
  std::uint64_t plan_changes = 0;

  Recoveries recoveries;
  std::uint64_t admitted = 0;  ///< sessions, those after a return included
  bool completed = false;      ///< as many rounds as were asked for
  std::string ended;           ///< why the run ended before its time; empty: it did not
  std::uint64_t events = 0;    ///< of the simulation

  double goodput() const { return static_cast<double>(samples) / seconds; }
  double efficiency() const { return ideal_samples > 0 ? static_cast<double>(samples) / ideal_samples : 0; }
};

}  // namespace fulmar::planner
