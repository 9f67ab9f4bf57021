#include "models/arithmetic.hpp"

#include <cfenv>
#include <thread>

#include <boost/test/unit_test.hpp>

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

namespace fulmar::models {
namespace {

/// Breaks the environment of a thread of its own, so that no other test computes in it.
template <class Break>
void check_detected_and_repaired(Break&& break_it) {
  bool before = false, broken = true, after = false;
  std::thread([&] {
    prepare_compute_thread();
    before = floating_point_environment_ok();
    break_it();
    broken = floating_point_environment_ok();
    prepare_compute_thread();
    after = floating_point_environment_ok();
  }).join();
  BOOST_CHECK(before);
  BOOST_CHECK(!broken);
  BOOST_CHECK(after);
}

BOOST_AUTO_TEST_SUITE(arithmetic)

BOOST_AUTO_TEST_CASE(a_program_starts_with_the_right_environment) {
  BOOST_CHECK(floating_point_environment_ok());
}

BOOST_AUTO_TEST_CASE(another_rounding_is_detected_and_repaired) {
  for (const int rounding : {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO}) {
    check_detected_and_repaired([=] { std::fesetround(rounding); });
  }
}

#if defined(__SSE2__)
constexpr unsigned kFlushToZero = 0x8000;
constexpr unsigned kDenormalsAreZero = 0x0040;

BOOST_AUTO_TEST_CASE(flushed_results_are_detected_and_repaired) {
  check_detected_and_repaired([] { _mm_setcsr(_mm_getcsr() | kFlushToZero); });
}

BOOST_AUTO_TEST_CASE(operands_read_as_zero_are_detected_and_repaired) {
  check_detected_and_repaired([] { _mm_setcsr(_mm_getcsr() | kDenormalsAreZero); });
}

// The library's rounding mode can look right while the vector unit's is not.
BOOST_AUTO_TEST_CASE(a_vector_unit_that_rounds_otherwise_is_detected_and_repaired) {
  for (const unsigned rounding : {0x2000U, 0x4000U, 0x6000U}) {
    check_detected_and_repaired([=] { _mm_setcsr((_mm_getcsr() & ~0x6000U) | rounding); });
  }
}
#endif

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::models
