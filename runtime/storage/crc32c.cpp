#include "runtime/storage/crc32c.hpp"

#include <array>
#include <cstddef>

namespace fulmar::storage {
namespace {

constexpr std::uint32_t kPolynomialReflected = 0x82F63B78U;

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (int bit = 0; bit < 8; ++bit)
      remainder = (remainder >> 1U) ^ ((remainder & 1U) != 0 ? kPolynomialReflected : 0);
    table[byte] = remainder;
  }
  return table;
}

constexpr auto kTable = make_table();

}  // namespace

// A table look-up per byte (about 400 MB/s) is plenty: records are some hundred bytes.
std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t remainder = ~0U;
  for (const char c : bytes) {
    remainder = (remainder >> 8U) ^ kTable[(remainder ^ static_cast<unsigned char>(c)) & 255U];
  }
  return ~remainder;
}

}  // namespace fulmar::storage
