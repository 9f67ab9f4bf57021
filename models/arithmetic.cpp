#include "models/arithmetic.hpp"

#include <cfenv>
#include <limits>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::models {
namespace {

// volatile: the sums below must be computed here and now, not by the compiler.
template <class Number>
bool rounds_to_nearest() {
  volatile Number one = 1;
  volatile Number quarter_ulp = std::numeric_limits<Number>::epsilon() / 4;
  volatile Number three_quarter_ulp = 3 * quarter_ulp;
  const Number above = one + quarter_ulp;          // upward would leave 1
  const Number below = -one - quarter_ulp;         // downward would leave −1
  const Number nearest = one + three_quarter_ulp;  // downward and toward zero would stay at 1
  return above == 1 && below == -1 && nearest == 1 + std::numeric_limits<Number>::epsilon();
}

template <class Number>
bool keeps_subnormals() {
  volatile Number smallest_normal = std::numeric_limits<Number>::min();
  volatile Number half = static_cast<Number>(0.5);
  volatile Number result = smallest_normal * half;
  if (!(result != 0)) return false;  // reads as zero as well where operands are flushed
  volatile Number subnormal = std::numeric_limits<Number>::denorm_min();
  volatile Number large = 1 / std::numeric_limits<Number>::epsilon();
  const Number normal = subnormal * large;
  return normal != 0;
}

}  // namespace

void prepare_compute_thread() {
  std::fesetround(FE_TONEAREST);
#if defined(__SSE2__)
  constexpr unsigned kDefaultControl = 0x1f80;  // every exception masked, to nearest, no FTZ, no DAZ
  _mm_setcsr(kDefaultControl);
#elif defined(__aarch64__)
  const unsigned long long kDefaultControl = 0;
  asm volatile("msr fpcr, %0" : : "r"(kDefaultControl));
#endif
  FULMAR_ASSERT(floating_point_environment_ok(), "this thread does not round to nearest, or flushes subnormal numbers");
}

bool floating_point_environment_ok() {
  return std::fegetround() == FE_TONEAREST && rounds_to_nearest<float>() && rounds_to_nearest<double>() &&
         keeps_subnormals<float>() && keeps_subnormals<double>();
}

}  // namespace fulmar::models
