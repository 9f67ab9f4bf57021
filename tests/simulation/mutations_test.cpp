// Proof that the simulator can catch: one deliberate error after the other in the shells, each of which has to be
// found, by the check that is there for it, within the seeds that CI runs. README.md has the table of what finds which;
// SIM_EXPLAIN=1 shows what a person would be told, SIM_SEED=n replays one seed with its transcript.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/simulation/shrink.hpp"
#include "tests/simulation/simulation.hpp"

namespace fulmar::simulation {
namespace {

/// As many as simulation_test.cpp runs.
constexpr std::uint64_t kSeeds = 2000;

struct Expectation {
  Mutation mutation = Mutation::none;
  std::string_view invariant;       ///< that the first message names
  std::string_view or_invariant{};  ///< or that: the error shows in two ways
  std::vector<Fault> any_of{};      ///< without one of these in it, a seed has hardly an occasion to show the error
};

bool has_occasion(const Scenario& scenario, const Expectation& expected) {
  return expected.any_of.empty() ||
         std::ranges::any_of(expected.any_of, [&](Fault fault) { return scenario.faults.has(fault); });
}

/// The seed that SIM_SEED names, with its transcript.
void replay(std::uint64_t seed, Mutation mutation) {
  Scenario scenario = draw_scenario(seed);
  scenario.mutation = mutation;
  BOOST_TEST(!simulate(scenario, &std::cout).wrong.empty(), "seed " << seed << " does not find it");
}

void expect_found(const Expectation& expected) {
  if (const char* seed = std::getenv("SIM_SEED")) return replay(std::stoull(seed), expected.mutation);
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    Scenario scenario = draw_scenario(seed);
    if (!has_occasion(scenario, expected)) continue;
    scenario.mutation = expected.mutation;
    const Outcome outcome = simulate(scenario);
    if (outcome.wrong.empty()) continue;
    const std::string& message = outcome.wrong.front();
    std::cout << "seed " << seed << ": " << message << std::endl;
    if (std::getenv("SIM_EXPLAIN") != nullptr) std::cout << explain(scenario, outcome) << std::endl;
    const bool alternative = !expected.or_invariant.empty() && message.starts_with(expected.or_invariant);
    BOOST_TEST((alternative || message.starts_with(expected.invariant)),
               "found for another reason than " << expected.invariant);
    BOOST_TEST(simulate(draw_scenario(seed)).wrong.empty(), "seed " << seed << " fails without the mutation, too");
    return;
  }
  BOOST_ERROR("no seed finds it");
}

BOOST_AUTO_TEST_SUITE(mutations)

// ---- a shard's reduction

BOOST_AUTO_TEST_CASE(count_duplicates) {
  expect_found({Mutation::count_duplicates, "REDUCE-1"});
}
BOOST_AUTO_TEST_CASE(overlapping_blocks_counted) {
  expect_found({Mutation::overlapping_blocks_counted, "REDUCE-1"});
}
BOOST_AUTO_TEST_CASE(tree_order_by_arrival) {
  expect_found({Mutation::tree_order_by_arrival, "AGG-1"});
}
BOOST_AUTO_TEST_CASE(accept_late_pushes) {
  expect_found({Mutation::accept_late_pushes, "AGG-1"});
}
BOOST_AUTO_TEST_CASE(publish_without_verdict_of_all) {
  expect_found({Mutation::publish_without_verdict_of_all, "AGG-1"});
}
BOOST_AUTO_TEST_CASE(ledger_counts_voided_rounds) {
  expect_found({Mutation::ledger_counts_voided_rounds, "SUP-3"});
}
BOOST_AUTO_TEST_CASE(never_unpin) {
  expect_found({Mutation::never_unpin, "AGG-3"});
}

// ---- who is who

const std::vector<Fault> kEndsOfHeads = {Fault::head_crash, Fault::power_cut, Fault::head_freeze, Fault::stop_request};

BOOST_AUTO_TEST_CASE(stale_incarnation_accepted) {
  expect_found({Mutation::stale_incarnation_accepted, "AGG-2"});
}
BOOST_AUTO_TEST_CASE(stale_term_accepted) {
  expect_found({Mutation::stale_term_accepted, "AGG-2", {}, kEndsOfHeads});
}
BOOST_AUTO_TEST_CASE(lease_not_revoked) {
  expect_found({Mutation::lease_not_revoked, "AGG-2"});
}
BOOST_AUTO_TEST_CASE(old_welcome_accepted) {
  expect_found({Mutation::old_welcome_accepted, "SESSION-2", "LIVE-2", {Fault::message_stale}});
}
BOOST_AUTO_TEST_CASE(link_without_dedup) {
  expect_found({Mutation::link_without_dedup, "LINK-1"});
}

BOOST_AUTO_TEST_CASE(byte_window_off) {
  expect_found({Mutation::byte_window_off, "LINK-2"});
}
BOOST_AUTO_TEST_CASE(newcomers_unbounded) {
  expect_found({Mutation::newcomers_unbounded, "WINDOW-3", {}, {Fault::many_join}});
}

// ---- connections

BOOST_AUTO_TEST_CASE(foreign_frame_accepted) {
  expect_found({Mutation::foreign_frame_accepted, "LINK-1", {}, {Fault::frame_forged}});
}
BOOST_AUTO_TEST_CASE(old_connection_ends_session) {
  expect_found({Mutation::old_connection_ends_session, "SESSION-3"});
}
BOOST_AUTO_TEST_CASE(close_ignored) {
  expect_found({Mutation::close_ignored, "LIVE-2"});
}
BOOST_AUTO_TEST_CASE(gone_not_answered) {
  expect_found({Mutation::gone_not_answered, "LIVE-2", {}, kEndsOfHeads});
}
BOOST_AUTO_TEST_CASE(drained_early) {
  expect_found({Mutation::drained_early, "WORK-5", {}, {Fault::node_leave, Fault::all_leave, Fault::drain_request}});
}

// ---- work

BOOST_AUTO_TEST_CASE(orphans_not_leased) {
  expect_found({Mutation::orphans_not_leased, "LIVE-1"});
}
BOOST_AUTO_TEST_CASE(off_by_one_in_permutation) {
  expect_found({Mutation::off_by_one_in_permutation, "AGG-1"});
}
BOOST_AUTO_TEST_CASE(drop_a_block) {
  expect_found({Mutation::drop_a_block, "LIVE-1"});
}
BOOST_AUTO_TEST_CASE(hide_slot_deaths) {
  expect_found({Mutation::hide_slot_deaths, "LIVE-1", {}, {Fault::slot_death, Fault::killer_of_slots}});
}

// ---- the order of updates

BOOST_AUTO_TEST_CASE(bound_off_by_one) {
  expect_found({Mutation::bound_off_by_one, "POLICY-1"});
}
BOOST_AUTO_TEST_CASE(unit_granted_twice) {
  expect_found({Mutation::unit_granted_twice, "LEASE-3"});
}
BOOST_AUTO_TEST_CASE(apply_before_all_staged) {
  expect_found({Mutation::apply_before_all_staged, "SEQ-1"});
}
BOOST_AUTO_TEST_CASE(shards_apply_in_other_order) {
  expect_found({Mutation::shards_apply_in_other_order, "SEQ-1"});
}
BOOST_AUTO_TEST_CASE(base_of_slot_not_lease) {
  expect_found({Mutation::base_of_slot_not_lease, "WORK-6"});
}
BOOST_AUTO_TEST_CASE(voided_attempt_applied) {
  expect_found({Mutation::voided_attempt_applied, "SEQ-2"});
}
BOOST_AUTO_TEST_CASE(bases_not_kept) {
  expect_found({Mutation::bases_not_kept, "AGG-5"});
}
BOOST_AUTO_TEST_CASE(switch_without_drain) {
  expect_found({Mutation::switch_without_drain, "SUP-7", {}, {Fault::policy_switch}});
}
BOOST_AUTO_TEST_CASE(update_not_journalled) {
  expect_found({Mutation::update_not_journalled, "REPLAY-1"});
}
BOOST_AUTO_TEST_CASE(replay_ignores_base) {
  expect_found({Mutation::replay_ignores_base, "REPLAY-1", {}, kEndsOfHeads});
}
BOOST_AUTO_TEST_CASE(journal_behind_checkpoint) {
  expect_found({Mutation::journal_behind_checkpoint, "REPLAY-1", {}, {Fault::power_cut}});
}

// ---- what is written

BOOST_AUTO_TEST_CASE(commit_before_durable) {
  expect_found({Mutation::commit_before_durable, "CHECKPOINT-1"});
}
BOOST_AUTO_TEST_CASE(checkpoint_not_synced) {
  expect_found({Mutation::checkpoint_not_synced, "CHECKPOINT-1", {}, {Fault::power_cut}});
}
BOOST_AUTO_TEST_CASE(unfenced_head) {
  expect_found({Mutation::unfenced_head, "FENCE-1", {}, {Fault::head_freeze}});
}
BOOST_AUTO_TEST_CASE(forget_validation) {
  expect_found({Mutation::forget_validation, "SUP-3", {}, kEndsOfHeads});
}
BOOST_AUTO_TEST_CASE(best_overwritten_by_older) {
  expect_found({Mutation::best_overwritten_by_older, "VALID-2"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::simulation
