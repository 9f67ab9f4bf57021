#include "monitoring/onlookers.hpp"

#include <chrono>
#include <thread>

#include <boost/test/unit_test.hpp>

using namespace std::chrono_literals;
using fulmar::monitoring::Onlookers;

namespace {

/// How long the head stays.
Onlookers::Clock::duration stays(Onlookers& onlookers, std::chrono::milliseconds at_most) {
  const auto begin = Onlookers::Clock::now();
  onlookers.wait_until_seen(begin, at_most);
  return Onlookers::Clock::now() - begin;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(onlookers)

BOOST_AUTO_TEST_CASE(a_head_that_nobody_watches_does_not_stay) {
  Onlookers nobody;
  nobody.end();
  BOOST_TEST((stays(nobody, 60s) < 30s));
  Onlookers gone;
  gone.look(Onlookers::Clock::now() - 1min);
  gone.end();
  BOOST_TEST((stays(gone, 60s) < 30s));
}

BOOST_AUTO_TEST_CASE(an_end_that_was_seen_already_is_not_waited_for) {
  Onlookers onlookers;
  onlookers.end();
  onlookers.look(Onlookers::Clock::now());
  BOOST_TEST((stays(onlookers, 60s) < 30s));
}

BOOST_AUTO_TEST_CASE(a_look_before_the_end_does_not_count) {
  Onlookers onlookers;
  onlookers.look(Onlookers::Clock::now());
  onlookers.end();
  BOOST_TEST((stays(onlookers, 20ms) >= 20ms));
}

BOOST_AUTO_TEST_CASE(the_head_goes_when_the_end_is_seen) {
  Onlookers onlookers;
  onlookers.look(Onlookers::Clock::now());
  onlookers.end();
  std::thread page([&] { onlookers.look(Onlookers::Clock::now()); });
  BOOST_TEST((stays(onlookers, 60s) < 30s));
  page.join();
}

BOOST_AUTO_TEST_SUITE_END()
