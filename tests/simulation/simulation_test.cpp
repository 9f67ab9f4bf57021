// The protocol core under faults. SIM_SEED=n replays one seed with its transcript; SIM_SEEDS=n runs that many.
#include "tests/simulation/simulation.hpp"

#include <cstdlib>
#include <iostream>
#include <map>
#include <string>

#include <boost/test/unit_test.hpp>

namespace fulmar::simulation {
namespace {

constexpr std::uint64_t kSeeds = 2000;
constexpr const char* kEnds[] = {"reached version", "no better validation", "is not finite", "this leaf has killed"};

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::stoull(text);
}

void check(const Scenario& scenario, const Outcome& outcome) {
  for (const std::string& what : outcome.wrong) BOOST_ERROR("SIM_SEED=" << scenario.seed << ": " << what);
}

BOOST_AUTO_TEST_SUITE(simulation)

// Every weight, loss, ledger and decision equals the plain loop's, whatever happens to machines and messages.
BOOST_AUTO_TEST_CASE(every_seed_yields_the_run_of_one_perfect_machine) {
  if (const char* seed = std::getenv("SIM_SEED")) {
    std::cout << "SIM_SEED=" << seed << std::endl;
    const Scenario scenario = draw_scenario(std::stoull(seed));
    check(scenario, simulate(scenario, true));
    return;
  }
  const std::uint64_t seeds = number_from("SIM_SEEDS", kSeeds);
  std::cout << "SIM_SEED=0 to " << seeds - 1 << std::endl;
  std::uint64_t steps = 0, heads = 0;
  std::map<std::string, int> ends;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const Scenario scenario = draw_scenario(seed);
    const Outcome outcome = simulate(scenario);
    check(scenario, outcome);
    steps += outcome.steps;
    heads += outcome.heads;
    for (const char* kind : kEnds) {
      if (outcome.end.find(kind) != std::string::npos) ++ends[kind];
    }
  }
  std::cout << steps << " events, " << heads << " heads" << std::endl;
  // The seeds are worth something only when they reach all ways to end.
  for (const char* kind : kEnds) {
    std::cout << ends[kind] << " runs ended because: " << kind << std::endl;
    BOOST_TEST((seeds < kSeeds || ends[kind] > 0), "no seed ends because: " << kind);
  }
}

BOOST_AUTO_TEST_CASE(the_same_seed_twice_is_the_same_run) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    const Scenario scenario = draw_scenario(seed);
    BOOST_TEST(simulate(scenario).hash == simulate(scenario).hash, "SIM_SEED=" << seed);
  }
  BOOST_TEST(simulate(draw_scenario(1)).hash != simulate(draw_scenario(2)).hash);
}

// What the checks are worth: each way of being wrong is found within the seeds that CI runs.
std::uint64_t first_seed_that_finds(Mutation mutation) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    Scenario scenario = draw_scenario(seed);
    scenario.mutation = mutation;
    if (!simulate(scenario).wrong.empty()) return seed;
  }
  return kSeeds;
}

BOOST_AUTO_TEST_CASE(a_duplicate_that_counts_is_found) {
  BOOST_TEST(first_seed_that_finds(Mutation::count_duplicates) < kSeeds);
}
BOOST_AUTO_TEST_CASE(a_late_push_that_counts_is_found) {
  BOOST_TEST(first_seed_that_finds(Mutation::accept_late_pushes) < kSeeds);
}
BOOST_AUTO_TEST_CASE(a_checkpoint_without_its_validations_is_found) {
  BOOST_TEST(first_seed_that_finds(Mutation::forget_validation) < kSeeds);
}
BOOST_AUTO_TEST_CASE(a_lost_block_is_found) {
  BOOST_TEST(first_seed_that_finds(Mutation::lose_a_push) < kSeeds);
}
BOOST_AUTO_TEST_CASE(a_version_kept_for_ever_is_found) {
  BOOST_TEST(first_seed_that_finds(Mutation::never_unpin) < kSeeds);
}
BOOST_AUTO_TEST_CASE(a_hidden_death_is_found) {
  BOOST_TEST(first_seed_that_finds(Mutation::hide_slot_deaths) < kSeeds);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::simulation
