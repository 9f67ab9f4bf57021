#include "models/dropout.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/models/bits.hpp"
#include "tests/models/naive_network.hpp"

namespace fulmar::models {
namespace {

const RandomStream kStream(1, Purpose::dropout, 2, 3);

std::vector<std::uint16_t> draw(const Dropout& dropout, std::size_t layer, std::size_t count,
                                const RandomStream& stream = kStream) {
  std::vector<std::uint16_t> decisions(count);
  dropout.draw(stream, layer, decisions);
  return decisions;
}

BOOST_AUTO_TEST_SUITE(dropout)

// DROPOUT-1, for lengths around the vectorised drawing's chunk of 4096 decisions.
BOOST_AUTO_TEST_CASE(decisions_are_those_of_the_stream_one_by_one) {
  const Dropout dropout(0.3);
  for (const std::size_t count : {1U, 7U, 8U, 9U, 4095U, 4096U, 4097U, 10001U}) {
    const std::vector<std::uint16_t> decisions = draw(dropout, 2, count);
    std::vector<float> ones(count, 1.0F);
    dropout.apply(decisions, ones.data(), ones.data());
    for (std::size_t e = 0; e < count; ++e) {
      BOOST_REQUIRE_EQUAL(ones[e] == 0.0F, naive::dropped(kStream, 2, e, 0.3));
    }
  }
}

BOOST_AUTO_TEST_CASE(layers_samples_and_versions_have_masks_of_their_own) {
  const Dropout dropout(0.5);
  const auto first = draw(dropout, 0, 64);
  BOOST_CHECK(first != draw(dropout, 1, 64));
  BOOST_CHECK(first != draw(dropout, 0, 64, RandomStream(1, Purpose::dropout, 2, 4)));
  BOOST_CHECK(first != draw(dropout, 0, 64, RandomStream(1, Purpose::dropout, 3, 3)));
  BOOST_CHECK(first == draw(dropout, 0, 64));
}

// n = 10⁶ draws: the share dropped has a standard deviation of at most 5e-4, and the mean of the scaled ones of
// sqrt(p/(1 − p)/n) ≤ 3e-3 at p = 0.9; five of them.
BOOST_AUTO_TEST_CASE(the_share_dropped_is_p_and_the_expectation_is_kept) {
  for (const double p : {0.001, 0.1, 0.5, 0.9}) {
    const Dropout dropout(p);
    std::vector<float> values(1000000, 1.0F);
    dropout.apply(draw(dropout, 0, values.size()), values.data(), values.data());
    double dropped = 0;
    double sum = 0;
    for (const float value : values) {
      dropped += value == 0.0F ? 1 : 0;
      sum += static_cast<double>(value);
    }
    const double n = static_cast<double>(values.size());
    BOOST_CHECK_SMALL(dropped / n - p, 5 * std::sqrt(p * (1 - p) / n) + 0x1p-17);
    BOOST_CHECK_SMALL(sum / n - 1, 5 * std::sqrt(p / (1 - p) / n));
  }
}

// DROPOUT-2
BOOST_AUTO_TEST_CASE(a_dropped_nan_is_gone_and_a_kept_one_stays) {
  const Dropout dropout(0.5);
  const auto decisions = draw(dropout, 0, 100);
  std::vector<float> values(100, std::numeric_limits<float>::quiet_NaN());
  dropout.apply(decisions, values.data(), values.data());
  for (std::size_t e = 0; e < values.size(); ++e) {
    BOOST_CHECK_EQUAL(std::isnan(values[e]), !naive::dropped(kStream, 0, e, 0.5));
  }
}

BOOST_AUTO_TEST_CASE(zero_is_off_and_the_extremes_still_mean_something) {
  BOOST_CHECK(!Dropout(0.0).active());
  BOOST_CHECK(Dropout(1e-9).active());
  std::vector<float> values(1 << 18, 1.0F);
  const Dropout nearly_all(1 - 1e-9);
  nearly_all.apply(draw(nearly_all, 0, values.size()), values.data(), values.data());
  for (const float value : values) BOOST_REQUIRE(value == 0.0F || value == 65536.0F);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::models
