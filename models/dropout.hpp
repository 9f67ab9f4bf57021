// Inverted dropout: while training a value is dropped with probability p, the others are scaled by 1/(1 − p).
//
// A decision takes 16 bits, so p is rounded to a multiple of 2⁻¹⁶, and the scale belongs to the rounded p: the
// expectation is exact.
// Thread rule: immutable; the decisions belong to the caller.
//
// DROPOUT-1: decision e of a layer is the half e mod 2 (low half first) of word e / 2, counted from block layer · 2³²
// of
//            the stream (seed, dropout, version, sample): it depends on nothing else.
// DROPOUT-2: values are dropped by selection: a NaN in a dropped value does not survive.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/vocabulary/random.hpp"

namespace fulmar::models {

class Dropout {
 public:
  /// `probability` in [0, 1); 0 switches it off.
  explicit Dropout(double probability);

  bool active() const { return threshold_ > 0; }

  /// The decisions of one layer; those below the threshold drop.
  void draw(const RandomStream& stream, std::size_t layer, std::span<std::uint16_t> decisions) const;

  /// out[i] = decision i keeps ? values[i] / (1 − p) : 0. `out` may be `values`.
  void apply(std::span<const std::uint16_t> decisions, const float* values, float* out) const;

 private:
  std::uint16_t threshold_ = 0;
  float scale_ = 1.0F;
};

}  // namespace fulmar::models
