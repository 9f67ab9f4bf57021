#include "runtime/core/round_leases.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/vocabulary/random.hpp"

namespace fulmar::core {
namespace {

using Leaves = std::vector<std::uint64_t>;
using Blocks = std::vector<Block>;

const BlockTree kTree(16, 16);
const std::vector<Holding> kPlan{{1, 10, {{2, 0}}}, {2, 20, {{2, 1}}}, {3, 30, {{3, 1}}}};
const std::set<std::uint64_t> kNoneIsolated;

std::vector<Hand> hands(std::initializer_list<NodeId> nodes) {
  std::vector<Hand> all;
  for (const NodeId node : nodes) all.push_back({node, node * 10, {}, true, false});
  return all;
}

Blocks blocks_of(const Relief& relief, NodeId node) {
  for (const RoundAssignment& assignment : relief.changed) {
    if (assignment.node == node) return assignment.blocks;
  }
  return {};
}

BOOST_AUTO_TEST_SUITE(round_leases)

BOOST_AUTO_TEST_CASE(it_begins_as_the_plan) {
  RoundLeases round(5, kTree, kPlan);
  BOOST_TEST((round.holders(4) == std::vector<Incarnation>{20}));
  round.report(0, {{4, 0}});
  BOOST_TEST(round.relieve(hands({1, 2, 3}), kNoneIsolated, false).changed.empty());
}

BOOST_AUTO_TEST_CASE(in_a_short_round_only_what_is_present_is_held) {
  RoundLeases round(5, BlockTree(16, 6), kPlan);
  BOOST_TEST((round.holders(5) == std::vector<Incarnation>{20}));
  BOOST_TEST(round.holders(6).empty());
}

BOOST_AUTO_TEST_CASE(the_work_of_the_dead_goes_to_those_who_have_nothing_left) {
  RoundLeases round(5, kTree, kPlan);
  BOOST_TEST((round.end_incarnation(30).empty()));  // nothing is known to be missing yet
  round.report(0, {{1, 0}, {2, 2}});
  const Relief relief = round.relieve(hands({1, 2}), kNoneIsolated, false);
  BOOST_TEST(relief.leased == 4U);
  BOOST_TEST((blocks_of(relief, 2) == Blocks{{2, 1}, {2, 2}}));
  BOOST_TEST(blocks_of(relief, 1).empty());
}

BOOST_AUTO_TEST_CASE(where_everybody_is_busy_all_take_of_it) {
  RoundLeases round(5, kTree, kPlan);
  round.report(0, {{4, 0}});
  BOOST_TEST((round.end_incarnation(30) == Leaves{8, 9, 10, 11, 12, 13, 14, 15}));
  std::vector<Hand> two = hands({1, 2});
  two[1].pace.leaves_per_second = 3;
  const Relief relief = round.relieve(two, kNoneIsolated, false);
  BOOST_TEST((blocks_of(relief, 1) == Blocks{{2, 0}, {1, 4}}));
  BOOST_TEST((blocks_of(relief, 2) == Blocks{{2, 1}, {1, 5}, {2, 3}}));
}

BOOST_AUTO_TEST_CASE(a_suspected_holder_keeps_nothing_to_itself) {
  RoundLeases round(5, kTree, kPlan);
  round.report(0, {{2, 0}});
  std::vector<Hand> all = hands({1, 2, 3});
  all[0].suspected = true;
  const Relief relief = round.relieve(all, kNoneIsolated, true);
  BOOST_TEST(relief.duplicated == 4U);
  BOOST_TEST((blocks_of(relief, 1) == Blocks{{2, 0}}));
  for (const std::uint64_t leaf : {0U, 1U, 2U, 3U}) BOOST_TEST(round.holders(leaf).size() == 2U);
}

BOOST_AUTO_TEST_CASE(an_isolated_leaf_goes_alone_to_somebody_who_is_idle) {
  RoundLeases round(5, kTree, kPlan);
  round.report(0, {{1, 4}, {0, 10}});
  round.end_incarnation(30);
  const std::set<std::uint64_t> isolated{10};
  Relief relief = round.relieve(hands({1, 2}), isolated, false);
  BOOST_TEST(relief.leased == 3U);
  BOOST_TEST((blocks_of(relief, 1) == Blocks{{2, 0}, {0, 10}}));
  BOOST_TEST((blocks_of(relief, 2) == Blocks{{2, 1}, {1, 4}}));
}

BOOST_AUTO_TEST_CASE(an_isolated_leaf_waits_while_everybody_is_busy) {
  RoundLeases round(5, kTree, kPlan);
  round.report(0, {{3, 0}, {0, 10}});
  round.end_incarnation(30);
  const Relief relief = round.relieve(hands({1, 2}), {10}, false);
  BOOST_TEST(relief.leased == 0U);
  BOOST_TEST(relief.orphans == 1U);
}

BOOST_AUTO_TEST_CASE(who_failed_at_a_leaf_does_not_get_it_again_while_others_can) {
  RoundLeases round(5, kTree, kPlan);
  round.revoke(1, 2);
  Relief relief = round.relieve(hands({1, 2}), kNoneIsolated, false);
  BOOST_TEST((blocks_of(relief, 2) == Blocks{{0, 2}, {2, 1}}));
  BOOST_TEST((blocks_of(relief, 1) == Blocks{{1, 0}, {0, 3}}));
  round.revoke(2, 2);
  relief = round.relieve(hands({1, 2}), kNoneIsolated, false);
  BOOST_TEST(round.holders(2).size() == 1U);  // both have: one of them has to try once more
}

// ROUND-1, ROUND-2: members die, are suspected, come; shards report; whatever the order.
BOOST_AUTO_TEST_CASE(every_missing_leaf_has_a_living_holder_and_at_most_two_that_are_sure) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const RandomStream dice(seed, Purpose::simulation, 0, 0);
    std::uint64_t next = 0;
    const auto below = [&](std::uint64_t n) { return dice.words(next++)[0] % n; };
    std::vector<Hand> members;
    std::vector<Capacity> capacities;
    for (NodeId node = 1; node <= 1 + below(8); ++node) {
      members.push_back({node, node * 10, {0.5 + static_cast<double>(below(8))}, true, false});
      capacities.push_back({node, node * 10, members.back().pace});
    }
    const BlockTree tree(32, 1 + below(32));
    RoundLeases round(0, tree, plan_sync_round(capacities, tree));
    std::set<std::uint64_t> missing;
    for (std::uint64_t leaf = 0; leaf < tree.present(); ++leaf) missing.insert(leaf);
    NodeId newest = 100;
    for (int step = 0; step < 30; ++step) {
      if (below(3) == 0 && members.size() > 1) {
        const std::size_t victim = below(members.size());
        round.end_incarnation(members[victim].incarnation);
        members.erase(members.begin() + static_cast<std::ptrdiff_t>(victim));
      }
      if (below(4) == 0) {
        ++newest;
        members.push_back({newest, newest * 10, {}, true, false});
      }
      for (Hand& member : members) member.suspected = below(6) == 0;
      if (below(2) == 0 && !missing.empty())
        missing.erase(std::next(missing.begin(), static_cast<long>(below(missing.size()))));
      Blocks report;
      for (const std::uint64_t leaf : missing) report.push_back({0, leaf});
      round.report(static_cast<ShardId>(below(2)), report);
      round.report(0, report);
      round.report(1, report);
      const Relief relief = round.relieve(members, kNoneIsolated, below(2) == 0);
      BOOST_TEST(relief.orphans == 0U);
      for (const std::uint64_t leaf : missing) {
        const std::vector<Incarnation> holders = round.holders(leaf);
        BOOST_TEST(!holders.empty(), "seed " << seed << ": leaf " << leaf << " has no holder");
        for (const Incarnation holder : holders) {
          BOOST_TEST(std::any_of(members.begin(), members.end(),
                                 [&](const Hand& member) { return member.incarnation == holder; }));
        }
      }
      for (const RoundAssignment& assignment : relief.changed) {
        std::set<std::uint64_t> leaves;
        for (const Block& block : assignment.blocks) {
          for (std::uint64_t leaf = tree.first_leaf(block); leaf < tree.end_leaf(block); ++leaf) {
            BOOST_TEST(leaves.insert(leaf).second, "a lease names leaf " << leaf << " twice");
          }
        }
      }
    }
  }
}

