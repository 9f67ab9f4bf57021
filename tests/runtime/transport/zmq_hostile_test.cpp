// A listener among those who speak nonsense, claim too much, or say nothing: it goes on, counts them, and keeps little.
#include <algorithm>
#include <fstream>
#include <malloc.h>
#include <memory>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/transport/zmq_carrier.hpp"
#include "runtime/vocabulary/random.hpp"
#include "tests/runtime/transport/carrier_suite.hpp"
#include "tests/runtime/transport/raw_socket.hpp"

namespace fulmar::transport {
namespace {

using boost::unit_test::data::make;
using std::chrono::seconds;

/// What this process keeps in memory now. What the allocator holds in reserve of what was freed is given back first: it
/// grows with how late the looks at the clock come on a busy machine.
std::size_t resident_bytes() {
  ::malloc_trim(0);
  std::ifstream statistics("/proc/self/statm");
  std::size_t pages = 0;
  statistics >> pages >> pages;
  return pages * 4096;
}

constexpr std::size_t kMiB = std::size_t{1} << 20;
/// What nonsense may cost for a moment: a packet, its copy, and what allocators round up to.
#if defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kBytesMax = 400 * kMiB;  // its quarantine keeps what was freed
#else
constexpr std::size_t kBytesMax = 100 * kMiB;
#endif

std::string noise(std::uint64_t seed, std::size_t bytes) {
  std::vector<std::uint32_t> words(bytes / 4 + 1);
  RandomStream(seed, Purpose::simulation, 0, 0).fill(0, words);
  return std::string(reinterpret_cast<const char*>(words.data()), bytes);
}

/// A tcp listener, with keys (2) or without (0), and a caller that means it.
struct Besieged {
  explicit Besieged(std::size_t kind) : pair(make_carrier_pair(kind)), before(resident_bytes()) {
    peer = pair->dialer().dial(pair->endpoint()).value();
    BOOST_TEST_REQUIRE(still_serves());
  }

  /// The honest caller is heard, on the connection that it has.
  bool still_serves() {
    const std::size_t heard = by_listener.arrived.size();
    pair->dialer().send(peer, {Bytes(1), {}});
    return until(*pair, by_listener, by_dialer, [&] { return by_listener.arrived.size() > heard; });
  }
  bool until_turned_away(std::size_t count, core::Time limit = seconds(20)) {
    return until(
        *pair, by_listener, by_dialer, [&] { return by_listener.turned_away.size() >= count; }, limit);
  }
  /// Somebody whom the listener lets in, without keys, and who says nothing yet.
  RawSocket let_in(const ZmtpProperties& properties = {}) {
    RawSocket socket(port());
    socket.send(zmtp_greeting() + zmtp_ready(properties));
    BOOST_TEST_REQUIRE(until(*pair, by_listener, by_dialer, [&] { return socket.has_heard("READY"); }));
    return socket;
  }
  std::uint16_t port() const { return pair->endpoint().port; }

  /// Nobody but the honest caller was heard, each of the others was counted, and next to nothing was kept.
  void check_end(std::size_t turned_away) {
    BOOST_TEST(until_turned_away(turned_away));
    BOOST_TEST(still_serves());
    BOOST_TEST(by_listener.turned_away.size() == turned_away);
    for (const auto& arrived : by_listener.arrived) BOOST_TEST(arrived.from == by_listener.arrived.front().from);
    BOOST_TEST(by_dialer.closed.empty());
    BOOST_TEST(dynamic_cast<ZmqListener&>(pair->listener()).peers() == 1U);
    BOOST_TEST(resident_bytes() < before + kBytesMax);
  }

