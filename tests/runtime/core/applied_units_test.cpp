#include "runtime/core/applied_units.hpp"

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

BOOST_AUTO_TEST_SUITE(applied_units)

BOOST_AUTO_TEST_CASE(the_cursor_waits_for_the_unit_that_is_missing) {
  AppliedUnits units(4);
  units.add(5);
  units.add(7);
  BOOST_TEST(units.cursor() == 4);
  BOOST_TEST(units.end() == 8);
  BOOST_TEST((units.contains(3) && units.contains(5) && !units.contains(4) && !units.contains(6)));
  units.add(4);
  BOOST_TEST(units.cursor() == 6);
  units.add(6);
  BOOST_TEST(units.cursor() == 8);
  BOOST_TEST(units.end() == 8);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
