#include "data/fingerprint.hpp"

#include <bit>

namespace fulmar::data {

void Fingerprint::add_bytes(std::uint64_t little_endian, int bytes) {
  constexpr std::uint64_t kFnvPrime = 0x100000001b3;
  constexpr std::uint64_t kOddMultiplier = 0x9e3779b97f4a7c15;
  for (int i = 0; i < bytes; ++i, little_endian >>= 8) {
    low_ = (low_ ^ (little_endian & 0xff)) * kFnvPrime;
    high_ = std::rotl(high_ ^ (little_endian & 0xff), 29) * kOddMultiplier;
  }
}

void Fingerprint::add(std::string_view text) {
  add(std::uint64_t{text.size()});
  for (const char c : text) add_bytes(static_cast<unsigned char>(c), 1);
}

void Fingerprint::add(std::uint64_t number) {
  add_bytes(number, 8);
}

void Fingerprint::add(double number) {
  add(std::bit_cast<std::uint64_t>(number));
}

void Fingerprint::add(std::span<const double> numbers) {
  add(std::uint64_t{numbers.size()});
  for (const double number : numbers) add(number);
}

void Fingerprint::add(std::span<const float> numbers) {
  add(std::uint64_t{numbers.size()});
  for (const float number : numbers) {
    // Every NaN is the same: which one stands for "missing" is no property of the data.
    const std::uint32_t bits = number == number ? std::bit_cast<std::uint32_t>(number) : 0x7fc00000u;
    add_bytes(bits, 4);
  }
}

std::string Fingerprint::hex() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint64_t lane : {high_, low_})
    for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[lane >> shift & 0xf];
  return text;
}

}  // namespace fulmar::data
