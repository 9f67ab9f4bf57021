// Datagrams between processes: they take their time, each its own, so that they overtake each other; they are lost,
// doubled, kept for seconds, stopped by a cut. What is sent to a process that is gone is lost; where connections are
// reset, its peers see at once that it is gone.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <memory>

#include "tests/simulation/datagram.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/process.hpp"

namespace fulmar::simulation {

class Network {
 public:
  Network(World& world, std::uint64_t seed);

  void send(const Process& from, ProcessId to, Datagram datagram);
  /// The process ends or is killed: whoever may have a connection to it is told, where connections are reset.
  void close(const Process& gone);
  /// From now on nothing is lost or late.
  void heal() { healed_ = true; }

  std::uint64_t sent() const { return sent_; }

 private:
  bool lets_through(const Process& from, const Process* to);
  Time latency();
  void deliver_after(Time delay, std::shared_ptr<const Envelope> envelope);
  Process* at_address_of(ProcessId id) const;
  void arrive(const std::shared_ptr<const Envelope>& envelope);
  void keep_for_later(const Envelope& envelope);
  void reset_after_latency(ProcessId told, ProcessId gone);

  World& world_;
  Dice dice_;
  bool healed_ = false;
  std::uint64_t sent_ = 0;
};

}  // namespace fulmar::simulation