// Both may hang without falling silent.
BOOST_AUTO_TEST_CASE(where_nothing_comes_for_long_a_third_node_may_try) {
  RoundLeases round(5, kTree, kPlan);
  round.report(0, {{0, 3}});
  for (int report = 0; report < 10; ++report) round.relieve(hands({1, 2, 3}), kNoneIsolated, true);
  BOOST_TEST(round.holders(3).size() == 2U);
  for (int report = 0; report < 20; ++report) round.relieve(hands({1, 2, 3}), kNoneIsolated, true);
  BOOST_TEST(round.holders(3).size() == 3U);
}

BOOST_AUTO_TEST_CASE(an_isolated_leaf_that_is_late_is_duplicated_at_the_fastest_idle_node) {
  RoundLeases round(5, kTree, kPlan);
  round.report(0, {{0, 10}});
  round.end_incarnation(30);
  std::vector<Hand> three = hands({1, 2, 4});
  three[2].pace.leaves_per_second = 9;
  BOOST_TEST((blocks_of(round.relieve(three, {10}, false), 4) == Blocks{{0, 10}}));
  three[2].pace.leaves_per_second = 0.001;  // it hangs
  BOOST_TEST(round.relieve(three, {10}, true).duplicated == 1U);
  BOOST_TEST(round.holders(10).size() == 2U);
}

BOOST_AUTO_TEST_CASE(who_failed_at_a_leaf_does_not_get_it_as_a_duplicate_either) {
  RoundLeases round(5, kTree, kPlan);
  round.revoke(1, 2);
  round.relieve(hands({1, 2}), kNoneIsolated, false);
  for (int report = 0; report < 5; ++report) round.relieve(hands({1, 2}), kNoneIsolated, true);
  BOOST_TEST((round.holders(2) == std::vector<Incarnation>{20}));
}

BOOST_AUTO_TEST_CASE(two_that_are_sure_are_enough) {
  RoundLeases round(5, kTree, kPlan);
  round.report(0, {{2, 0}});
  for (int report = 0; report < 6; ++report) round.relieve(hands({1, 2, 3}), kNoneIsolated, true);
  for (const std::uint64_t leaf : {0U, 1U, 2U, 3U}) BOOST_TEST(round.holders(leaf).size() <= 2U);
  BOOST_TEST(round.holders(3).size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
