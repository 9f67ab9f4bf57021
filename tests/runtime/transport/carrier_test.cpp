// What every carrier promises, by number (runtime/transport/carrier.hpp), for each kind of them.
#include "runtime/transport/carrier.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "tests/runtime/transport/carrier_suite.hpp"
#include "tests/runtime/transport/forked_peer.hpp"

namespace fulmar::transport {
namespace {

using boost::unit_test::data::xrange;
using std::chrono::milliseconds;
using std::chrono::seconds;

Packet numbered(std::uint64_t number) {
  Packet packet;
  packet.head.resize(sizeof number);
  std::memcpy(packet.head.data(), &number, sizeof number);
  return packet;
}

std::uint64_t number_of(const Packet& packet) {
  std::uint64_t number = 0;
  BOOST_TEST_REQUIRE(packet.head.size() == sizeof number);
  std::memcpy(&number, packet.head.data(), sizeof number);
  return number;
}

/// Bytes that tell where they are.
Body patterned(std::size_t bytes) {
  const auto values = std::make_shared<Bytes>(bytes);
  for (std::size_t i = 0; i < bytes; ++i) (*values)[i] = static_cast<std::byte>(i % 251);
  return {values, *values};
}

/// A pair, what it told, and a connection of which the listener knows.
struct Connected {
  explicit Connected(std::size_t kind) : pair(make_carrier_pair(kind)) {
    BOOST_TEST_MESSAGE(carrier_name(kind));
    peer = pair->dialer().dial(pair->endpoint()).value();
    BOOST_TEST_REQUIRE((pair->dialer().send(peer, numbered(0)) == Sent::taken));
    BOOST_TEST_REQUIRE(wait_until([this] { return by_listener.arrived.size() == 1; }));
    caller = by_listener.arrived.front().from;
    by_listener.arrived.clear();
  }

