// Where ZeroMQ asks, for each connection in its handshake, whether to let it in (ZAP, https://rfc.zeromq.org/spec/27).
// Without keys it asks as well, so that every connection can be given its stamp (connection_table.hpp).
// Thread rule: one owner, which serves it: until it is answered, a connection waits.
#pragma once

#include <optional>
#include <string>

#include "runtime/transport/connection_table.hpp"
#include "runtime/transport/zmq_socket.hpp"

namespace fulmar::transport {

class AdmissionGate {
 public:
  /// The one gate of a context; to be made before its listener. A listener that sets this ZMQ_ZAP_DOMAIN is asked
  /// about.
  static constexpr const char* kDomain = "fulmar";
  explicit AdmissionGate(const ZmqContext& context);

  bool valid() const { return valid_; }
  void* handle() const { return socket_.handle(); }

  struct Request {
    std::string id;
    std::string key;  ///< the public key that the peer has proven to own, in Z85; empty: it came without
  };
  /// Each has to be answered before the next is asked for.
  std::optional<Request> next();
  void admit(const Request& request, Stamp stamp);
  void refuse(const Request& request);

  /// What admit() was told of the connection that a frame came over.
  static Stamp stamp_of(ZmqMessage& frame);
  static std::string key_of(ZmqMessage& frame);

 private:
  void answer(const Request& request, const std::string& status, const std::string& properties);

  ZmqSocket socket_;
  bool valid_ = false;
};

}  // namespace fulmar::transport
