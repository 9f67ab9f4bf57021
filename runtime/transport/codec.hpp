// Datagrams as packets, and back. The head of a packet is a FlatBuffer of control.fbs; the body is a chunk's floats.
// Thread rule: pure functions.
//
// CODEC-1: decode(encode(d)) is d; but names and texts come out readable (readable_text.hpp), and the sender of a
// message
//          is its session: that alone travels, so nobody can speak in another's name.
// CODEC-2: decode() reads nothing that was not verified, allocates no more than a few times what the packet has, and
//          takes nothing that the types cannot hold (an unknown message, a block beyond all trees, a list that does not
//          ascend, a body where none belongs). Whether what it names exists, message_rules.hpp says.
// CODEC-3: whatever a later schema is like, its datagrams are `other_schema`, as long as they keep Preface.
#pragma once

#include "runtime/transport/datagram.hpp"
#include "runtime/transport/traffic.hpp"

namespace fulmar::transport {

/// The body of a chunk is shared, not copied.
Packet encode(const Datagram& datagram);

/// A datagram, or why there is none: `malformed` or `other_schema`.
std::variant<Datagram, Drop> decode(const Packet& packet);

}  // namespace fulmar::transport
