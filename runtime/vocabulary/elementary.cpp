#include "runtime/vocabulary/elementary.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar {
namespace {

static_assert(std::numeric_limits<double>::is_iec559 && std::numeric_limits<double>::digits == 53);

constexpr double kLargestArgument = 1e6;

/// radians = quadrant · π/2 + high + low, |high| ≤ π/4 (but for a rounding), low a correction below one ulp of high.
struct Reduced {
  int quadrant = 0;  ///< modulo 4
  double high = 0;
  double low = 0;
};

// Cody and Waite ("Software Manual for the Elementary Functions", 1980) with fma: π/2 as the sum of three doubles.
// fma(−n, π/2₁, x) is exact: it is a multiple of 2⁻⁵³ below 1. The rounding errors of the second part go into `low`, so
// that the result keeps its relative accuracy next to multiples of π/2, where `high` is as small as 2⁻⁶⁰.
Reduced reduce(double radians) {
  constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;
  constexpr double kHalfPi1 = 0x1.921fb54442d18p+0;
  constexpr double kHalfPi2 = 0x1.1a62633145c07p-54;
  constexpr double kHalfPi3 = -0x1.f1976b7ed8fbcp-110;
  constexpr double kRoundToInteger = 0x1.8p52;  // adding it leaves no bits for a fraction

  FULMAR_ASSERT(std::fabs(radians) <= kLargestArgument,
                "sine and cosine are for |radians| <= 1e6, not " + std::to_string(radians));
  const double n = (radians * kTwoOverPi + kRoundToInteger) - kRoundToInteger;
  const double first = std::fma(-n, kHalfPi1, radians);
  const double product = n * kHalfPi2;
  const double product_error = std::fma(n, kHalfPi2, -product);
  // Knuth's two-sum of first and −product: no order of magnitude is assumed.
  const double sum = first - product;
  const double back = sum - first;
  const double sum_error = (first - (sum - back)) - (product + back);
  const double tail = std::fma(-n, kHalfPi3, sum_error - product_error);
  const double high = sum + tail;
  return {static_cast<int>(static_cast<long long>(n) & 3), high, (sum - high) + tail};
}

// The minimax polynomials of fdlibm (Sun Microsystems, 1993: k_sin.c, k_cos.c) on [−π/4, π/4].
double sine_kernel(double high, double low) {
  constexpr double kS1 = -1.66666666666666324348e-01;
  constexpr double kS2 = 8.33333333332248946124e-03;
  constexpr double kS3 = -1.98412698298579493134e-04;
  constexpr double kS4 = 2.75573137070700676789e-06;
  constexpr double kS5 = -2.50507602534068634195e-08;
  constexpr double kS6 = 1.58969099521155010221e-10;
  const double z = high * high;
  const double cube = z * high;
  const double tail = kS2 + z * (kS3 + z * (kS4 + z * (kS5 + z * kS6)));
  return high - ((z * (0.5 * low - cube * tail) - low) - cube * kS1);
}

double cosine_kernel(double high, double low) {
  constexpr double kC1 = 4.16666666666666019037e-02;
  constexpr double kC2 = -1.38888888888741095749e-03;
  constexpr double kC3 = 2.48015872894767294178e-05;
  constexpr double kC4 = -2.75573143513906633035e-07;
  constexpr double kC5 = 2.08757232129817482790e-09;
  constexpr double kC6 = -1.13596475577881948265e-11;
  const double z = high * high;
  const double tail = z * (kC1 + z * (kC2 + z * (kC3 + z * (kC4 + z * (kC5 + z * kC6)))));
  const double half_square = 0.5 * z;
  const double leading = 1.0 - half_square;
  return leading + (((1.0 - leading) - half_square) + (z * tail - high * low));
}

}  // namespace

double sine(double radians) {
  const Reduced angle = reduce(radians);
  const double magnitude =
      angle.quadrant % 2 == 0 ? sine_kernel(angle.high, angle.low) : cosine_kernel(angle.high, angle.low);
  return angle.quadrant < 2 ? magnitude : -magnitude;
}

double cosine(double radians) {
  const Reduced angle = reduce(radians);
  const double magnitude =
      angle.quadrant % 2 == 0 ? cosine_kernel(angle.high, angle.low) : sine_kernel(angle.high, angle.low);
  return angle.quadrant == 0 || angle.quadrant == 3 ? magnitude : -magnitude;
}

double integer_power(double base, std::uint64_t exponent) {
  double result = 1.0;
  for (double square = base; exponent != 0; square *= square, exponent >>= 1) {
    if (exponent & 1) result *= square;
  }
  return result;
}

}  // namespace fulmar
