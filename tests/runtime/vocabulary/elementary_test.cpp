// The truth is the C library's long double (64-bit significand, exact argument reduction): 2⁻¹¹ ulp of a double.
#include "runtime/vocabulary/elementary.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <boost/test/unit_test.hpp>

namespace fulmar {
namespace {

static_assert(std::numeric_limits<long double>::digits >= 64, "the truth must be finer than what it judges");

constexpr double kUlpsMax = 2;  // what the header promises

/// The error of `value` in units of the last place of a double as large as `truth`.
double ulps(double value, long double truth) {
  const auto rounded = std::fabs(static_cast<double>(truth));
  const double ulp = std::nextafter(rounded, std::numeric_limits<double>::infinity()) - rounded;
  return static_cast<double>(std::fabs(static_cast<long double>(value) - truth) / ulp);
}

void check(double radians) {
  const long double exact = radians;
  BOOST_REQUIRE_MESSAGE(ulps(sine(radians), std::sin(exact)) < kUlpsMax, "sine of " << radians);
  BOOST_REQUIRE_MESSAGE(ulps(cosine(radians), std::cos(exact)) < kUlpsMax, "cosine of " << radians);
}

BOOST_AUTO_TEST_SUITE(elementary)

BOOST_AUTO_TEST_CASE(sine_and_cosine_hold_their_promise_everywhere) {
  std::mt19937_64 engine(1);
  std::uniform_real_distribution<double> wide(-1e6, 1e6), narrow(-7, 7), exponent(-60, 20);
  for (int i = 0; i < 200'000; ++i) {
    check(wide(engine));
    check(narrow(engine));
    check(std::fmin(1e6, std::exp2(exponent(engine))));
  }
}

// Where the reduction cancels: the doubles on both sides of n·π/2, for every n that the range has.
BOOST_AUTO_TEST_CASE(sine_and_cosine_hold_their_promise_next_to_multiples_of_half_pi) {
  for (int n = 0; n <= 636'619; ++n) {
    const auto radians = static_cast<double>(static_cast<long double>(n) * 1.570796326794896619231321691639751442L);
    check(radians);
    check(std::nextafter(radians, 2e6));
    check(-std::nextafter(radians, 0.0));
  }
}

BOOST_AUTO_TEST_CASE(the_ends_are_exact) {
  BOOST_TEST(sine(0.0) == 0.0);
  BOOST_TEST(cosine(0.0) == 1.0);
  BOOST_TEST(cosine(3.141592653589793) == -1.0);
  check(1e6);
  check(-1e6);
  check(std::numeric_limits<double>::denorm_min());
}

BOOST_AUTO_TEST_CASE(sine_is_odd_and_cosine_is_even) {
  std::mt19937_64 engine(2);
  std::uniform_real_distribution<double> wide(-1e6, 1e6);
  for (int i = 0; i < 10'000; ++i) {
    const double radians = wide(engine);
    BOOST_REQUIRE_EQUAL(sine(-radians), -sine(radians));
    BOOST_REQUIRE_EQUAL(cosine(-radians), cosine(radians));
  }
}

BOOST_AUTO_TEST_CASE(integer_powers_are_exact_where_a_double_is) {
  BOOST_TEST(integer_power(0.0, 0) == 1.0);
  BOOST_TEST(integer_power(3.0, 33) == 5559060566555523.0);
  BOOST_TEST(integer_power(-3.0, 3) == -27.0);
  BOOST_TEST(integer_power(2.0, 1023) == 0x1p1023);
  BOOST_TEST(integer_power(0.5, 1074) == 0x1p-1074);
  BOOST_TEST(integer_power(0.999, std::numeric_limits<std::uint64_t>::max()) == 0.0);
}

// Squaring doubles a relative error and adds half an ulp, so that n factors leave at most n half ulps.
BOOST_AUTO_TEST_CASE(integer_powers_are_close_elsewhere) {
  std::mt19937_64 engine(3);
  std::uniform_real_distribution<double> base(0.9, 1.1);
  std::uniform_int_distribution<std::uint64_t> exponent(1, 5000);
  for (int i = 0; i < 100'000; ++i) {
    const double b = base(engine);
    const std::uint64_t n = exponent(engine);
    const long double truth = std::pow(static_cast<long double>(b), static_cast<long double>(n));
    const auto relative = static_cast<double>(std::fabs(integer_power(b, n) / truth - 1));
    BOOST_REQUIRE_LE(relative, static_cast<double>(n) * 0x1p-53);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar
