#include "runtime/transport/connection_monitor.hpp"

#include <cstring>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::transport {

ConnectionMonitor::ConnectionMonitor(const ZmqContext& context, ZmqSocket& socket, int kinds, const std::string& name)
    : watched_(socket), events_(context, ZMQ_PAIR) {
  if (!socket.valid() || !events_.valid()) return;
  // Without a limit: the input/output thread waits where the queue is full, and everything would wait with it.
  events_.set(ZMQ_RCVHWM, 0);
  const std::string address = "inproc://" + name;
  valid_ = zmq_socket_monitor(socket.handle(), address.c_str(), kinds) == 0 &&
           zmq_connect(events_.handle(), address.c_str()) == 0;
}

ConnectionMonitor::~ConnectionMonitor() {
  if (valid_) zmq_socket_monitor(watched_.handle(), nullptr, 0);
}

std::optional<ConnectionEvent> ConnectionMonitor::next() {
  ZmqMessage event;
  if (!receive(events_, event)) return {};
  FULMAR_ASSERT(event.size() == sizeof(std::uint16_t) + sizeof(std::uint32_t),
                "a monitor's event has " + std::to_string(event.size()) + " bytes");
  std::uint16_t kind = 0;
  ConnectionEvent told;
  std::memcpy(&kind, event.data(), sizeof kind);
  std::memcpy(&told.value, event.data() + sizeof kind, sizeof told.value);
  told.kind = kind;
  ZmqMessage address;
  while (event.more() && receive(events_, address) && address.more()) {
  }
  return told;
}

}  // namespace fulmar::transport
