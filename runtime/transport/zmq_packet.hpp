// Packets as ZeroMQ's frames: the head, and the body where there is one, which is neither copied when it is sent nor
// when it is received. Thread rule: pure functions of a socket that the caller owns; a body that is sent is released on
// ZeroMQ's thread.
#pragma once

#include "runtime/transport/packet.hpp"
#include "runtime/transport/zmq_socket.hpp"

namespace fulmar::transport {

/// False: the socket takes nothing now, and has taken nothing of this.
bool send_packet(ZmqSocket& socket, const Packet& packet);

/// The packet whose first frame is `head`. False: it is none, having more frames than two, or too many bytes; it has
/// been read to its end, and `packet` has nothing of value.
bool receive_packet(ZmqSocket& socket, ZmqMessage& head, Packet& packet);

}  // namespace fulmar::transport
