#include "runtime/transport/readable_text.hpp"

#include <array>
#include <cstdint>

namespace fulmar::transport {
namespace {

std::uint32_t byte_at(std::string_view text, std::size_t index) {
  return static_cast<unsigned char>(text[index]);
}

/// How many bytes the character at the front has, by RFC 3629; 0: there is none.
std::size_t character_bytes(std::string_view text) {
  const std::uint32_t first = byte_at(text, 0);
  const std::size_t bytes = first < 0x80         ? 1
                            : first >> 5 == 0x6  ? 2
                            : first >> 4 == 0xe  ? 3
                            : first >> 3 == 0x1e ? 4
                                                 : 0;
  if (bytes == 0 || bytes > text.size()) return 0;
  static constexpr std::array<std::uint32_t, 5> kLeast{0, 0, 0x80, 0x800, 0x10000};  // what needs so many bytes
  std::uint32_t code = bytes == 1 ? first : first & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) {
    if (byte_at(text, i) >> 6 != 0x2) return 0;
    code = code << 6 | (byte_at(text, i) & 0x3f);
  }
  const bool is_surrogate = code >= 0xd800 && code < 0xe000;
  return code < kLeast[bytes] || is_surrogate || code > 0x10ffff ? 0 : bytes;
}

bool is_control(std::string_view character, TextLimits limits) {
  const std::uint32_t first = byte_at(character, 0);
  if (limits.many_lines && (first == '\n' || first == '\t')) return false;
  const bool is_c1 = character.size() == 2 && first == 0xc2 && byte_at(character, 1) < 0xa0;
  return first < 0x20 || first == 0x7f || is_c1;
}

/// As character_bytes(), and 0 for a control character that must not be there.
std::size_t readable_bytes(std::string_view text, TextLimits limits) {
  const std::size_t bytes = character_bytes(text);
  return bytes == 0 || is_control(text.substr(0, bytes), limits) ? 0 : bytes;
}

}  // namespace

bool is_readable(std::string_view text, TextLimits limits) {
  if (text.size() > limits.bytes_max) return false;
  while (!text.empty()) {
    const std::size_t bytes = readable_bytes(text, limits);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

std::string readable(std::string_view text, TextLimits limits) {
  std::string clean;
  while (!text.empty()) {
    const std::size_t bytes = readable_bytes(text, limits);
    const std::string_view character = bytes == 0 ? "?" : text.substr(0, bytes);
    if (clean.size() + character.size() > limits.bytes_max) break;
    clean += character;
    text.remove_prefix(bytes == 0 ? 1 : bytes);
  }
  return clean;
}

}  // namespace fulmar::transport
