#include "tests/simulation/network.hpp"

#include <utility>

#include "tests/simulation/world.hpp"

namespace fulmar::simulation {
namespace {

using std::chrono::seconds;

/// What makes a datagram of another run out of this run's: everything else about it looks right.
constexpr std::uint64_t kOtherRun = 0x0ddba11;
/// What comes for a frozen process beyond this is lost: its machine keeps no more.
constexpr std::size_t kSocketMax = 1000;

/// Words about sessions are few beside frames, and more is at stake: they are kept so much more often.
constexpr std::uint64_t kStaleWords = 30;

}  // namespace

Network::Network(World& world, std::uint64_t seed) : world_(world), dice_(seed, 1, world.scenario.even) {}

Time Network::latency() {
  const Scenario& scenario = world_.scenario;
  const Time usual = dice_.time(scenario.latency_min, scenario.latency_max);
  const std::uint32_t factor = scenario.faults.of(Fault::message_delay);
  return !healed_ && factor > 0 && dice_.one_in(20) ? usual * static_cast<std::int64_t>(1 + dice_.below(factor))
                                                    : usual;
}

// A cut lies between a node's host and all heads.
bool Network::lets_through(const Process& from, const Process* to) {
  const Host& sender = world_.hosts.at(from.host());
  if (sender.cut_out || (to != nullptr && world_.hosts.at(to->host()).cut_in)) return false;
  return healed_ || !dice_.per_mille(world_.scenario.faults.of(Fault::message_loss));
}

// ---- connections

ConnectionId Network::dial(const Process& from, ProcessId to) {
  connections_.push_back({from.id(), to, true});
  return connections_.size() - 1;
}

void Network::hang_up(const Process& by, ConnectionId connection) {
  Connection& closed = connections_.at(connection);
  if (!std::exchange(closed.open, false) || !world_.scenario.resets || world_.hosts.at(by.host()).cut_out) return;
  reset_after_latency(by.id() == closed.node ? closed.head : closed.node, connection);
}

void Network::drop(std::uint64_t which) {
  std::vector<ConnectionId> open;
  for (ConnectionId id = 1; id < connections_.size(); ++id) {
    if (connections_[id].open) open.push_back(id);
  }
  if (open.empty()) return;
  const ConnectionId id = open[which % open.size()];
  Connection& dropped = connections_[id];
  dropped.open = false;
  dropped.dropped = true;
  world_.happened(Happening::connection_dropped);
  if (world_.log.wanted()) world_.log.say(world_.queue.now(), "chaos", "drops connection " + std::to_string(id));
  if (!world_.scenario.resets) return;
  reset_after_latency(dropped.node, id);
  reset_after_latency(dropped.head, id);
}

void Network::close(const Process& gone) {
  for (ConnectionId id = 1; id < connections_.size(); ++id) {
    if (connections_[id].node == gone.id() || connections_[id].head == gone.id()) hang_up(gone, id);
  }
}

void Network::reset_after_latency(ProcessId told, ConnectionId gone) {
  const Process* process = world_.processes.find(told);
  if (process == nullptr || world_.hosts.at(process->host()).cut_in) return;
  world_.queue.after(latency(), [this, told, gone] {
    Process* receiver = world_.processes.find(told);
    if (receiver == nullptr || receiver->is_over()) return;
    receiver->happen([this, receiver, gone] {
      world_.checks.told_closed(receiver->id(), gone);
      receiver->see_reset(gone);
    });
  });
}

const Process* Network::head_of(ConnectionId connection) const {
  const Connection& over = connections_.at(connection);
  return over.dropped ? nullptr : at_address_of(over.head);
}

// ---- datagrams

void Network::send(const Process& from, ConnectionId connection, Datagram datagram) {
  ++sent_;
  const Connection& over = connections_.at(connection);
  const ProcessId to = from.host() == kHeadHost ? over.node : over.head;
  const Process* receiver = world_.processes.find(to);
  if (over.dropped || !lets_through(from, receiver)) return;
  const auto envelope = std::make_shared<const Envelope>(Envelope{from.id(), to, connection, std::move(datagram)});
  deliver_after(latency(), envelope);
  if (healed_) return;
  const Faults& faults = world_.scenario.faults;
  if (dice_.per_mille(faults.of(Fault::message_double))) deliver_after(latency(), envelope);
  const bool is_frame = std::holds_alternative<Segment>(envelope->datagram.content);
  const std::uint64_t stale = std::uint64_t{faults.of(Fault::message_stale)} * (is_frame ? 1 : kStaleWords);
  if (stale > 0 && dice_.below(10000) < stale) keep_for_later(*envelope);
  if (is_frame && from.host() != kHeadHost && dice_.per_mille(faults.of(Fault::frame_forged))) forge(*envelope);
}

// Whoever has a connection can claim to be anybody: here, that somebody else wants to leave. It may come first.
void Network::forge(const Envelope& envelope) {
  Envelope forged = envelope;
  for (ConnectionId id = connections_.size() - 1; id > 0 && forged.connection == envelope.connection; --id) {
    if (connections_[id].open && connections_[id].node != envelope.from) forged.connection = id;
  }
  auto& segment = std::get<Segment>(forged.datagram.content);
  if (forged.connection == envelope.connection || !segment.frame.payload) return;
  forged.from = connections_[forged.connection].node;
  segment.frame.payload = std::make_shared<const Parcel>(Parcel{core::Leave{segment.session}, nullptr});
  deliver_after(dice_.time(Time(0), latency()), std::make_shared<const Envelope>(std::move(forged)));
}

void Network::keep_for_later(const Envelope& envelope) {
  Envelope copy = envelope;
  if (dice_.one_in(4)) copy.datagram.run ^= kOtherRun;
  deliver_after(dice_.time(world_.scenario.liveness.value / 4, seconds(8)),
                std::make_shared<const Envelope>(std::move(copy)));
}

void Network::deliver_after(Time delay, std::shared_ptr<const Envelope> envelope) {
  world_.queue.after(delay, [this, envelope = std::move(envelope)] { arrive(envelope); });
}

// A head that is started again has the address of the one before it.
Process* Network::at_address_of(ProcessId id) const {
  Process* process = world_.processes.find(id);
  const bool was_head = process == nullptr && world_.processes.host_of(id) == kHeadHost;
  return was_head ? world_.processes.find(world_.head) : process;
}

void Network::arrive(const std::shared_ptr<const Envelope>& envelope) {
  Process* to = at_address_of(envelope->to);
  world_.log.note((std::uint64_t{envelope->from} << 32U) ^ (std::uint64_t{envelope->to} << 8U) ^
                  envelope->datagram.content.index());
  if (to == nullptr || to->is_over()) {
    connections_.at(envelope->connection).open = false;
    if (world_.scenario.resets) reset_after_latency(envelope->from, envelope->connection);
    return;
  }
  const bool is_frame = std::holds_alternative<Segment>(envelope->datagram.content);
  if (is_frame ? world_.log.wants_frames() : world_.log.wanted()) {
    const Process* from = world_.processes.find(envelope->from);
    world_.log.say(world_.queue.now(), (from == nullptr ? "(gone)" : from->name()) + " -> " + to->name(),
                   describe(envelope->datagram) + (to->frozen() ? " (frozen)" : ""));
  }
  if (to->frozen()) {
    if (to->waiting() >= kSocketMax) return;
    to->happen([to, envelope] { to->receive(*envelope); });
  } else {
    to->receive(*envelope);
  }
}

}  // namespace fulmar::simulation