  std::unique_ptr<CarrierPair> pair;
  std::size_t before;
  Told by_listener, by_dialer;
  PeerId peer = 0;
};

BOOST_AUTO_TEST_SUITE(zmq_hostile)

BOOST_DATA_TEST_CASE(noise_is_turned_away, make({0, 2}), kind) {
  Besieged listener(static_cast<std::size_t>(kind));
  constexpr std::size_t kSockets = 100;
  std::vector<RawSocket> sockets;
  for (std::size_t i = 0; i < kSockets; ++i) {
    sockets.emplace_back(listener.port()).send(noise(i, 20'000));
  }
  listener.until_turned_away(kSockets / 2);
  sockets.clear();  // some noise looks like the beginning of something, and waits for more
  listener.check_end(kSockets);
}

BOOST_DATA_TEST_CASE(noise_after_the_greeting_is_turned_away, make({0, 2}), kind) {
  Besieged listener(static_cast<std::size_t>(kind));
  constexpr std::size_t kSockets = 100;
  std::vector<RawSocket> sockets;
  for (std::size_t i = 0; i < kSockets; ++i) {
    sockets.emplace_back(listener.port())
        .send(zmtp_greeting() + (i % 2 == 0 ? zmtp_ready() : "") + "\4" + noise(i, 20'000));
  }
  listener.until_turned_away(kSockets / 2);
  sockets.clear();
  listener.check_end(kSockets);
}

// Each claim, taken at its word, would be the size of the frame that ZeroMQ reserves.
BOOST_AUTO_TEST_CASE(absurd_sizes_are_turned_away) {
  Besieged listener(0);
  std::vector<RawSocket> sockets;
  for (const std::uint64_t bytes : {std::uint64_t{1} << 32, std::uint64_t{1} << 40, std::uint64_t{1} << 62,
                                    ~std::uint64_t{0}, std::uint64_t{kPacketBytesMax} + 1000}) {
    sockets.push_back(listener.let_in());
    sockets.back().send(zmtp_frame_header(bytes, false));
    BOOST_TEST(listener.until_turned_away(sockets.size()));
    BOOST_TEST(sockets.back().is_hung_up());
  }
  listener.check_end(5);
}

BOOST_AUTO_TEST_CASE(frames_that_are_no_packet_are_turned_away) {
  Besieged listener(0);
  RawSocket three = listener.let_in();
  const std::string part = zmtp_frame_header(1, true) + "x";
  three.send(part + part + zmtp_frame_header(1, false) + "x");
  BOOST_TEST(listener.until_turned_away(1));
  RawSocket large = listener.let_in();  // each frame is allowed, both together are not
  const std::string half(kPacketBytesMax / 2 + 1, 'x');
  large.send(zmtp_frame_header(half.size(), true) + half + zmtp_frame_header(half.size(), false) + half);
  listener.check_end(2);
}

// ZeroMQ keeps the frames of a message until its last one, however many they are.
BOOST_AUTO_TEST_CASE(a_packet_without_an_end_is_cut_off) {
  Besieged listener(0);
  RawSocket endless = listener.let_in();
  const std::string part = zmtp_frame_header(kMiB, true) + std::string(kMiB, 'x');
  std::size_t sent = 0;
  while (sent < 1000 && listener.by_listener.turned_away.empty() && endless.send(part)) {
    ++sent;
    listener.by_listener.listen_to(listener.pair->listener());
  }
  BOOST_TEST(sent < 1000U);
  listener.check_end(1);
}

BOOST_DATA_TEST_CASE(a_thousand_that_say_nothing_are_sent_away_in_time, make({0, 2}), kind) {
  Besieged listener(static_cast<std::size_t>(kind));
  constexpr std::size_t kSockets = 1000;
  std::vector<RawSocket> sockets;
  for (std::size_t i = 0; i < kSockets; ++i) sockets.emplace_back(listener.port());
  BOOST_TEST(listener.still_serves());
  // Others get in meanwhile.
  const PeerId other = listener.pair->dialer().dial(listener.pair->endpoint()).value();
  listener.pair->dialer().send(other, {Bytes(1), {}});
  const auto both_are_heard = [&] {
    return std::ranges::any_of(listener.by_listener.arrived, [&](const auto& arrived) {
      return arrived.from != listener.by_listener.arrived.front().from;
    });
  };
  BOOST_TEST(until(*listener.pair, listener.by_listener, listener.by_dialer, both_are_heard));
  BOOST_TEST(listener.by_listener.turned_away.size() < kSockets);
  listener.pair->dialer().hang_up(other);
  std::erase_if(listener.by_listener.arrived,
                [&](const auto& arrived) { return arrived.from != listener.by_listener.arrived.front().from; });
  listener.check_end(kSockets);
  BOOST_TEST(std::ranges::all_of(sockets, [](RawSocket& socket) { return socket.is_hung_up(); }));
}

// What tells connections apart, and whose key it is, is not for a peer to say.
BOOST_AUTO_TEST_CASE(properties_that_a_peer_claims_do_not_count) {
  Besieged listener(0);
  RawSocket liar = listener.let_in({{"__fd", "0"}, {"X-Stamp", "1"}, {"User-Id", "somebody else"}});
  liar.send(zmtp_frame_header(1, false) + "x");
  BOOST_TEST_REQUIRE(until(*listener.pair, listener.by_listener, listener.by_dialer,
                           [&] { return listener.by_listener.arrived.size() == 2; }));
  BOOST_TEST(listener.by_listener.arrived.back().from != listener.by_listener.arrived.front().from);
  BOOST_TEST(listener.by_listener.arrived.back().key.empty());
  BOOST_TEST(listener.still_serves());
}

BOOST_AUTO_TEST_CASE(of_two_that_claim_one_name_the_first_has_it) {
  Besieged listener(0);
  const std::string packet = zmtp_frame_header(1, false) + "x";
  RawSocket first = listener.let_in({{"Identity", "one name"}});
  first.send(packet);
  BOOST_TEST_REQUIRE(until(*listener.pair, listener.by_listener, listener.by_dialer,
                           [&] { return listener.by_listener.arrived.size() == 2; }));
  const PeerId peer = listener.by_listener.arrived.back().from;
  RawSocket second = listener.let_in({{"Identity", "one name"}});
  second.send(packet + packet);
  BOOST_TEST(listener.still_serves());
  BOOST_TEST((listener.pair->listener().send(peer, {Bytes(9, std::byte{'y'}), {}}) == Sent::taken));
  BOOST_TEST(
      until(*listener.pair, listener.by_listener, listener.by_dialer, [&] { return first.has_heard("yyyyyyyyy"); }));
  BOOST_TEST(!second.has_heard("yyy"));
}

// Whoever breaks off after a packet was told is told to have closed, not turned away.
BOOST_AUTO_TEST_CASE(a_known_peer_that_claims_too_much_is_closed) {
  Besieged listener(0);
  RawSocket known = listener.let_in();
  known.send(zmtp_frame_header(1, false) + "x");
  BOOST_TEST_REQUIRE(until(*listener.pair, listener.by_listener, listener.by_dialer,
                           [&] { return listener.by_listener.arrived.size() == 2; }));
  known.send(zmtp_frame_header(std::uint64_t{1} << 32, false));
  BOOST_TEST_REQUIRE(until(*listener.pair, listener.by_listener, listener.by_dialer,
                           [&] { return listener.by_listener.closed.size() == 1; }));
  BOOST_TEST(listener.by_listener.closed.front().peer == listener.by_listener.arrived.back().from);
  BOOST_TEST(listener.by_listener.turned_away.empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::transport
