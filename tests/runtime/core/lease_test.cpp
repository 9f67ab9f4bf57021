#include "runtime/core/lease.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

using std::chrono::milliseconds;
using Blocks = std::vector<Block>;

BOOST_AUTO_TEST_SUITE(lease)

// LEASE-1
BOOST_AUTO_TEST_CASE(an_unfinished_block_is_held_or_free) {
  LeaseTable table({{0, 0}, {0, 1}, {0, 2}});
  BOOST_TEST((table.free_blocks() == Blocks{{0, 0}, {0, 1}, {0, 2}}));
  table.grant({0, 0}, {1, 10, milliseconds(5)});
  table.grant({0, 1}, {2, 20, milliseconds(9)});
  BOOST_TEST((table.free_blocks() == Blocks{{0, 2}}));
  BOOST_TEST((table.end_incarnation(20) == Blocks{{0, 1}}));
  BOOST_TEST((table.free_blocks() == Blocks{{0, 1}, {0, 2}}));
}

BOOST_AUTO_TEST_CASE(a_lease_ends_at_its_deadline_and_counts_how_often_it_was_granted) {
  LeaseTable table({{0, 0}, {0, 1}});
  table.grant({0, 0}, {1, 10, milliseconds(8)});
  table.grant({0, 1}, {2, 20, milliseconds(5)});
  BOOST_TEST(table.expire(milliseconds(4)).empty());
  BOOST_TEST((table.expire(milliseconds(5)) == Blocks{{0, 1}}));
  table.grant({0, 1}, {1, 10, milliseconds(9)});
  BOOST_TEST(table.grants({0, 1}) == 2U);
  BOOST_TEST((table.expire(milliseconds(9)) == Blocks{{0, 0}, {0, 1}}));
}

// LEASE-2
BOOST_AUTO_TEST_CASE(a_block_is_finished_once) {
  LeaseTable table({{0, 0}});
  table.grant({0, 0}, {1, 10, milliseconds(5)});
  BOOST_TEST(table.finish({0, 0}));
  BOOST_TEST(!table.finish({0, 0}));
  BOOST_TEST(!table.finish({3, 0}));
  BOOST_TEST(table.end_incarnation(10).empty());
  BOOST_TEST(table.expire(milliseconds(99)).empty());
  BOOST_TEST(table.free_blocks().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
