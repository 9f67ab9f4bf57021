// What a carrier moves as one: a small head, and perhaps a large body that is never copied on its way to the socket.
// Thread rule: values; the bytes of a body are immutable while anybody holds it.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace fulmar::transport {

using Bytes = std::vector<std::byte>;

/// Bytes that somebody keeps alive: a part of a tensor to be sent, or what was received.
struct Body {
  std::shared_ptr<const void> owner;
  std::span<const std::byte> bytes;
};

struct Packet {
  Bytes head;
  Body body;

  std::size_t size() const { return head.size() + body.bytes.size(); }
};

/// No packet is larger, head and body together; a carrier closes the connection of whoever claims to send one.
inline constexpr std::size_t kPacketBytesMax = std::size_t{8} << 20;

}  // namespace fulmar::transport
