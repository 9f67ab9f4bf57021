#include "actors/round_clock.hpp"

#include <chrono>

#include <boost/test/unit_test.hpp>

using namespace fulmar;
using namespace std::chrono_literals;
using actors::RoundClock;
using actors::RoundTimes;

namespace {

core::BlockPushed block_of(core::NodeId node, double compute_seconds, core::LeaseNumber lease = 0) {
  core::BlockPushed pushed;
  pushed.sender = {node, node, 1};
  pushed.lease = lease;
  pushed.compute_seconds = compute_seconds;
  return pushed;
}

double sum(const monitoring::RoundParts& parts) {
  return parts.compute + parts.exchange + parts.wait + parts.apply;
}

const auto kExact = boost::unit_test::tolerance(1e-9);

}  // namespace

BOOST_AUTO_TEST_SUITE(round_clock)

BOOST_AUTO_TEST_CASE(the_parts_of_a_round_add_up_to_it, *kExact) {
  RoundClock clock(10s);
  clock.took(block_of(1, 0.6), 10s + 700ms);
  clock.took(block_of(2, 0.9), 11s);
  const RoundTimes times = clock.applied(0, 11s + 100ms, 11s + 150ms);
  BOOST_TEST(sum(times.parts) == 1.15);
  BOOST_TEST(times.parts.apply == 0.05);
  BOOST_REQUIRE(times.nodes.size() == 2U);
  BOOST_TEST(times.nodes[0].parts.compute == 0.6);
  BOOST_TEST(times.nodes[0].parts.exchange == 0.1);
  BOOST_TEST(times.nodes[0].parts.wait == 0.4);
  BOOST_TEST(times.nodes[1].parts.wait == 0.1);
  BOOST_TEST(times.parts.compute == 0.75);
}

BOOST_AUTO_TEST_CASE(a_round_begins_when_the_version_before_it_is_out, *kExact) {
  RoundClock clock(10s);
  clock.took(block_of(1, 1), 11s);
  clock.applied(0, 11s, 12s);
  clock.took(block_of(1, 0.5), 13s);
  const RoundTimes times = clock.applied(0, 13s, 13s);
  BOOST_REQUIRE(times.nodes.size() == 1U);
  BOOST_TEST(times.parts.compute == 0.5);
  BOOST_TEST(times.parts.exchange == 0.5);
}

BOOST_AUTO_TEST_CASE(the_last_block_of_a_node_counts, *kExact) {
  RoundClock clock(0s);
  clock.took(block_of(1, 1), 1s);
  clock.took(block_of(1, 2), 2s);
  BOOST_TEST(clock.applied(0, 2s, 2s).parts.compute == 2.0);
}

BOOST_AUTO_TEST_CASE(who_came_late_is_not_charged_with_the_time_before, *kExact) {
  RoundClock clock(0s);
  clock.admitted(2, 5s);
  clock.took(block_of(2, 1), 6s);
  const RoundTimes times = clock.applied(0, 6s, 6s);
  BOOST_TEST(times.parts.compute == 1.0);
  BOOST_TEST(times.parts.exchange == 0.0);
}

BOOST_AUTO_TEST_CASE(a_node_cannot_have_computed_for_longer_than_the_round_took, *kExact) {
  RoundClock clock(0s);
  clock.took(block_of(1, 1e9), 3s);
  const RoundTimes times = clock.applied(0, 3s, 3s);
  BOOST_TEST(times.parts.compute == 3.0);
  BOOST_TEST(times.parts.exchange == 0.0);
}

BOOST_AUTO_TEST_CASE(a_leased_unit_is_timed_from_its_grant, *kExact) {
  RoundClock clock(0s);
  clock.granted(7, 1s);
  clock.granted(8, 2s);
  clock.took(block_of(1, 2, 7), 4s);
  clock.took(block_of(2, 1, 8), 4s);
  const RoundTimes first = clock.applied(7, 5s, 6s);
  BOOST_REQUIRE(first.nodes.size() == 1U);
  BOOST_TEST(first.nodes[0].node == 1U);
  BOOST_TEST(first.parts.compute == 2.0);
  BOOST_TEST(first.parts.exchange == 1.0);
  BOOST_TEST(first.parts.wait == 1.0);
  BOOST_TEST(first.parts.apply == 1.0);
  BOOST_TEST(clock.applied(8, 7s, 7s).parts.wait == 3.0);
}

BOOST_AUTO_TEST_CASE(a_lease_that_came_to_nothing_is_forgotten) {
  RoundClock clock(0s);
  clock.granted(7, 1s);
  clock.took(block_of(1, 2, 7), 4s);
  clock.ended(7);
  BOOST_TEST(clock.applied(7, 5s, 5s).nodes.empty());
}

BOOST_AUTO_TEST_SUITE_END()
