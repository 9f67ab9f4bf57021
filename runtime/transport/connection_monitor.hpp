// What happens to the connections of one socket, as its input/output thread tells it: events in their order.
// Thread rule: one owner, the socket's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/transport/zmq_socket.hpp"

namespace fulmar::transport {

struct ConnectionEvent {
  int kind = 0;             ///< ZMQ_EVENT_...
  std::uint32_t value = 0;  ///< a file descriptor, an errno or a status, as the kind has it
};

class ConnectionMonitor {
 public:
  /// Tells of `kinds`, of what happens from now on. `name` is one that nothing else in the context has.
  ConnectionMonitor(const ZmqContext& context, ZmqSocket& socket, int kinds, const std::string& name);
  /// Before the socket is closed: the input/output thread would wait for somebody to read its events.
  ~ConnectionMonitor();
  ConnectionMonitor(const ConnectionMonitor&) = delete;
  ConnectionMonitor& operator=(const ConnectionMonitor&) = delete;

  /// False: the process may open no more files.
  bool valid() const { return valid_; }
  std::optional<ConnectionEvent> next();
  void* handle() const { return events_.handle(); }

 private:
  ZmqSocket& watched_;
  ZmqSocket events_;
  bool valid_ = false;
};

}  // namespace fulmar::transport
