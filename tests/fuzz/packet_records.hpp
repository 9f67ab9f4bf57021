// What a fuzzer's input is: packets, one after the other, each as the length of its head and of its body (two bytes
// each, little-endian), then both. What does not fit at the end is cut.
// Thread rule: pure functions.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "runtime/transport/packet.hpp"

namespace fulmar::fuzz {

inline void append_record(transport::Bytes& input, const transport::Packet& packet) {
  for (const std::size_t size : {packet.head.size(), packet.body.bytes.size()}) {
    input.push_back(static_cast<std::byte>(size & 0xff));
    input.push_back(static_cast<std::byte>(size >> 8));
  }
  input.insert(input.end(), packet.head.begin(), packet.head.end());
  input.insert(input.end(), packet.body.bytes.begin(), packet.body.bytes.end());
}

inline transport::Bytes take_front(std::span<const std::byte>& input, std::size_t size) {
  const auto front = input.first(std::min(size, input.size()));
  input = input.subspan(front.size());
  return {front.begin(), front.end()};
}

/// Each head and body in memory of its own, so that a sanitizer sees who reads beyond.
inline std::vector<transport::Packet> packets_of(std::span<const std::byte> input) {
  const auto length_at = [&](std::size_t at) {
    return std::to_integer<std::size_t>(input[at]) | std::to_integer<std::size_t>(input[at + 1]) << 8;
  };
  std::vector<transport::Packet> packets;
  while (input.size() >= 4) {
    const std::size_t head = length_at(0), body = length_at(2);
    input = input.subspan(4);
    transport::Packet& packet = packets.emplace_back();
    packet.head = take_front(input, head);
    const auto owner = std::make_shared<const transport::Bytes>(take_front(input, body));
    packet.body = {owner, *owner};
  }
  return packets;
}

}  // namespace fulmar::fuzz
