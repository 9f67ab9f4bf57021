#include "models/loss.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/models/naive_network.hpp"
#include "tests/models/random_leaf.hpp"

namespace fulmar::models {
namespace {

const FieldShape kShape{2, 5, 37};
constexpr std::size_t kRowFloats = 48;  // the prediction's rows are padded, here with NaN

struct Case {
  Case() : leaf(kShape, kShape, 1, 1), prediction(kShape.channels * kShape.latitudes * kRowFloats, NAN) {
    for (std::size_t e = 0; e < kShape.size(); ++e) prediction[padded(e)] = leaf.input[e];
  }
  static std::size_t padded(std::size_t e) { return e / kShape.longitudes * kRowFloats + e % kShape.longitudes; }

  LeafSums sums(float* derivative, bool masked = true) const {
    return area_weighted_squared_error(kShape, prediction.data(), kRowFloats, leaf.target.data(),
                                       masked ? leaf.mask.data() : nullptr, leaf.area_weight, derivative);
  }

  RandomLeaf leaf;
  std::vector<float> prediction;
};

BOOST_AUTO_TEST_SUITE(loss)

// Sums of 370 terms in double against the same in another order: 370 · 2⁻⁵³ < 1e-12.
BOOST_AUTO_TEST_CASE(the_sums_are_those_of_the_definition) {
  for (const bool masked : {true, false}) {
    const Case c;
    Batch batch = c.leaf.batch();
    if (!masked) batch.mask = {};
    const double expected = naive::loss(kShape, naive::to_double(c.leaf.input), batch, 0);
    double weight = 0;
    for (std::size_t e = 0; e < kShape.size(); ++e) {
      if (masked && c.leaf.mask[e] == 0) continue;
      weight += static_cast<double>(c.leaf.area_weight[e / kShape.longitudes % kShape.latitudes]);
    }
    const LeafSums found = c.sums(nullptr, masked);
    BOOST_CHECK_SMALL(found.loss_sum - expected, 1e-12);
    BOOST_CHECK_SMALL(found.weight_sum - weight / 2, 1e-12);
  }
}

// The loss is quadratic, so a central difference is exact but for rounding; the derivative is rounded to float (6e-8).
BOOST_AUTO_TEST_CASE(the_derivative_is_the_central_difference) {
  const Case c;
  std::vector<float> derivative(c.prediction.size(), NAN);
  static_cast<void>(c.sums(derivative.data()));
  for (std::size_t e = 0; e < kShape.size(); ++e) {
    const double expected = naive::central_difference(
        naive::to_double(c.leaf.input), e, 0.25,
        [&](const naive::Numbers& prediction) { return naive::loss(kShape, prediction, c.leaf.batch(), 0); });
    BOOST_CHECK_SMALL(static_cast<double>(derivative[Case::padded(e)]) - expected, 1e-7 * (1 + std::fabs(expected)));
  }
}

BOOST_AUTO_TEST_CASE(only_real_longitudes_receive_a_derivative) {
  const Case c;
  std::vector<float> derivative(c.prediction.size(), 7.0F);
  static_cast<void>(c.sums(derivative.data()));
  for (std::size_t row = 0; row < kShape.channels * kShape.latitudes; ++row) {
    for (std::size_t x = kShape.longitudes; x < kRowFloats; ++x)
      BOOST_CHECK_EQUAL(derivative[row * kRowFloats + x], 7.0F);
  }
}

// LOSS-1
BOOST_AUTO_TEST_CASE(what_lies_under_mask_zero_may_be_nan) {
  Case c;
  std::vector<float> derivative(c.prediction.size());
  std::vector<float> expected(c.prediction.size());
  const LeafSums before = c.sums(expected.data());
  for (std::size_t e = 0; e < kShape.size(); ++e) {
    if (c.leaf.mask[e] == 0) c.leaf.target[e] = std::numeric_limits<float>::quiet_NaN();
  }
  const LeafSums after = c.sums(derivative.data());
  BOOST_CHECK_EQUAL(after.loss_sum, before.loss_sum);
  BOOST_CHECK_EQUAL(after.weight_sum, before.weight_sum);
  BOOST_CHECK(derivative == expected);
}

BOOST_AUTO_TEST_CASE(a_nan_that_counts_is_seen) {
  Case c;
  c.prediction[Case::padded(4 * kShape.longitudes + 1)] = std::numeric_limits<float>::quiet_NaN();
  BOOST_CHECK(std::isnan(c.sums(nullptr, false).loss_sum));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::models
