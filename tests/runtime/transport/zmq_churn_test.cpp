// CARRIER-2 and CARRIER-4 where they are hard: connections that come and go by the hundred, so that the system gives
// the file descriptor of one to the next while packets of the first are still unread.
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "runtime/transport/zmq_carrier.hpp"
#include "runtime/vocabulary/random.hpp"
#include "tests/runtime/transport/carrier_suite.hpp"
#include "tests/runtime/transport/forked_peer.hpp"

namespace fulmar::transport {
namespace {

using boost::unit_test::data::xrange;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Whose packet it is, and the how-manieth.
struct Mark {
  std::uint64_t owner = 0;
  std::uint64_t number = 0;
};

Packet marked(const Mark& mark) {
  Packet packet;
  packet.head.resize(sizeof mark);
  std::memcpy(packet.head.data(), &mark, sizeof mark);
  return packet;
}

/// Listens, and checks everything that it is told against what it was told before.
class Witness {
 public:
  explicit Witness(Carrier& listener) : listener_(listener) {}

  std::size_t look(core::Time limit) {
    const std::vector<CarrierEvent> events = listener_.wait(limit);
    for (const CarrierEvent& event : events) {
      if (const auto* arrived = std::get_if<carrier_event::Arrived>(&event)) check(*arrived);
      if (const auto* closed = std::get_if<carrier_event::Closed>(&event)) check(*closed);
    }
    return events.size();
  }

  std::size_t known() const { return known_.size(); }
  std::size_t closed() const { return closed_.size(); }

 private:
  struct Known {
    std::optional<std::uint64_t> owner;
    std::uint64_t packets = 0;
  };

  void check(const carrier_event::Arrived& arrived) {
    BOOST_TEST(!closed_.contains(arrived.from));
    Known& known = known_[arrived.from];
    if (arrived.packet.head.size() == sizeof(Mark)) {
      Mark mark;
      std::memcpy(&mark, arrived.packet.head.data(), sizeof mark);
      if (!known.owner) BOOST_TEST(owners_.insert(mark.owner).second);  // nobody has two numbers
      BOOST_TEST(known.owner.value_or(mark.owner) == mark.owner);       // and no number belongs to two
      known.owner = mark.owner;
      BOOST_TEST(mark.number == known.packets);
    } else {
      BOOST_TEST(std::to_integer<std::uint64_t>(arrived.packet.head.at(0)) == known.packets);
    }
    ++known.packets;
  }

  void check(const carrier_event::Closed& closed) {
    BOOST_TEST(known_.contains(closed.peer));
    BOOST_TEST(closed_.insert(closed.peer).second);
  }

  Carrier& listener_;
  std::map<PeerId, Known> known_;
  std::set<PeerId> closed_;
  std::set<std::uint64_t> owners_;
};

BOOST_AUTO_TEST_SUITE(zmq_churn)

BOOST_DATA_TEST_CASE(callers_that_come_and_go_are_told_apart, xrange(kZmqKinds), kind) {
  const auto pair = make_carrier_pair(kind);
  Witness witness(pair->listener());
  const RandomStream dice(11, Purpose::simulation, 0, 0);
  std::map<std::uint64_t, PeerId> present;
  std::uint64_t next_owner = 0;
  for (std::uint64_t round = 0; round < 100; ++round) {
    for (int i = 0; i < 8; ++i) {
      const PeerId peer = pair->dialer().dial(pair->endpoint()).value();
      present.emplace(next_owner, peer);
      for (std::uint64_t number = 0; number < 3; ++number) pair->dialer().send(peer, marked({next_owner, number}));
      ++next_owner;
    }
    // Some are cut off in their handshake, some in the middle of what they say, some after it.
    const std::size_t enough = witness.known() + dice.words(round)[0] % 6;
    for (const core::Time end = pair->now() + seconds(20); pair->now() < end && witness.known() < enough;) {
      witness.look(milliseconds(1));
    }
    pair->pass(milliseconds(dice.words(round)[1] % 3));
    for (auto it = present.begin(); it != present.end();) {
      const bool stays = dice.words(it->first + (round << 20))[2] % 3 == 0;
      if (!stays) pair->dialer().hang_up(it->second);
      it = stays ? std::next(it) : present.erase(it);
    }
  }
  for (const auto& [owner, peer] : present) pair->dialer().hang_up(peer);
  const core::Time end = pair->now() + seconds(20);
  while (pair->now() < end && (witness.look(milliseconds(100)) > 0 || witness.closed() < witness.known())) {
  }
  BOOST_TEST(witness.known() > 100U);
  BOOST_TEST(witness.closed() == witness.known());
  BOOST_TEST(dynamic_cast<ZmqListener&>(pair->listener()).peers() == 0U);
}

BOOST_DATA_TEST_CASE(all_connections_of_killed_processes_are_told_once, xrange(kZmqKinds), kind) {
  constexpr std::size_t kProcesses = 6;
  constexpr std::size_t kConnections = 60;
  std::vector<std::unique_ptr<ForkedPeer>> processes;
  for (std::size_t i = 0; i < kProcesses; ++i) {
    processes.push_back(std::make_unique<ForkedPeer>(kind, kConnections, 3));
  }
  const auto pair = make_carrier_pair(kind);
  Witness witness(pair->listener());
  // Each is killed while it still connects, and the next takes over its descriptors.
  for (std::size_t i = 0; i < kProcesses; ++i) {
    processes[i]->dial(pair->endpoint());
    const std::size_t enough = witness.known() + kConnections / 2;
    for (const core::Time end = pair->now() + seconds(20); pair->now() < end && witness.known() < enough;) {
      witness.look(milliseconds(10));
    }
    processes[i]->kill();
  }
  const core::Time end = pair->now() + seconds(20);
  while (pair->now() < end && (witness.look(milliseconds(100)) > 0 || witness.closed() < witness.known())) {
  }
  BOOST_TEST(witness.known() >= kProcesses * kConnections / 2);
  BOOST_TEST(witness.closed() == witness.known());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::transport
