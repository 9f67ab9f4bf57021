#include "runtime/core/failure_budget.hpp"

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

BOOST_AUTO_TEST_SUITE(failure_budget)

// BUDGET-1
BOOST_AUTO_TEST_CASE(the_third_death_at_one_leaf_is_the_end) {
  FailureBudget budget({3, 100, 100});
  BOOST_TEST(!budget.leaf_killed_slot(1, {5, false, 2}, 5).stop);
  BOOST_TEST(!budget.leaf_killed_slot(1, {5, false, 1}, 5).stop);
  BOOST_TEST(!budget.leaf_killed_slot(1, {5, true, 2}, 5).stop);
  BOOST_TEST(!budget.leaf_killed_slot(1, {5, false, 2}, 5).stop);
  const FailureDecision last = budget.leaf_killed_slot(1, {5, false, 2}, 5);
  BOOST_TEST(last.stop);
  BOOST_TEST(last.reason == "this leaf has killed 3 slots");
  BOOST_TEST(budget.survived() == 4U);
}

BOOST_AUTO_TEST_CASE(a_leaf_is_not_to_blame_while_only_one_of_several_nodes_has_failed_at_it) {
  FailureBudget budget({3, 100, 100});
  for (int death = 0; death < 5; ++death) BOOST_TEST(!budget.leaf_killed_slot(1, {5, false, 2}, 5, true).stop);
  BOOST_TEST(budget.leaf_killed_slot(2, {5, false, 2}, 5, true).by_leaf);
}

BOOST_AUTO_TEST_CASE(failures_count_within_a_window_of_rounds) {
  FailureBudget budget({3, 2, 10});
  BOOST_TEST(budget.died(1, 0).reason == "failure 1 of 2 within 10 rounds");
  BOOST_TEST(!budget.died(1, 5).stop);
  BOOST_TEST(!budget.died(1, 11).stop);  // the one at 0 has left the window
  const FailureDecision last = budget.died(1, 15);
  BOOST_TEST(last.stop);
  BOOST_TEST(last.reason == "3 failures within 10 rounds");
}

BOOST_AUTO_TEST_CASE(each_node_has_a_budget_of_its_own) {
  FailureBudget budget({3, 1, 10});
  BOOST_TEST(!budget.died(1, 0).stop);
  BOOST_TEST(!budget.died(2, 0).stop);
  BOOST_TEST(budget.died(1, 0).stop);
  BOOST_TEST(!budget.died(3, 0).stop);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
