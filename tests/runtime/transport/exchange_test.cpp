// Exchange over every kind of carrier: what its invariants say, by number.
#include "runtime/transport/exchange.hpp"

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "runtime/core/vector_arithmetic.hpp"
#include "tests/runtime/transport/carrier_suite.hpp"

namespace fulmar::transport {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kFloats = 300'000;  // of the shard: several chunks
const core::Sender kSession{3, 17, 2};
const RunId kRun{1, 2, 3};
const SessionKey kKey{std::byte{7}};

struct Seen final : ExchangeSink {
  std::vector<Delivery> deliveries;
  std::vector<std::string> causes;
  std::size_t heard_frames = 0;

  void delivered(const core::Sender& session, core::Channel, Delivery delivery) override {
    BOOST_TEST((session == kSession));
    deliveries.push_back(std::move(delivery));
  }
  void heard(const core::Sender&) override { ++heard_frames; }
  void over(const core::Sender&, const std::string& cause) override { causes.push_back(cause); }
};

/// One end: a carrier, an exchange, and what came of it.
struct End {
  End(Carrier& of, Side side, bool sealed)
      : carrier(of),
        exchange({kRun, side, core::Liveness{}, core::channel_of(0), {kFloats, kFloats}, sealed}, of, pool, traffic,
                 seen) {}

  Carrier& carrier;
  BufferPool pool;
  Traffic traffic;
  Seen seen;
  Exchange exchange;
  std::vector<Datagram> around;
  std::vector<PeerId> from;

  void take_in(Time now) {
    for (CarrierEvent& event : carrier.wait(Time(0))) {
      if (const auto* closed = std::get_if<carrier_event::Closed>(&event)) exchange.peer_closed(closed->peer);
      if (const auto* arrived = std::get_if<carrier_event::Arrived>(&event)) {
        auto received = exchange.receive(now, *arrived);
        if (auto* datagram = std::get_if<Datagram>(&received)) {
          around.push_back(std::move(*datagram));
          from.push_back(arrived->from);
        }
      }
    }
    exchange.tick(now);
  }
};

/// A head's tensor exchange and a node's, which has dialed.
struct Session {
  Session(CarrierPair& carriers, bool sealed)
      : pair(carriers), head(carriers.listener(), Side::head, sealed), node(carriers.dialer(), Side::node, sealed) {
    peer = *carriers.dialer().dial(carriers.endpoint());
    head.exchange.open(pair.now(), {kSession, {}, kKey});
    node.exchange.open(pair.now(), {kSession, peer, kKey});
  }

  template <class Condition>
  bool until(Condition condition, Time limit = std::chrono::seconds(10)) {
    for (const Time end = pair.now() + limit; !condition() && pair.now() < end;) {
      pair.pass(milliseconds(1));
      head.take_in(pair.now());
      node.take_in(pair.now());
    }
    return condition();
  }

