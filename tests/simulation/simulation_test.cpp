// The protocol core under faults. SIM_SEED=n replays one seed with its transcript; SIM_SEEDS=n runs that many from
// SIM_FIRST=k on; SIM_FEWEST=1 leaves out the faults that a failing seed fails without.
#include "tests/simulation/simulation.hpp"

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include <boost/test/unit_test.hpp>

#include "tests/simulation/shrink.hpp"

namespace fulmar::simulation {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::uint64_t kSeeds = 200;
#else
constexpr std::uint64_t kSeeds = 2000;
#endif
/// The ways to end, as heads say them; the seeds are worth something only when they reach all of them.
constexpr const char* kEnds[] = {"reached version", "no better validation", "is not finite", "this leaf has killed"};

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::stoull(text);
}

void check(const Scenario& scenario, const Outcome& outcome) {
  if (!outcome.wrong.empty()) BOOST_ERROR(explain(scenario, outcome));
}

struct Tally {
  std::uint64_t seeds = 0, events = 0, heads = 0;
  Time virtual_time{};
  std::map<std::string, int> ends;
  Happenings happenings;

  void add(const Outcome& outcome) {
    ++seeds;
    events += outcome.events;
    heads += outcome.heads;
    virtual_time += outcome.ended;
    happenings.add(outcome.happenings);
    for (const char* kind : kEnds) {
      if (outcome.end.find(kind) != std::string::npos) ++ends[kind];
    }
  }
};

/// Every second seed, from SIM_FIRST + `half` on.
void run_half(std::uint64_t half) {
  if (const char* seed = std::getenv("SIM_SEED")) {
    Scenario scenario = draw_scenario(std::stoull(seed));
    if (scenario.seed % 2 != half) return;
    if (std::getenv("SIM_FEWEST") != nullptr) scenario = without_needless_faults(scenario);
    check(scenario, simulate(scenario, &std::cout));
    return;
  }
  const std::uint64_t first = number_from("SIM_FIRST", 0);
  const std::uint64_t seeds = number_from("SIM_SEEDS", kSeeds);
  Tally tally;
  for (std::uint64_t seed = first + half; seed < first + seeds; seed += 2) {
    const Scenario scenario = draw_scenario(seed);
    const Outcome outcome = simulate(scenario);
    check(scenario, outcome);
    tally.add(outcome);
  }
  std::cout << tally.seeds << " seeds from " << first + half << " on, " << tally.events << " events, " << tally.heads
            << " heads, " << std::chrono::duration_cast<std::chrono::seconds>(tally.virtual_time).count()
            << " virtual seconds" << std::endl;
  for (std::size_t i = 0; i < kHappenings; ++i) {
    const auto happening = static_cast<Happening>(i);
    std::cout << tally.happenings.of(happening) << " " << to_string(happening) << std::endl;
    BOOST_TEST((tally.seeds < 1000 || tally.happenings.of(happening) > 0), "no seed has " << to_string(happening));
  }
  for (const char* kind : kEnds) {
    std::cout << tally.ends[kind] << " runs ended because: " << kind << std::endl;
    BOOST_TEST((tally.seeds < 1000 || tally.ends[kind] > 0), "no seed ends because: " << kind);
  }
}

BOOST_AUTO_TEST_SUITE(simulation)

// Every weight, loss, ledger and decision equals the plain loop's, whatever happens to machines and messages. Two
// cases, for two cores.
BOOST_AUTO_TEST_CASE(every_even_seed_yields_the_run_of_one_perfect_machine) {
  run_half(0);
}
BOOST_AUTO_TEST_CASE(every_odd_seed_yields_the_run_of_one_perfect_machine) {
  run_half(1);
}

BOOST_AUTO_TEST_CASE(the_same_seed_twice_is_the_same_run) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Scenario scenario = draw_scenario(seed);
    BOOST_TEST(simulate(scenario).hash == simulate(scenario).hash, "SIM_SEED=" << seed);
  }
  BOOST_TEST(simulate(draw_scenario(1)).hash != simulate(draw_scenario(2)).hash);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::simulation
