#include "runtime/transport/connection_table.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/vocabulary/random.hpp"

namespace fulmar::transport {
namespace {

struct Opened {
  PeerId peer;
  Stamp stamp;
};

/// As a listener does it: it is accepted, asks to be let in, and gets its stamp.
Opened open(ConnectionTable& table, int descriptor) {
  table.accept(descriptor);
  const Stamp stamp = table.stamp();
  const Connection* connection = table.find(descriptor, stamp);
  BOOST_TEST_REQUIRE((connection != nullptr));
  return {connection->peer, stamp};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(connection_table)

// TABLE-1: a packet of a connection that has closed is read after another one got its descriptor.
BOOST_AUTO_TEST_CASE(a_descriptor_that_is_used_again_is_not_mistaken) {
  ConnectionTable table;
  const Opened first = open(table, 7);
  table.close(7);
  const Opened second = open(table, 7);
  BOOST_TEST(table.find(7, first.stamp)->peer == first.peer);
  BOOST_TEST(table.find(7, second.stamp)->peer == second.peer);
  BOOST_TEST(first.peer != second.peer);
  BOOST_TEST(table.take_closed().size() == 1U);
  BOOST_TEST((table.find(7, first.stamp) == nullptr));
  BOOST_TEST(table.find(7, second.stamp)->peer == second.peer);
}

BOOST_AUTO_TEST_CASE(a_stamp_of_nobody_finds_nobody) {
  ConnectionTable table;
  const Stamp before = table.stamp();
  const Opened opened = open(table, 7);
  BOOST_TEST((table.find(7, before) == nullptr));
  BOOST_TEST((table.find(7, 0) == nullptr));
  BOOST_TEST((table.find(8, opened.stamp) == nullptr));
  BOOST_TEST((table.find(-1, opened.stamp) == nullptr));
}

BOOST_AUTO_TEST_CASE(a_peer_is_found_from_its_first_packet_to_its_closing) {
  ConnectionTable table;
  const Opened opened = open(table, 7);
  BOOST_TEST((table.find(opened.peer) == nullptr));
  table.make_known(*table.find(7, opened.stamp), "route", "key");
  BOOST_TEST(table.find(opened.peer)->route == "route");
  BOOST_TEST(table.known() == 1U);
  table.close(7);
  BOOST_TEST((table.find(opened.peer) == nullptr));
  BOOST_TEST(table.known() == 0U);
  const std::list<Connection> closed = table.take_closed();
  BOOST_TEST_REQUIRE(closed.size() == 1U);
  BOOST_TEST(closed.front().is_known);
  BOOST_TEST(closed.front().key == "key");
}

// Its only packet is read when its closing has been noted.
BOOST_AUTO_TEST_CASE(a_closed_connection_may_become_known_and_is_not_reached) {
  ConnectionTable table;
  const Opened opened = open(table, 7);
  table.close(7);
  table.make_known(*table.find(7, opened.stamp), "route", "key");
  BOOST_TEST((table.find(opened.peer) == nullptr));
  BOOST_TEST(table.take_closed().front().is_known);
}

BOOST_AUTO_TEST_CASE(a_closing_that_nobody_heard_of_is_made_up_for) {
  ConnectionTable table;
  const Opened first = open(table, 7);
  const Opened second = open(table, 7);
  BOOST_TEST(table.take_closed().front().peer == first.peer);
  BOOST_TEST(table.find(7, second.stamp)->peer == second.peer);
  table.close(9);  // never accepted
  BOOST_TEST(!table.has_closed());
}

// TABLE-1 and TABLE-2 against a plain list of everything that ever happened.
BOOST_AUTO_TEST_CASE(whatever_comes_and_goes_each_is_told_once_and_none_is_mistaken) {
  const RandomStream dice(5, Purpose::simulation, 0, 0);
  ConnectionTable table;
  std::map<int, Opened> present;
  std::vector<std::pair<int, Opened>> all;
  std::map<PeerId, int> told;
  std::size_t forgotten = 0;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    const int descriptor = static_cast<int>(dice.words(i)[0] % 8);
    switch (dice.words(i)[1] % 5) {
      case 0:
      case 1:
        if (!present.contains(descriptor)) {
          present[descriptor] = open(table, descriptor);
          all.emplace_back(descriptor, present[descriptor]);
        }
        break;
      case 2:
      case 3:
        table.close(descriptor);
        present.erase(descriptor);
        break;
      default:
        for (const Connection& connection : table.take_closed()) ++told[connection.peer];
        forgotten = all.size() - present.size();
    }
    if (all.empty()) continue;
    const auto& [old_descriptor, old] = all[dice.words(i)[2] % all.size()];
    const Connection* found = table.find(old_descriptor, old.stamp);
    BOOST_TEST_REQUIRE((found == nullptr || found->peer == old.peer));
    BOOST_TEST_REQUIRE(((found == nullptr) == told.contains(old.peer)));
  }
  BOOST_TEST(forgotten > 1000U);
  BOOST_TEST(std::ranges::all_of(told, [](const auto& entry) { return entry.second == 1; }));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::transport
