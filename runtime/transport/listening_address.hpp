// Where a listener's socket is bound.
// Thread rule: called by the socket's owner; may look up a name.
#pragma once

#include "runtime/transport/endpoint.hpp"
#include "runtime/transport/zmq_socket.hpp"

namespace fulmar::transport {

/// Gives the endpoint with the port that was taken. A path where nobody listens any longer is taken over; one where
/// somebody does, or where another file lies, is an error, as is an address that is not this machine's or not free.
Result<Endpoint> bind(ZmqSocket& socket, const Endpoint& endpoint);

}  // namespace fulmar::transport