  CarrierPair& pair;
  End head, node;
  PeerId peer = 0;
};

MutableBuffer numbers(std::size_t floats, float first) {
  auto buffer = std::make_shared<Buffer>(floats);
  std::iota(buffer->values().begin(), buffer->values().end(), first);
  return buffer;
}

Parcel slice(core::Version version, const SharedBuffer& tensor) {
  return {core::VersionSlice{0, version}, tensor, 0, tensor->size()};
}

core::Version version_of(const Delivery& delivery) {
  return std::get<core::VersionSlice>(delivery.message).version;
}

BOOST_AUTO_TEST_SUITE(exchange)

// EXCHANGE-1; what is sent before the node has attached waits for that.
BOOST_DATA_TEST_CASE(messages_and_tensors_arrive_once_and_in_order,
                     boost::unit_test::data::xrange(kCarrierKinds) * boost::unit_test::data::make({false, true}), kind,
                     sealed) {
  const auto pair = make_carrier_pair(kind);
  Session session(*pair, sealed);
  for (core::Version version = 0; version < 5; ++version) {
    session.head.exchange.send(pair->now(), kSession.incarnation, core::channel_of(0),
                               slice(version, numbers(kFloats, static_cast<float>(version))));
  }
  session.node.exchange.attach(kSession.incarnation);
  BOOST_TEST_REQUIRE(session.until([&] { return session.node.seen.deliveries.size() == 5; }));
  for (core::Version version = 0; version < 5; ++version) {
    const Delivery& delivery = session.node.seen.deliveries[version];
    BOOST_TEST(version_of(delivery) == version);
    BOOST_TEST(std::ranges::equal(delivery.tensor->values(), numbers(kFloats, static_cast<float>(version))->values()));
  }
  BOOST_TEST(session.head.seen.causes.empty());
}

// EXCHANGE-2: a session is its connection's.
BOOST_DATA_TEST_CASE(another_connection_cannot_take_part,
                     boost::unit_test::data::xrange(kCarrierKinds) * boost::unit_test::data::make({false, true}), kind,
                     sealed) {
  const auto pair = make_carrier_pair(kind);
  Session session(*pair, sealed);
  session.node.exchange.attach(kSession.incarnation);
  BOOST_TEST_REQUIRE(session.until([&] { return session.head.exchange.peer_of(kSession.incarnation).has_value(); }));

  const auto dialer = pair->make_dialer();
  End intruder(*dialer, Side::node, sealed);
  const PeerId other = *dialer->dial(pair->endpoint());
  intruder.exchange.open(pair->now(), {kSession, other, kKey});
  intruder.exchange.attach(kSession.incarnation);
  intruder.exchange.send(pair->now(), kSession.incarnation, core::channel_of(0),
                         {core::VersionHeld{kSession, 9}, nullptr, 0, 0});
  const auto refused = [&] {
    return session.head.around.size() + session.head.traffic.dropped[static_cast<std::size_t>(Drop::wrong_peer)] >= 2;
  };
  BOOST_TEST(session.until(refused));
  BOOST_TEST(session.head.seen.deliveries.empty());
  BOOST_TEST(session.head.exchange.is_open(kSession.incarnation));
}

BOOST_DATA_TEST_CASE(who_does_not_have_the_key_cannot_attach,
                     boost::unit_test::data::xrange(kCarrierKinds) * boost::unit_test::data::make({false, true}), kind,
                     sealed) {
  const auto pair = make_carrier_pair(kind);
  Session session(*pair, sealed);
  session.node.exchange.open(pair->now(), {kSession, session.peer, SessionKey{std::byte{8}}});
  session.node.exchange.attach(kSession.incarnation);
  BOOST_TEST(session.until([&] { return session.head.traffic.dropped[static_cast<std::size_t>(Drop::forged)] == 1; }));
  BOOST_TEST(!session.head.exchange.peer_of(kSession.incarnation).has_value());
}

// EXCHANGE-3.
BOOST_DATA_TEST_CASE(a_closed_connection_ends_the_session_once, boost::unit_test::data::xrange(kCarrierKinds), kind) {
  const auto pair = make_carrier_pair(kind);
  Session session(*pair, false);
  session.node.exchange.attach(kSession.incarnation);
  BOOST_TEST_REQUIRE(session.until([&] { return session.head.exchange.peer_of(kSession.incarnation).has_value(); }));
  pair->dialer().hang_up(session.peer);
  BOOST_TEST(session.until([&] { return !session.head.seen.causes.empty(); }));
  session.until([] { return false; }, milliseconds(300));
  BOOST_TEST(session.head.seen.causes.size() == 1U);
  BOOST_TEST(!session.head.exchange.is_open(kSession.incarnation));
}

BOOST_DATA_TEST_CASE(a_session_to_which_nobody_attaches_is_over, boost::unit_test::data::xrange(kCarrierKinds), kind) {
  const auto pair = make_carrier_pair(kind);
  const Time before = pair->now();
  Session session(*pair, false);
  BOOST_TEST(session.until([&] { return !session.head.seen.causes.empty(); }));
  BOOST_TEST((pair->now() - before >= core::Liveness{}.lost_after()));
  BOOST_TEST(session.head.seen.causes.front() == "it did not open its connection for tensors in time");
}

BOOST_DATA_TEST_CASE(that_all_is_acknowledged_is_told_when_it_is, boost::unit_test::data::xrange(kCarrierKinds), kind) {
  const auto pair = make_carrier_pair(kind);
  Session session(*pair, false);
  session.node.exchange.attach(kSession.incarnation);
  const MutableBuffer gradient = numbers(2 * kFloats, 0);
  core::BlockPushed pushed{kSession, 4, {0, 1}, 0, true, 1, 1};
  pushed.digest = core::digest(gradient->values().subspan(kFloats, kFloats));
  session.node.exchange.send(pair->now(), kSession.incarnation, core::channel_of(1),
                             {pushed, gradient, kFloats, kFloats});
  bool told = false;
  session.node.exchange.when_acknowledged(kSession.incarnation, [&] {
    told = true;
    BOOST_TEST(session.head.seen.deliveries.size() == 1U);
  });
  BOOST_TEST(!told);
  BOOST_TEST(session.until([&] { return told; }));
  BOOST_TEST_REQUIRE(session.head.seen.deliveries.size() == 1U);
  BOOST_TEST(session.head.seen.deliveries.front().tensor->values()[0] == static_cast<float>(kFloats));
}

// EXCHANGE-5, and what a peer that is not to be trusted may cause: the end of its own session.
BOOST_DATA_TEST_CASE(a_chunk_without_its_message_ends_the_session, boost::unit_test::data::xrange(kCarrierKinds),
                     kind) {
  const auto pair = make_carrier_pair(kind);
  Session session(*pair, false);
  session.node.exchange.attach(kSession.incarnation);
  Segment segment{kSession, core::channel_of(0), {1, 0, Letter{Chunk{0, {}}}, {}, {}}};
  const MutableBuffer floats = numbers(10, 0);
  std::get<Chunk>(segment.frame.payload->content).floats = {floats, std::as_bytes(floats->values())};
  pair->dialer().send(session.peer, encode({kRun, segment}));
  BOOST_TEST(session.until([&] { return !session.head.seen.causes.empty(); }));
  BOOST_TEST(session.head.traffic.dropped[static_cast<std::size_t>(Drop::out_of_order)] == 1U);
}

BOOST_DATA_TEST_CASE(frames_of_unknown_sessions_are_given_back, boost::unit_test::data::xrange(kCarrierKinds), kind) {
  const auto pair = make_carrier_pair(kind);
  Session session(*pair, false);
  session.node.exchange.attach(kSession.incarnation);
  session.head.exchange.close(kSession.incarnation);
  BOOST_TEST(session.until([&] { return session.head.around.size() == 1; }));
  BOOST_TEST(std::holds_alternative<Attach>(session.head.around.front().content));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::transport
