// Datagrams as packets, and back. The head of a packet is a FlatBuffer of control.fbs; the body is a chunk's floats.
// Thread rule: pure functions.
//
// CODEC-1: decode(encode(d)) is d. CODEC-2: decode() reads nothing that the verifier has not passed, allocates no more
// than the packet's size allows, and takes nothing that the types cannot hold (an unknown channel, block or enumerator).
#pragma once

#include "runtime/transport/datagram.hpp"
#include "runtime/transport/traffic.hpp"

namespace fulmar::transport {

/// The body of a chunk is shared, not copied.
Packet encode(const Datagram& datagram);

/// A datagram, or why there is none: `malformed` or `other_schema`.
std::variant<Datagram, Drop> decode(const Packet& packet);

}  // namespace fulmar::transport
