#include "runtime/core/plan.hpp"

#include <algorithm>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

std::uint64_t leaves_of(const Holding& holding, const BlockTree& tree) {
  std::uint64_t leaves = 0;
  for (const Block& block : holding.blocks) leaves += tree.leaf_count(block);
  return leaves;
}

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
    BOOST_TEST(std::abs(static_cast<double>(leaves_of(holdings[i], tree)) - 64 * members[i].speed / 8) <= 1.0);
  }
}

BOOST_AUTO_TEST_CASE(without_members_nobody_holds_anything) {
  BOOST_TEST(plan_sync_round({}, BlockTree(4, 4)).empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
