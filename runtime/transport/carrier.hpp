// The one interface between the protocol and a network: it moves packets over connections, and tells which of them
// have closed. ZeroMQ implements it (zmq_carrier.hpp); the tests have one within a process and one on a virtual
// network, and one suite that all of them pass (tests/runtime/transport/carrier_suite.hpp).
//
// Nothing is promised about delivery: a packet that was taken may be lost with its connection, and a sick network may
// lose, double or reorder packets. Links (core/link.hpp) make a reliable channel of it.
// Thread rule: one owner, except for wake().
//
// CARRIER-1: a packet arrives whole, as it was sent, or not at all.
// CARRIER-2: a PeerId names one connection and is never used for another; after Closed nothing comes from it.
// CARRIER-3: what is kept for a peer that does not read is bounded: send() says `full`, and the packet is the caller's.
// CARRIER-4: a connection that closes is told once, at the next wait(), if a packet of it was ever told; so is each
//            connection that a Dialer made.
// CARRIER-5: no call but wait() blocks, and that no longer than its limit.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "runtime/core/liveness.hpp"
#include "runtime/transport/endpoint.hpp"
#include "runtime/transport/packet.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::transport {

/// One connection, as its carrier numbers it, from 1.
using PeerId = std::uint64_t;

namespace carrier_event {
struct Arrived {
  PeerId from = 0;
  Packet packet;
  std::string key;  ///< the public key that the peer has proven to own, in Z85; empty where keys are not asked for
};
struct Closed {
  PeerId peer = 0;
};
/// Dialers only, instead of Closed: the peer refuses us for good, so that dialing again is of no use before something
/// is put right.
struct Refused {
  PeerId peer = 0;
  std::string reason;
};
/// Listeners only: somebody was turned away, or hung up, before a packet of it was taken.
struct TurnedAway {
  bool for_its_key = false;  ///< else: it did not speak the language, was silent for too long, or claimed too much
};
}  // namespace carrier_event

using CarrierEvent =
    std::variant<carrier_event::Arrived, carrier_event::Closed, carrier_event::Refused, carrier_event::TurnedAway>;

enum class Sent {
  taken,
  full,        ///< not now; the packet is still the caller's
  unreachable  ///< the connection is closed
};

class Carrier {
 public:
  virtual ~Carrier() = default;

  virtual Sent send(PeerId to, const Packet& packet) = 0;
  /// Waits until something happens, `limit` is over or wake() was called; gives what has happened, in order, a bounded
  /// number at a time.
  virtual std::vector<CarrierEvent> wait(core::Time limit) = 0;
  /// Makes the present or the next wait() return. From any thread.
  virtual void wake() = 0;
};

/// Connects to listeners.
class Dialer : public Carrier {
 public:
  /// Begins a connection; packets may be sent at once, and leave when it is made. Errors: what cannot be an address.
  virtual Result<PeerId> dial(const Endpoint& endpoint) = 0;
  /// Closes it; what was not sent yet is dropped, and Closed is not told.
  virtual void hang_up(PeerId peer) = 0;
};

}  // namespace fulmar::transport
