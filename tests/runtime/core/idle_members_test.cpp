#include "runtime/core/idle_members.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

constexpr Time at(int milliseconds) {
  return std::chrono::milliseconds(milliseconds);
}

std::vector<NodeId> in_order(const IdleMembers& idle) {
  std::vector<NodeId> nodes;
  for (const auto& [since, node] : idle.queue()) nodes.push_back(node);
  return nodes;
}

BOOST_AUTO_TEST_SUITE(idle_members)

BOOST_AUTO_TEST_CASE(who_has_waited_longest_comes_first) {
  IdleMembers idle;
  idle.begin(7, at(10));
  idle.begin(3, at(20));
  idle.begin(7, at(30));  // it waits already
  BOOST_TEST((in_order(idle) == std::vector<NodeId>{7, 3}));
  idle.end(7, at(40));
  idle.begin(7, at(50));
  BOOST_TEST((in_order(idle) == std::vector<NodeId>{3, 7}));
}

BOOST_AUTO_TEST_CASE(waits_add_up_of_each_and_of_all) {
  IdleMembers idle;
  idle.begin(1, at(0));
  idle.begin(2, at(10));
  idle.end(1, at(30));
  idle.end(1, at(99));  // it did not wait
  BOOST_TEST((idle.waited(1, at(100)) == at(30)));
  BOOST_TEST((idle.waited(2, at(100)) == at(90)));
  BOOST_TEST((idle.waited(3, at(100)) == at(0)));
  BOOST_TEST((idle.waited(at(100)) == at(120)));
  idle.begin(1, at(100));
  BOOST_TEST((idle.waited(1, at(105)) == at(35)));
}

// IDLE-1: the total is shown as a counter, which does not fall.
BOOST_AUTO_TEST_CASE(what_was_waited_stays_in_the_total) {
  IdleMembers idle;
  idle.begin(1, at(0));
  idle.begin(2, at(0));
  idle.forget(1, at(40));
  BOOST_TEST((idle.waited(at(40)) == at(80)));
  BOOST_TEST((idle.waited(1, at(40)) == at(0)));
  idle.end_all(at(50));
  BOOST_TEST(idle.queue().empty());
  BOOST_TEST((idle.waited(at(70)) == at(90)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
