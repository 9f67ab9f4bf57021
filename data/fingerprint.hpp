// A short digest that two nodes compare to know that they would load the same samples. It guards against mistakes
// (another version of a file, another window), not against malice; SHA-256 is what weights are compared by.
//
// Thread rule: one thread at a time.
//
// FINGERPRINT-1: the digest depends on values only, not on byte order, nor on paths.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace fulmar::data {

/// Two 64-bit lanes over little-endian bytes: FNV-1a, and a rotating one that does not collide where FNV-1a does.
class Fingerprint {
 public:
  void add(std::string_view text);  ///< its length, then its bytes
  void add(std::uint64_t number);
  void add(double number);  ///< its bits
  void add(std::span<const double> numbers);
  void add(std::span<const float> numbers);

  /// A number drawn from all that was added so far, below `bound`: which slices of a large file to sample.
  std::uint64_t draw(std::uint64_t bound) const { return (low_ ^ high_ >> 7) % bound; }

  /// 32 hexadecimal digits.
  std::string hex() const;

 private:
  void add_bytes(std::uint64_t little_endian, int bytes);

  std::uint64_t low_ = 0xcbf29ce484222325;   // FNV's offset basis
  std::uint64_t high_ = 0x9ae16a3b2f90404f;  // any other
};

}  // namespace fulmar::data
