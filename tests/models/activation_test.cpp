#include "models/kernels/activation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/models/bits.hpp"
#include "tests/models/naive_network.hpp"

namespace fulmar::models::kernels {
namespace {

constexpr std::array kActivations{Activation::relu, Activation::elu, Activation::tanh};

/// |found − exact| in units of the last place of exact's float binade; subnormal binades share the smallest one.
double ulps(float found, long double exact) {
  const int exponent = exact == 0 ? -126 : std::max(std::ilogb(exact), -126);
  return static_cast<double>(std::fabs(static_cast<long double>(found) - exact) / std::ldexp(1.0L, exponent - 23));
}

/// Every 251st float between `first` and `last` (same sign), subnormals among them.
template <class Visit>
void for_floats(float first, float last, Visit&& visit) {
  const std::uint32_t end = std::bit_cast<std::uint32_t>(last);
  for (std::uint32_t bits = std::bit_cast<std::uint32_t>(first); bits <= end; bits += 251) {
    visit(std::bit_cast<float>(bits));
  }
}

BOOST_AUTO_TEST_SUITE(activation)

// The C library's long double functions are exact to far below a float's last place.
BOOST_AUTO_TEST_CASE(exponential_minus_one_errs_by_less_than_two_ulp) {
  double worst = 0;
  for_floats(-0.0F, -120.0F, [&](float x) {
    worst = std::max(worst, ulps(exponential_minus_one(x), std::expm1(static_cast<long double>(x))));
  });
  BOOST_TEST_MESSAGE("worst error of exponential_minus_one: " << worst << " ulp");
  BOOST_CHECK_LT(worst, 2.0);
}

BOOST_AUTO_TEST_CASE(hyperbolic_tangent_errs_by_less_than_three_ulp) {
  double worst = 0;
  const auto compare = [&](float x) {
    worst = std::max(worst, ulps(hyperbolic_tangent(x), std::tanh(static_cast<long double>(x))));
  };
  for_floats(0.0F, 60.0F, compare);
  for_floats(-0.0F, -60.0F, compare);
  BOOST_TEST_MESSAGE("worst error of hyperbolic_tangent: " << worst << " ulp");
  BOOST_CHECK_LT(worst, 3.0);
}

BOOST_AUTO_TEST_CASE(a_nan_goes_through) {
  for (const Activation activation : kActivations) {
    std::vector<float> values(37, std::numeric_limits<float>::quiet_NaN());
    activate(activation, values.data(), values.size());
    const std::vector<float> ones(values.size(), 1.0F);
    std::vector<float> derivative(values.size());
    activation_derivative(activation, values.data(), ones.data(), values.size(), derivative.data());
    for (const float value : values) BOOST_CHECK(std::isnan(value));
    const std::vector<float> nans(values);
    const std::vector<float> half(values.size(), 0.5F);
    activation_derivative(activation, half.data(), nans.data(), values.size(), derivative.data());
    for (const float value : derivative) BOOST_CHECK(std::isnan(value));
  }
}

BOOST_AUTO_TEST_CASE(infinities_have_their_limits) {
  const float infinity = std::numeric_limits<float>::infinity();
  BOOST_CHECK_EQUAL(relu(infinity), infinity);
  BOOST_CHECK_EQUAL(relu(-infinity), 0.0F);
  BOOST_CHECK_EQUAL(elu(infinity), infinity);
  BOOST_CHECK_EQUAL(elu(-infinity), -1.0F);
  BOOST_CHECK_EQUAL(hyperbolic_tangent(infinity), 1.0F);
  BOOST_CHECK_EQUAL(hyperbolic_tangent(-infinity), -1.0F);
}

// h = 1e-6: the difference errs by h² · f''' / 6 < 1e-12 and rounding of 1e-10; the float derivative by a few 6e-8.
BOOST_AUTO_TEST_CASE(derivatives_are_the_central_differences) {
  for (const Activation activation : kActivations) {
    std::vector<float> x = naive::random_floats(1, 501);
    for (float& value : x) value *= 6.0F;
    std::vector<float> values = x;
    activate(activation, values.data(), values.size());
    const std::vector<float> ones(x.size(), 1.0F);
    std::vector<float> derivative(x.size());
    activation_derivative(activation, values.data(), ones.data(), x.size(), derivative.data());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double at = static_cast<double>(x[i]);
      const double slope = (naive::activated(activation, at + 1e-6) - naive::activated(activation, at - 1e-6)) / 2e-6;
      BOOST_CHECK_SMALL(static_cast<double>(derivative[i]) - slope, 5e-7);
    }
  }
}

// ACTIVATION-1: the vectorised loop, its tail and one element alone agree at every alignment.
BOOST_AUTO_TEST_CASE(position_count_and_alignment_change_no_bit) {
  std::vector<float> x = naive::random_floats(2, 67);
  for (float& value : x) value *= 10.0F;
  for (const Activation activation : kActivations) {
    std::vector<float> alone = x;
    for (float& value : alone) activate(activation, &value, 1);
    for (std::size_t shift = 0; shift < 16; ++shift) {
      std::vector<float> shifted(shift + x.size());
      std::copy(x.begin(), x.end(), shifted.data() + shift);
      activate(activation, shifted.data() + shift, x.size());
      BOOST_CHECK(same_bits(std::span(shifted).subspan(shift), alone));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::models::kernels