  template <class Condition>
  bool wait_until(Condition condition, core::Time limit = seconds(20)) {
    return until(*pair, by_listener, by_dialer, condition, limit);
  }
  /// As long as a packet takes that was sent just now; what should not come would have come.
  void settle() {
    const PeerId probe = pair->dialer().dial(pair->endpoint()).value();
    pair->dialer().send(probe, numbered(999'999));
    const auto is_probe = [](const auto& arrived) { return number_of(arrived.packet) == 999'999; };
    BOOST_TEST(wait_until([&] { return std::ranges::any_of(by_listener.arrived, is_probe); }));
    std::erase_if(by_listener.arrived, is_probe);
  }

  std::unique_ptr<CarrierPair> pair;
  Told by_listener, by_dialer;
  PeerId peer = 0;    // as the dialer calls it
  PeerId caller = 0;  // as the listener does
};

bool is_same(const Packet& a, const Packet& b) {
  return a.head == b.head && std::ranges::equal(a.body.bytes, b.body.bytes);
}

BOOST_AUTO_TEST_SUITE(carrier)

// CARRIER-1, both ways.
BOOST_DATA_TEST_CASE(packets_arrive_whole, xrange(kCarrierKinds), kind) {
  Connected there(kind);
  const std::vector<Packet> packets = {{Bytes(1), {}},
                                       {Bytes(0), {}},
                                       {Bytes(300, std::byte{7}), patterned(1)},
                                       {Bytes(40'000, std::byte{8}), patterned(100'003)},
                                       {Bytes(0), patterned(10)},
                                       {Bytes(100), patterned(kPacketBytesMax - 100)}};
  for (const Packet& packet : packets) {
    BOOST_TEST((there.pair->dialer().send(there.peer, packet) == Sent::taken));
    BOOST_TEST((there.pair->listener().send(there.caller, packet) == Sent::taken));
  }
  BOOST_TEST_REQUIRE(there.wait_until([&] {
    return there.by_listener.arrived.size() == packets.size() && there.by_dialer.arrived.size() == packets.size();
  }));
  for (std::size_t i = 0; i < packets.size(); ++i) {
    BOOST_TEST(is_same(there.by_listener.arrived[i].packet, packets[i]));
    BOOST_TEST(is_same(there.by_dialer.arrived[i].packet, packets[i]));
    BOOST_TEST(there.by_listener.arrived[i].from == there.caller);
    BOOST_TEST(there.by_dialer.arrived[i].from == there.peer);
  }
}

BOOST_DATA_TEST_CASE(one_connection_keeps_the_order, xrange(kCarrierKinds), kind) {
  Connected there(kind);
  constexpr std::uint64_t kPackets = 2000;
  for (std::uint64_t i = 0; i < kPackets; ++i) {
    BOOST_TEST((there.pair->dialer().send(there.peer, numbered(i)) == Sent::taken));
  }
  BOOST_TEST_REQUIRE(there.wait_until([&] { return there.by_listener.arrived.size() == kPackets; }));
  for (std::uint64_t i = 0; i < kPackets; ++i) BOOST_TEST(number_of(there.by_listener.arrived[i].packet) == i);
}

BOOST_DATA_TEST_CASE(a_body_is_kept_as_long_as_it_is_needed, xrange(kCarrierKinds), kind) {
  Connected there(kind);
  Packet packet = {{}, patterned(500'000)};
  const std::weak_ptr<const void> owner = packet.body.owner;
  BOOST_TEST((there.pair->dialer().send(there.peer, packet) == Sent::taken));
  packet = {};
  BOOST_TEST_REQUIRE(there.wait_until([&] { return there.by_listener.arrived.size() == 1; }));
  BOOST_TEST(is_same(there.by_listener.arrived.front().packet, {{}, patterned(500'000)}));
  there.by_listener.arrived.clear();
  BOOST_TEST(there.wait_until([&] { return owner.expired(); }));
}

// CARRIER-4, and CARRIER-2.
BOOST_DATA_TEST_CASE(a_listener_is_told_once_that_its_peer_hung_up, xrange(kCarrierKinds), kind) {
  Connected there(kind);
  there.pair->dialer().hang_up(there.peer);
  BOOST_TEST_REQUIRE(there.wait_until([&] { return !there.by_listener.closed.empty(); }));
  BOOST_TEST(there.by_listener.closed.front().peer == there.caller);
  BOOST_TEST((there.pair->listener().send(there.caller, numbered(1)) == Sent::unreachable));
  BOOST_TEST((there.pair->dialer().send(there.peer, numbered(1)) == Sent::unreachable));
  there.settle();
  BOOST_TEST(there.by_listener.closed.size() == 1U);
  BOOST_TEST(there.by_listener.arrived.empty());
  BOOST_TEST(there.by_dialer.closed.empty());
}

BOOST_DATA_TEST_CASE(last_words_are_told_before_the_closing, xrange(kCarrierKinds), kind) {
  Connected there(kind);
  constexpr std::uint64_t kWords = 50;
  std::vector<std::weak_ptr<const void>> owners;
  for (std::uint64_t i = 0; i < kWords; ++i) {
    Packet packet = numbered(i);
    packet.body = patterned(1000);
    owners.push_back(packet.body.owner);
    there.pair->dialer().send(there.peer, packet);
  }
  // A socket that has let go of the bodies has sent them, and nobody has read them yet.
  const auto have_left = [&] { return std::ranges::all_of(owners, [](const auto& owner) { return owner.expired(); }); };
  for (const core::Time end = there.pair->now() + seconds(20);
       kind < kZmqKinds && !have_left() && there.pair->now() < end;) {
    there.pair->pass(milliseconds(1));
  }
  there.pair->dialer().hang_up(there.peer);
  BOOST_TEST_REQUIRE(there.wait_until([&] { return !there.by_listener.closed.empty(); }));
  BOOST_TEST_REQUIRE(there.by_listener.arrived.size() == kWords);
  for (std::uint64_t i = 0; i < kWords; ++i) BOOST_TEST(number_of(there.by_listener.arrived[i].packet) == i);
}

BOOST_DATA_TEST_CASE(a_dialer_is_told_once_that_the_listener_is_gone, xrange(kCarrierKinds), kind) {
  Connected there(kind);
  there.pair->end_listener();
  const auto listen = [&] {
    there.by_dialer.listen_to(there.pair->dialer());
    there.pair->pass(milliseconds(1));
    return there.by_dialer.closed.size();
  };
  const core::Time end = there.pair->now() + seconds(20);
  while (listen() == 0 && there.pair->now() < end) {
  }
  BOOST_TEST_REQUIRE(there.by_dialer.closed.size() == 1U);
  BOOST_TEST(there.by_dialer.closed.front().peer == there.peer);
  BOOST_TEST((there.pair->dialer().send(there.peer, numbered(1)) == Sent::unreachable));
  for (int i = 0; i < 20; ++i) BOOST_TEST(listen() == 1U);
}

BOOST_DATA_TEST_CASE(who_dials_where_nobody_listens_is_told, xrange(kCarrierKinds), kind) {
  Connected there(kind);
  const Endpoint endpoint = there.pair->endpoint();
  there.pair->end_listener();
  const PeerId peer = there.pair->dialer().dial(endpoint).value();
  const core::Time end = there.pair->now() + seconds(20);
  const auto is_it = [&](const auto& closed) { return closed.peer == peer; };
  while (std::ranges::none_of(there.by_dialer.closed, is_it) && there.pair->now() < end) {
    there.by_dialer.listen_to(there.pair->dialer());
    there.pair->pass(milliseconds(1));
  }
  BOOST_TEST(std::ranges::count_if(there.by_dialer.closed, is_it) == 1);
  BOOST_TEST(there.by_dialer.refused.empty());
}

// A process that dies says nothing: its system closes its connections. A busy machine may take a while to tell us, but
// less than pings would take to find out.
BOOST_DATA_TEST_CASE(a_killed_process_is_told_at_once, xrange(kZmqKinds), kind) {
  ForkedPeer child(kind, 1, 3);
  const auto pair = make_carrier_pair(kind);
  Told by_listener, by_dialer;
  child.dial(pair->endpoint());
  BOOST_TEST_REQUIRE(until(*pair, by_listener, by_dialer, [&] { return by_listener.arrived.size() == 3; }));
  BOOST_TEST(by_listener.closed.empty());
  child.kill();
  const core::Time killed = pair->now();
  BOOST_TEST_REQUIRE(until(*pair, by_listener, by_dialer, [&] { return !by_listener.closed.empty(); }));
  BOOST_TEST((pair->now() - killed < core::Liveness{}.rejoin_max() - core::Liveness{}.value));
  BOOST_TEST(by_listener.closed.front().peer == by_listener.arrived.front().from);
}

// CARRIER-3.
BOOST_DATA_TEST_CASE(a_peer_that_does_not_read_fills_up_and_nothing_is_lost, xrange(kCarrierKinds), kind) {
  Connected there(kind);
  const Body body = patterned(100'000);
  std::uint64_t taken = 0;
  const auto send = [&] {
    Packet packet = numbered(taken);
    packet.body = body;
    const Sent sent = there.pair->dialer().send(there.peer, packet);
    if (sent == Sent::taken) ++taken;
    return sent;
  };
  constexpr std::uint64_t kPacketsMax = 10'000;
  Sent last = Sent::taken;
  while (taken < kPacketsMax && last == Sent::taken) last = send();
  BOOST_TEST_REQUIRE((last == Sent::full));
  BOOST_TEST(taken > 9U * 256);  // the windows of nine links
  // Full is what it was: the packet comes later, and in its place.
  BOOST_TEST_REQUIRE(there.wait_until([&] {
    for (const auto& arrived : there.by_listener.arrived) BOOST_TEST(arrived.packet.body.bytes.size() == 100'000U);
    return !there.by_listener.arrived.empty() && send() == Sent::taken;
  }));
  BOOST_TEST_REQUIRE(there.wait_until([&] { return there.by_listener.arrived.size() == taken; }));
  for (std::uint64_t i = 0; i < taken; ++i) BOOST_TEST(number_of(there.by_listener.arrived[i].packet) == i);
}

// CARRIER-5.
BOOST_DATA_TEST_CASE(waiting_ends_at_its_limit_and_gives_a_bounded_number, xrange(kCarrierKinds), kind) {
  Connected there(kind);
  const core::Time began = there.pair->now();
  BOOST_TEST(there.pair->listener().wait(milliseconds(30)).empty());
  BOOST_TEST((there.pair->now() - began < seconds(10)));
  for (std::uint64_t i = 0; i < 1000; ++i) there.pair->dialer().send(there.peer, numbered(i));
  std::size_t sum = 0;
  for (const core::Time end = there.pair->now() + seconds(20); sum < 1000 && there.pair->now() < end;) {
    const std::size_t events = there.pair->listener().wait(milliseconds(5)).size();
    BOOST_TEST(events <= 256U);
    sum += events;
    there.pair->pass(milliseconds(1));
  }
  BOOST_TEST(sum == 1000U);
}

BOOST_DATA_TEST_CASE(another_thread_wakes_who_waits, xrange(kCarrierKinds), kind) {
  Connected there(kind);
  for (Carrier* carrier : {&there.pair->listener(), static_cast<Carrier*>(&there.pair->dialer())}) {
    const core::Time began = there.pair->now();
    std::thread other([carrier] { carrier->wake(); });
    BOOST_TEST(carrier->wait(seconds(30)).empty());
    other.join();
    BOOST_TEST((there.pair->now() - began < seconds(20)));
  }
}

// CARRIER-2.
BOOST_DATA_TEST_CASE(no_number_of_a_peer_is_used_again, xrange(kCarrierKinds), kind) {
  Connected there(kind);
  constexpr std::uint64_t kDials = 100;
  std::set<PeerId> dialed = {there.peer};
  for (std::uint64_t i = 0; i < kDials; ++i) {
    const PeerId peer = there.pair->dialer().dial(there.pair->endpoint()).value();
    BOOST_TEST(dialed.insert(peer).second);
    there.pair->dialer().send(peer, numbered(i));
    BOOST_TEST_REQUIRE(there.wait_until([&] { return there.by_listener.arrived.size() == i + 1; }));
    there.pair->dialer().hang_up(peer);
  }
  BOOST_TEST(there.wait_until([&] { return there.by_listener.closed.size() == kDials; }));
  std::set<PeerId> callers = {there.caller};
  for (const auto& arrived : there.by_listener.arrived) BOOST_TEST(callers.insert(arrived.from).second);
  for (const auto& closed : there.by_listener.closed) BOOST_TEST(callers.erase(closed.peer) == 1U);
}

BOOST_DATA_TEST_CASE(answers_go_to_whom_they_are_for, xrange(kCarrierKinds), kind) {
  Connected there(kind);
  const std::unique_ptr<Dialer> other = there.pair->make_dialer();
  const PeerId second = there.pair->dialer().dial(there.pair->endpoint()).value();
  const PeerId foreign = other->dial(there.pair->endpoint()).value();
  there.pair->dialer().send(there.peer, numbered(1));
  there.pair->dialer().send(second, numbered(2));
  other->send(foreign, numbered(3));
  BOOST_TEST_REQUIRE(there.wait_until([&] { return there.by_listener.arrived.size() == 3; }));
  for (const auto& arrived : there.by_listener.arrived) there.pair->listener().send(arrived.from, arrived.packet);
  Told by_other;
  BOOST_TEST_REQUIRE(there.wait_until([&] {
    by_other.listen_to(*other);
    return there.by_dialer.arrived.size() == 2 && by_other.arrived.size() == 1;
  }));
  for (const auto& arrived : there.by_dialer.arrived) {
    BOOST_TEST(number_of(arrived.packet) == (arrived.from == there.peer ? 1U : 2U));
  }
  BOOST_TEST(number_of(by_other.arrived.front().packet) == 3U);
}

// Not ipc's: one path is one network.
BOOST_DATA_TEST_CASE(two_networks_do_not_mix, boost::unit_test::data::make({0, 2, 3, 4}), number) {
  const auto kind = static_cast<std::size_t>(number);
  Connected one(kind);
  Connected other(kind);
  one.pair->dialer().send(one.peer, numbered(1));
  other.pair->dialer().send(other.peer, numbered(2));
  BOOST_TEST_REQUIRE(one.wait_until([&] { return one.by_listener.arrived.size() == 1; }));
  BOOST_TEST_REQUIRE(other.wait_until([&] { return other.by_listener.arrived.size() == 1; }));
  BOOST_TEST(number_of(one.by_listener.arrived.front().packet) == 1U);
  BOOST_TEST(number_of(other.by_listener.arrived.front().packet) == 2U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::transport
