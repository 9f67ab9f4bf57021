#include "runtime/core/attended_clock.hpp"

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

using std::chrono::milliseconds;

constexpr Time kGapMax = milliseconds(250);

BOOST_AUTO_TEST_SUITE(attended_clock)

BOOST_AUTO_TEST_CASE(it_starts_at_the_first_look_and_follows_the_clock) {
  AttendedClock clock(kGapMax);
  BOOST_TEST((clock.look(milliseconds(5000)) == milliseconds(5000)));
  BOOST_TEST((clock.look(milliseconds(5050)) == milliseconds(5050)));
  BOOST_TEST((clock.look(milliseconds(5300)) == milliseconds(5300)));  // exactly gap_max
}

// CLOCK-1
BOOST_AUTO_TEST_CASE(a_freeze_counts_as_no_more_than_the_largest_gap) {
  AttendedClock clock(kGapMax);
  clock.look(milliseconds(0));
  BOOST_TEST((clock.look(milliseconds(60'000)) == milliseconds(250)));
  BOOST_TEST((clock.look(milliseconds(60'010)) == milliseconds(260)));
}

// CLOCK-1
BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_stops_attended_time_for_one_look_only) {
  AttendedClock clock(kGapMax);
  clock.look(milliseconds(1000));
  BOOST_TEST((clock.look(milliseconds(400)) == milliseconds(1000)));
  BOOST_TEST((clock.look(milliseconds(500)) == milliseconds(1100)));
}

BOOST_AUTO_TEST_CASE(two_looks_at_one_moment_see_the_same_time) {
  AttendedClock clock(kGapMax);
  clock.look(milliseconds(10));
  BOOST_TEST((clock.look(milliseconds(10)) == milliseconds(10)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
