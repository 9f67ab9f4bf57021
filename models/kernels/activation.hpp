// Activations and what they need of elementary functions, in float, from IEEE operations alone: the same bits on every
// CPU, in a vectorised loop or its tail. A NaN goes through all of them, so that a run that diverges is seen.
// Thread rule: pure functions.
//
// ACTIVATION-1: element by element; nothing depends on position, count or alignment.
#pragma once

#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

#include "models/model.hpp"

namespace fulmar::models::kernels {

/// exp(x) − 1 for x ≤ 0, within 2 ulp.
inline float exponential_minus_one(float x) {
  // exp(x) − 1 = 2ⁿ·p + (2ⁿ − 1) with p = exp(r) − 1, r = x − n·ln 2, |r| ≤ ln 2 / 2; below −18 it rounds to −1.
  constexpr float kLog2E = 0x1.715476p+0F;
  constexpr float kLn2High = 0x1.62e4p-1F;  // 15 bits: n·kLn2High is exact
  constexpr float kLn2Low = 0x1.7f7d1cp-20F;
  constexpr float kRoundToInteger = 0x1.8p+23F;  // adding it leaves the nearest integer in the low bits
  x = x < -18.0F ? -18.0F : x;
  const float shifted = __builtin_fmaf(x, kLog2E, kRoundToInteger);
  const float n = shifted - kRoundToInteger;
  const float r = __builtin_fmaf(-n, kLn2Low, __builtin_fmaf(-n, kLn2High, x));
  const float scale = std::bit_cast<float>((std::bit_cast<std::uint32_t>(shifted) << 23) + 0x3f800000U);
  float series = 1.0F / 40320.0F;  // Taylor: the first term left out is below 1e-9 of the result
  series = __builtin_fmaf(series, r, 1.0F / 5040.0F);
  series = __builtin_fmaf(series, r, 1.0F / 720.0F);
  series = __builtin_fmaf(series, r, 1.0F / 120.0F);
  series = __builtin_fmaf(series, r, 1.0F / 24.0F);
  series = __builtin_fmaf(series, r, 1.0F / 6.0F);
  series = __builtin_fmaf(series, r, 0.5F);
  const float p = __builtin_fmaf(r * r, series, r);
  return __builtin_fmaf(p, scale, scale - 1.0F);
}

/// tanh(x), within 3 ulp.
inline float hyperbolic_tangent(float x) {
  const float e = exponential_minus_one(-2.0F * std::fabs(x));
  return std::copysign(-e / (2.0F + e), x);
}

inline float relu(float x) {
  return x < 0.0F ? 0.0F : x;
}

/// α = 1. One of the two terms is zero, so the sum is exact; without a branch, so that the loop is vectorised.
inline float elu(float x) {
  const float positive = x > 0.0F ? x : 0.0F;
  const float negative = x > 0.0F ? 0.0F : x;
  return positive + exponential_minus_one(negative);
}

/// values[i] = activation(values[i]).
void activate(Activation activation, float* values, std::size_t count);

/// derivative[i] · activation'(x) written to `out`, where activated[i] = activation(x). relu'(0) = 0, elu'(0) = 1, as
/// PyTorch has them.
void activation_derivative(Activation activation, const float* activated, const float* derivative, std::size_t count,
                           float* out);

}  // namespace fulmar::models::kernels
