// What people read and what travels as text: it ends up on terminals, in logs, in JSON and as labels of metrics, so it
// is UTF-8 without control characters, and not longer than it has to be.
// Thread rule: pure functions.
//
// TEXT-1: is_readable(readable(t, l), l), and readable() leaves alone what is readable.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "runtime/transport/packet.hpp"

namespace fulmar::transport {

struct TextLimits {
  std::size_t bytes_max = 0;
  bool many_lines = false;  ///< line ends and tabs are allowed
};

inline constexpr TextLimits kName{256, false};
/// Reasons, causes: as much as a person would read.
inline constexpr TextLimits kProse{16384, true};
/// A manifest: what fits into a packet.
inline constexpr TextLimits kDocument{kPacketBytesMax, true};

bool is_readable(std::string_view text, TextLimits limits);
/// With '?' for each byte that must not be there, and cut at a whole character.
std::string readable(std::string_view text, TextLimits limits);

}  // namespace fulmar::transport
