#include "runtime/core/run_shape.hpp"

#include <algorithm>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

BOOST_AUTO_TEST_SUITE(run_shape)

// SHAPE-1, over sizes that do not divide each other.
BOOST_AUTO_TEST_CASE(an_epoch_visits_each_sample_once) {
  for (const std::uint64_t samples : {1U, 2U, 7U, 31U, 32U, 33U, 100U}) {
    for (const std::uint64_t leaf_size : {1U, 3U, 4U}) {
      for (const std::uint64_t leaves : {1U, 4U, 8U}) {
        const RunShape shape{5, samples, 0, leaf_size, leaves};
        for (const std::uint64_t epoch : {0U, 3U}) {
          std::vector<int> visits(samples);
          for (std::uint64_t round = 0; round < shape.rounds_per_epoch(); ++round) {
            const Version base = epoch * shape.rounds_per_epoch() + round;
            BOOST_TEST(shape.epoch_of(base) == epoch);
            std::uint64_t in_round = 0;
            for (std::uint64_t leaf = 0; leaf < shape.leaves_in_round(base); ++leaf) {
              for (const std::uint64_t sample : shape.leaf_samples(base, leaf)) ++visits.at(sample), ++in_round;
            }
            BOOST_TEST(in_round == shape.samples_in_round(base));
          }
          BOOST_TEST(std::all_of(visits.begin(), visits.end(), [](int n) { return n == 1; }));
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(the_last_round_and_the_last_leaf_take_what_is_left) {
  const RunShape shape{1, 22, 0, 2, 8};  // 11 leaves: 8 and 3
  BOOST_TEST(shape.rounds_per_epoch() == 2U);
  BOOST_TEST(shape.leaves_in_round(1) == 3U);
  BOOST_TEST(shape.samples_in_round(1) == 6U);
  BOOST_TEST(shape.leaves_in_round(2) == 8U);
  const RunShape odd{1, 5, 0, 2, 4};
  BOOST_TEST(odd.leaf_samples(0, 2).size() == 1U);
}

BOOST_AUTO_TEST_CASE(epochs_differ_in_order_but_not_by_who_asks) {
  const RunShape shape{9, 64, 0, 8, 2};
  BOOST_TEST((shape.leaf_samples(0, 0) == shape.leaf_samples(0, 0)));
  BOOST_TEST((shape.leaf_samples(0, 0) != shape.leaf_samples(shape.rounds_per_epoch(), 0)));
}

BOOST_AUTO_TEST_CASE(the_end_of_each_epoch_is_validated) {
  const RunShape shape{1, 10, 5, 2, 2};  // 3 rounds an epoch
  BOOST_TEST(!shape.is_validated(0));
  BOOST_TEST(!shape.is_validated(2));
  BOOST_TEST(shape.is_validated(3));
  BOOST_TEST(shape.is_validated(6));
  BOOST_TEST(shape.validation_leaves() == 3U);
  BOOST_TEST((shape.validation_leaf_samples(2) == std::vector<std::uint64_t>{4}));
  BOOST_TEST(!(RunShape{1, 10, 0, 2, 2}.is_validated(3)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
