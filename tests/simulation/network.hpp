// Datagrams between processes: they take their time, each its own, so that they overtake each other; they are lost,
// doubled, kept for seconds, stopped by a cut, forged by whoever has another connection. What is sent to a process that
// is gone is lost. A connection closes when one end hangs up or dies, or by itself; where resets are seen, the other
// end (or both) is told soon afterwards. Beyond that it is a name: what is under way on it may still come. Thread rule:
// one simulation, one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "tests/simulation/datagram.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/process.hpp"

namespace fulmar::simulation {

class Network {
 public:
  Network(World& world, std::uint64_t seed);

  ConnectionId dial(const Process& from, ProcessId to);
  /// To the other end. A head that is started again has the address of the one before it.
  void send(const Process& from, ConnectionId connection, Datagram datagram);
  void hang_up(const Process& by, ConnectionId connection);
  /// Both ends are alive, and the connection is not: nothing passes any more.
  void drop(std::uint64_t which);
  /// The process ends or is killed, and all its connections with it.
  void close(const Process& gone);
  /// Who made it.
  ProcessId node_of(ConnectionId connection) const { return connections_.at(connection).node; }
  /// Whom it leads to from the node's end; null: nobody.
  const Process* head_of(ConnectionId connection) const;
  bool is_open(ConnectionId connection) const { return connections_.at(connection).open; }
  /// From now on nothing is lost or late.
  void heal() { healed_ = true; }

  std::uint64_t sent() const { return sent_; }

 private:
  struct Connection {
    ProcessId node = 0, head = 0;
    bool open = false;
    bool dropped = false;
  };

  bool lets_through(const Process& from, const Process* to);
  Time latency();
  void deliver_after(Time delay, std::shared_ptr<const Envelope> envelope);
  Process* at_address_of(ProcessId id) const;
  void arrive(const std::shared_ptr<const Envelope>& envelope);
  void keep_for_later(const Envelope& envelope);
  void forge(const Envelope& envelope);
  void reset_after_latency(ProcessId told, ConnectionId gone);

  World& world_;
  Dice dice_;
  std::vector<Connection> connections_{1};  // by ConnectionId
  bool healed_ = false;
  std::uint64_t sent_ = 0;
};

}  // namespace fulmar::simulation
