#include "runtime/core/plan.hpp"

#include <algorithm>
#include <limits>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

BOOST_AUTO_TEST_SUITE(plan)

// PLAN-1, for many speeds and short rounds.
BOOST_AUTO_TEST_CASE(every_leaf_has_exactly_one_holder) {
  for (std::uint64_t present = 1; present <= 16; ++present) {
    const BlockTree tree(16, present);
    for (std::uint32_t members = 1; members <= 20; ++members) {
      std::vector<Capacity> capacities;
      for (NodeId node = 1; node <= members; ++node) capacities.push_back({node, node, 0.1 + (node * 7) % 5});
      std::vector<int> holders(present);
      for (const Holding& holding : plan_sync_round(capacities, tree)) {
        for (const Block& block : holding.blocks) {
          for (std::uint64_t leaf = tree.first_leaf(block); leaf < tree.end_leaf(block); ++leaf) ++holders[leaf];
        }
      }
      BOOST_TEST(std::all_of(holders.begin(), holders.end(), [](int n) { return n == 1; }));
    }
  }
}

// PLAN-2
BOOST_AUTO_TEST_CASE(the_order_in_which_members_came_does_not_matter) {
  const std::vector<Capacity> some{{3, 30, 1}, {1, 10, 2}, {2, 20, 1}};
  const std::vector<Capacity> others{{1, 10, 2}, {2, 20, 1}, {3, 30, 1}};
  const BlockTree tree(8, 8);
  BOOST_TEST((plan_sync_round(some, tree) == plan_sync_round(others, tree)));
  const std::vector<Holding> expected{{1, 10, {{2, 0}}}, {2, 20, {{1, 2}}}, {3, 30, {{1, 3}}}};
  BOOST_TEST((plan_sync_round(some, tree) == expected));
}

BOOST_AUTO_TEST_CASE(shares_follow_speed_to_within_a_leaf) {
  const BlockTree tree(64, 64);
  const std::vector<Capacity> members{{1, 1, 3}, {2, 2, 1}, {3, 3, 4}};
  const std::vector<Holding> holdings = plan_sync_round(members, tree);
  for (std::size_t i = 0; i < members.size(); ++i) {
    // Each end of a share is rounded by half a leaf at most.
    BOOST_TEST(std::abs(static_cast<double>(leaves_of(holdings[i], tree)) -
                        64 * members[i].pace.leaves_per_second / 8) <= 1.0);
  }
}

// The optimum by trying every split between two, then what it may cost to have fewer blocks.
BOOST_AUTO_TEST_CASE(all_finish_together_as_nearly_as_whole_leaves_allow) {
  const BlockTree tree(64, 64);
  for (const double ratio : {1.0, 1.3, 2.0, 4.0, 9.7, 50.0}) {
    const std::vector<Capacity> members{{1, 1, ratio}, {2, 2, 1}};
    double best = 64;
    for (int first = 0; first <= 64; ++first) best = std::min(best, std::max(first / ratio, 64.0 - first));
    const double planned = predicted_seconds(plan_sync_round(members, tree), members, tree);
    BOOST_TEST(planned <= best * (1 + kPlanSlack) + 1e-12, "ratio " << ratio << ": " << planned << " s, not " << best);
  }
}

// 4 : 1 takes as long with 51 + 13 leaves as with 52 + 12, which are five blocks instead of seven.
BOOST_AUTO_TEST_CASE(boundaries_lie_where_they_make_for_few_blocks) {
  const BlockTree tree(64, 64);
  const std::vector<Holding> plan = plan_sync_round({{1, 1, 4}, {2, 2, 1}}, tree);
  BOOST_TEST((plan[0].blocks == std::vector<Block>{{5, 0}, {4, 2}, {2, 12}}));
  BOOST_TEST((plan[1].blocks == std::vector<Block>{{2, 13}, {3, 7}}));
}

BOOST_AUTO_TEST_CASE(whole_pieces_go_to_whoever_is_done_with_them_first) {
  using Counts = std::vector<std::uint64_t>;
  BOOST_TEST((apportion(10, {{1}, {1}}) == Counts{5, 5}));
  BOOST_TEST((apportion(3, {{1}, {4}}) == Counts{0, 3}));
  BOOST_TEST((apportion(2, {{1}, {1}, {1}}) == Counts{1, 1, 0}));
  BOOST_TEST((apportion(0, {{1}}) == Counts{0}));
  BOOST_TEST(apportion(5, {}).empty());
}

// 41 leaves on 8 slots would take six steps instead of five.
BOOST_AUTO_TEST_CASE(a_node_gets_as_many_leaves_as_its_slots_do_in_whole_steps) {
  const BlockTree tree(512, 512);
  std::vector<Capacity> members;
  for (NodeId node = 1; node <= 12; ++node) members.push_back({node, node, {20, 8}});
  for (NodeId node = 13; node <= 16; ++node) members.push_back({node, node, {4, 4}});
  const double planned = predicted_seconds(plan_sync_round(members, tree), members, tree);
  BOOST_TEST(planned == 2.0);  // 12 · 40 + 4 · 8 = 512
  BOOST_TEST((Pace{20, 8}.seconds_for(40)) == 2.0);
  BOOST_TEST((Pace{20, 8}.seconds_for(41)) == 2.4);
}

BOOST_AUTO_TEST_CASE(who_is_gone_is_never_done) {
  const BlockTree tree(4, 4);
  const std::vector<Holding> plan = plan_sync_round({{1, 1, 1}, {2, 2, 1}}, tree);
  BOOST_TEST(predicted_seconds(plan, {{1, 1, 1}, {2, 2, 1}}, tree) == 2.0);
  BOOST_TEST(predicted_seconds(plan, {{1, 1, 1}}, tree) == std::numeric_limits<double>::infinity());
}

BOOST_AUTO_TEST_CASE(without_members_nobody_holds_anything) {
  BOOST_TEST(plan_sync_round({}, BlockTree(4, 4)).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
