#include "runtime/core/verdict.hpp"

#include <limits>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

const double kNan = std::numeric_limits<double>::quiet_NaN();

/// Reports of `norms`, cut into shards of `per_shard` chunks, the last shard first.
std::vector<RootReport> reports(const std::vector<double>& norms, std::size_t per_shard) {
  std::vector<RootReport> all;
  for (std::size_t begin = 0; begin < norms.size(); begin += per_shard) {
    RootReport report{static_cast<ShardId>(begin / per_shard), 7, true, 12.0, 4.0, {}};
    for (std::size_t i = begin; i < std::min(begin + per_shard, norms.size()); ++i)
      report.chunk_norms.push_back(norms[i]);
    all.insert(all.begin(), report);
  }
  return all;
}

BOOST_AUTO_TEST_SUITE(verdict)

// VERDICT-1: sums of these depend on their order, so equality here is equality of the tree.
BOOST_AUTO_TEST_CASE(the_number_of_shards_does_not_matter) {
  std::vector<double> norms;
  for (int i = 1; i <= 13; ++i) norms.push_back(1.0 / i);
  const Verdict one = reach_verdict(7, synchronous_attempt(7), reports(norms, 13), {}, 3, 0);
  for (const std::size_t per_shard : {1U, 2U, 5U}) {
    const Verdict many = reach_verdict(7, synchronous_attempt(7), reports(norms, per_shard), {}, 3, 0);
    BOOST_TEST(many.squared_norm == one.squared_norm);
    BOOST_TEST(many.reason == one.reason);
  }
  BOOST_TEST((one.action == Action::apply));
  BOOST_TEST(one.updates_before == 3U);
  BOOST_TEST(one.reason == "round 7 is finite");
}

// An overflow in the upper tree is seen by one shard alone.
BOOST_AUTO_TEST_CASE(one_shard_that_is_not_finite_decides_for_all) {
  std::vector<RootReport> some = reports({1, 2, 3}, 1);
  some[1].finite = false;
  const Verdict stop = reach_verdict(7, synchronous_attempt(7), some, {NotFinitePolicy::stop, 10}, 0, 0);
  BOOST_TEST((stop.action == Action::stop));
  BOOST_TEST(stop.reason == "round 7 is not finite");
  const Verdict skip = reach_verdict(7, synchronous_attempt(7), some, {NotFinitePolicy::skip, 10}, 0, 8);
  BOOST_TEST((skip.action == Action::skip));
  BOOST_TEST(skip.reason == "round 7 is not finite and is skipped");
}

BOOST_AUTO_TEST_CASE(so_many_voided_in_a_row_stop_the_run) {
  std::vector<RootReport> some = reports({1}, 1);
  some[0].loss_sum = kNan;
  const Verdict verdict = reach_verdict(7, synchronous_attempt(7), some, {NotFinitePolicy::skip, 10}, 0, 9);
  BOOST_TEST((verdict.action == Action::stop));
  BOOST_TEST(verdict.reason == "round 7 is not finite: 10 voided in a row");
}

BOOST_AUTO_TEST_CASE(a_round_without_targets_is_skipped) {
  std::vector<RootReport> some = reports({0}, 1);
  some[0].weight_sum = 0;
  const Verdict verdict = reach_verdict(7, synchronous_attempt(7), some, {}, 0, 0);
  BOOST_TEST((verdict.action == Action::skip));
  BOOST_TEST(verdict.finite);
  BOOST_TEST(verdict.reason == "round 7 has no unmasked target and is skipped");
  BOOST_TEST(mean_gradient_norm(verdict) == 0.0);
}

// The sum has norm sqrt(9 + 16) over weights of 4.
BOOST_AUTO_TEST_CASE(the_norm_of_the_mean_gradient_is_that_of_the_sum_over_the_weights) {
  BOOST_TEST(mean_gradient_norm(reach_verdict(7, synchronous_attempt(7), reports({9, 16}, 1), {}, 0, 0)) == 1.25);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
