#include "runtime/core/validation.hpp"

#include <limits>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

BOOST_AUTO_TEST_SUITE(validation)

// VALID-1: thirds do not add up the same in every order.
BOOST_AUTO_TEST_CASE(the_loss_does_not_depend_on_who_came_first) {
  const BlockTree tree(4, 3);
  const LeafLoss a{1.0 / 3, 1}, b{1.0 / 7, 2}, c{1.0 / 11, 1};
  Validation forward(tree, {tree.root()});
  BOOST_TEST(forward.take({0, 0}, {a}));
  BOOST_TEST(forward.take({0, 1}, {b}));
  BOOST_TEST(!forward.loss().has_value());
  BOOST_TEST(forward.take({1, 1}, {c}));  // a name for leaf 2
  Validation backward(tree, {{1, 0}, {0, 2}});
  BOOST_TEST(backward.take({0, 2}, {c}));
  BOOST_TEST(backward.take({1, 0}, {a, b}));
  BOOST_TEST(forward.loss().value() == ((a.loss_sum + b.loss_sum) + c.loss_sum) / 4);
  BOOST_TEST(forward.loss().value() == backward.loss().value());
}

BOOST_AUTO_TEST_CASE(leases_are_finished_by_leaves_whoever_computes_them) {
  const BlockTree tree(4, 4);
  Validation validation(tree, {{1, 0}, {1, 1}});
  BOOST_TEST(validation.take({0, 0}, {{1, 1}}));
  BOOST_TEST(validation.leases().free_blocks().size() == 2U);
  BOOST_TEST(validation.take({1, 0}, {{1, 1}, {2, 1}}));
  BOOST_TEST((validation.leases().free_blocks() == std::vector<Block>{{1, 1}}));
  BOOST_TEST(validation.take({0, 1}, {{2, 1}}));  // again
  BOOST_TEST((validation.leases().free_blocks() == std::vector<Block>{{1, 1}}));
  BOOST_TEST(!validation.loss().has_value());
  BOOST_TEST(validation.take({1, 1}, {{3, 1}, {4, 1}}));
  BOOST_TEST(validation.leases().free_blocks().empty());
  BOOST_TEST(validation.loss().value() == 10.0 / 4);
}

// What a node dies of may be a leaf that it was given once and that others have by now.
BOOST_AUTO_TEST_CASE(what_an_incarnation_was_given_is_its_own_until_its_losses_are_known) {
  const BlockTree tree(4, 4);
  Validation validation(tree, {{1, 0}, {1, 1}});
  validation.grant({1, 0}, {1, 10, {}});
  validation.leases().end_incarnation(10);  // taken back: it drains
  validation.grant({1, 0}, {2, 20, {}});
  BOOST_TEST((validation.unfinished(10) == std::vector<std::uint64_t>{0, 1}));
  BOOST_TEST(validation.take({0, 0}, {{1, 1}}));
  BOOST_TEST((validation.unfinished(10) == std::vector<std::uint64_t>{1}));
  BOOST_TEST((validation.unfinished(20) == std::vector<std::uint64_t>{1}));
  validation.end_incarnation(10);
  BOOST_TEST(validation.unfinished(10).empty());
  BOOST_TEST((validation.leases().free_blocks() == std::vector<Block>{{1, 1}}));
}

BOOST_AUTO_TEST_CASE(other_losses_of_the_same_leaf_are_a_mismatch) {
  const BlockTree tree(2, 2);
  Validation validation(tree, {tree.root()});
  BOOST_TEST(validation.take({0, 0}, {{1, 1}}));
  BOOST_TEST(!validation.take({0, 0}, {{1.5, 1}}));
  BOOST_TEST(validation.take({0, 0}, {{1, 1}}));
  BOOST_TEST(!validation.take({0, 1}, {}));
  BOOST_TEST(!validation.take({0, 2}, {{1, 1}}));
  BOOST_TEST(validation.take({0, 1}, {{kNan, 1}}));
  BOOST_TEST(validation.take({0, 1}, {{kNan, 1}}));
  BOOST_TEST(!validation.take({0, 1}, {{1, 1}}));
}

// VALID-2
BOOST_AUTO_TEST_CASE(the_state_as_of_a_version_ignores_later_ones) {
  ValidationHistory history({});
  history.add(10, 5.0);
  history.add(20, 4.0);
  history.add(30, 4.0);   // not better
  history.add(40, kNan);  // never better
  BOOST_TEST(!history.as_of(9).latest.has_value());
  BOOST_TEST(history.as_of(15).best->version == 10U);
  BOOST_TEST(history.as_of(20).best->version == 20U);
  BOOST_TEST(history.as_of(45).best->version == 20U);
  BOOST_TEST(history.as_of(45).checks_without_better == 2U);
  BOOST_TEST(history.is_best(20));
  BOOST_TEST(!history.is_best(30));
  const ValidationState before = history.as_of(30);
  history.forget_before(30);
  BOOST_TEST((history.as_of(30) == before));
  BOOST_TEST(history.as_of(45).checks_without_better == 2U);
}

BOOST_AUTO_TEST_CASE(a_run_is_complete_at_its_end_or_out_of_patience) {
  RunState state;
  state.version = 5;
  state.validation.best = ValidationRecord{2, 1.0};
  state.validation.checks_without_better = 3;
  BOOST_TEST(!reason_to_complete(state, 6, 0).has_value());  // no patience: no early stop
  BOOST_TEST(!reason_to_complete(state, 6, 4).has_value());
  BOOST_TEST(reason_to_complete(state, 5, 4).value() == "reached version 5");
  const std::string out_of_patience = "no better validation in 3 epochs; the best is version 2";
  BOOST_TEST(reason_to_complete(state, 6, 3).value() == out_of_patience);
  BOOST_TEST(reason_to_complete(state, 5, 3).value() == out_of_patience);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
