// What every carrier has to pass: the kinds of carriers, each as a listener and a dialer that reaches it.
// Thread rule: one thread, but for what carriers allow.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "runtime/transport/carrier.hpp"

namespace fulmar::transport {

class CarrierPair {
 public:
  virtual ~CarrierPair() = default;

  virtual Carrier& listener() = 0;
  virtual Dialer& dialer() = 0;
  /// One more, with a dialer's rights of its own.
  virtual std::unique_ptr<Dialer> make_dialer() = 0;
  /// Where the listener is reached.
  virtual Endpoint endpoint() const = 0;

  /// The listener's process ends, as far as others see.
  virtual void end_listener() = 0;

  /// On the clock that these carriers live by.
  virtual core::Time now() const = 0;
  /// Lets time pass, or, where it passes by itself, others do something meanwhile.
  virtual void pass(core::Time time) = 0;
};

/// The kinds, by number: ZeroMQ's, of which a process can be killed, come first.
inline constexpr std::size_t kZmqKinds = 3;
inline constexpr std::size_t kCarrierKinds = 5;
/// tcp, ipc, tcp with keys, in a process, simulated.
const char* carrier_name(std::size_t kind);
std::unique_ptr<CarrierPair> make_carrier_pair(std::size_t kind);

/// A simulated one that loses, doubles and reorders packets.
std::unique_ptr<CarrierPair> make_lossy_pair(std::uint64_t seed);

/// A dialer that knows nothing but what another process was told: see ForkedPeer.
std::unique_ptr<Dialer> make_zmq_dialer(std::size_t kind);

/// What one carrier has told, by kind.
struct Told {
  std::vector<carrier_event::Arrived> arrived;
  std::vector<carrier_event::Closed> closed;
  std::vector<carrier_event::Refused> refused;
  std::vector<carrier_event::TurnedAway> turned_away;

  /// Adds what has happened by now.
  void listen_to(Carrier& carrier);
};

/// Whether it holds before much time has passed; meanwhile both carriers are listened to.
template <class Condition>
bool until(CarrierPair& pair, Told& by_listener, Told& by_dialer, Condition condition,
           core::Time limit = std::chrono::seconds(20)) {
  for (const core::Time end = pair.now() + limit; pair.now() < end; pair.pass(std::chrono::milliseconds(1))) {
    by_listener.listen_to(pair.listener());
    by_dialer.listen_to(pair.dialer());
    if (condition()) return true;
  }
  return false;
}

}  // namespace fulmar::transport
