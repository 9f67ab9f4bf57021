// Links (runtime/core/link.hpp) over every kind of carrier, and over a sick network: LINK-1, with the real wire format.
#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "runtime/transport/codec.hpp"
#include "tests/runtime/transport/carrier_suite.hpp"

namespace fulmar::transport {
namespace {

using boost::unit_test::data::xrange;
using std::chrono::milliseconds;
using std::chrono::seconds;

const core::Sender kSession{3, 17, 2};
/// A machine that is busy with other tests does not break a link.
const core::Liveness kLiveness{seconds(20)};

/// One end of one link, on a connection of its own.
struct End {
  explicit End(Carrier& of) : carrier(of), link(kLiveness) {}

  void send(core::Time now, Letter letter) { transmit(link.send(now, std::move(letter))); }

  /// Takes what has come, and ticks when it is time to.
  void live(core::Time now) {
    for (CarrierEvent& event : carrier.wait(core::Time(0))) {
      if (auto* arrived = std::get_if<carrier_event::Arrived>(&event)) take(now, *arrived);
    }
    if (now < next_tick) return;
    next_tick = now + milliseconds(5);
    transmit(link.tick(now));
  }

  void take(core::Time now, const carrier_event::Arrived& arrived) {
    peer = arrived.from;
    auto decoded = decode(arrived.packet);
    BOOST_TEST_REQUIRE(std::holds_alternative<Datagram>(decoded));
    Link::Received received = link.receive(now, std::get<Segment>(std::get<Datagram>(decoded).content).frame);
    for (Letter& letter : received.delivered) delivered.push_back(std::get<Chunk>(letter.content));
    transmit(std::move(received.frames));
  }

  /// What the carrier does not take now, the link sends again.
  void transmit(Link::Frames frames) {
    for (auto& frame : frames) carrier.send(peer, encode({{}, Segment{kSession, 1, std::move(frame)}}));
  }

  Carrier& carrier;
  Link link;
  PeerId peer = 0;
  std::vector<Chunk> delivered;
  core::Time next_tick{};
};

/// What is known of chunk `number` without looking at the others.
Letter chunk(std::uint64_t number, const Body& floats) {
  return {Chunk{number, floats}};
}

Body floats_of(std::size_t count) {
  const auto values = std::make_shared<std::vector<float>>(count);
  for (std::size_t i = 0; i < count; ++i) (*values)[i] = static_cast<float>(i);
  return {values, std::as_bytes(std::span(*values))};
}

/// Sends `count` chunks, half of them the other way, and waits until all have come.
void exchange_chunks(CarrierPair& pair, std::size_t count, const Body& floats) {
  End node(pair.dialer());
  End head(pair.listener());
  node.peer = pair.dialer().dial(pair.endpoint()).value();
  // The head learns from the first packet where to send to.
  node.send(pair.now(), chunk(0, floats));
  std::size_t sent_by_head = 0;
  for (std::size_t i = 1; i < count; ++i) node.send(pair.now(), chunk(i, floats));
  for (const core::Time end = pair.now() + seconds(120); pair.now() < end; pair.pass(milliseconds(1))) {
    node.live(pair.now());
    head.live(pair.now());
    if (head.peer != 0 && sent_by_head < count) head.send(pair.now(), chunk(sent_by_head++, floats));
    if (head.delivered.size() == count && node.delivered.size() == count) break;
  }
  BOOST_TEST(!node.link.broken().has_value());
  BOOST_TEST(!head.link.broken().has_value());
  for (const End* end : {&node, &head}) {
    BOOST_TEST_REQUIRE(end->delivered.size() == count);
    for (std::size_t i = 0; i < count; ++i) {
      BOOST_TEST_REQUIRE(end->delivered[i].offset == i);
      BOOST_TEST_REQUIRE(std::ranges::equal(end->delivered[i].floats.bytes, floats.bytes));
    }
  }
}

BOOST_AUTO_TEST_SUITE(carrier_links)

BOOST_DATA_TEST_CASE(all_arrives_once_and_in_order, xrange(kCarrierKinds), kind) {
  exchange_chunks(*make_carrier_pair(kind), 1000, floats_of(100));
}

BOOST_DATA_TEST_CASE(all_arrives_once_and_in_order_over_a_sick_network, xrange(20), seed) {
  exchange_chunks(*make_lossy_pair(static_cast<std::uint64_t>(seed)), 1000, floats_of(10));
}

BOOST_DATA_TEST_CASE(a_large_tensor_arrives_in_chunks, xrange(kCarrierKinds), kind) {
  const auto pair = make_carrier_pair(kind);
  exchange_chunks(*pair, 100, floats_of(std::size_t{1} << 18));  // 100 MiB each way
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::transport
