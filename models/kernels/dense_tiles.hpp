// The inner loops of the dense map, for any vector type; the order of every sum is DENSE-1 and DENSE-2.
// Thread rule: pure functions of their arguments.
#pragma once

#include <array>
#include <cstddef>

#include "models/kernels/dense.hpp"
#include "models/kernels/lanes.hpp"

namespace fulmar::models::kernels {

/// y[r] = dot product of row r of `weights` with x, for Rows rows.
template <class Vector, std::size_t Rows>
inline void dot_rows(std::size_t inputs, const float* weights, const float* x, float* y) {
  constexpr std::size_t kParts = kLanes / Vector::kWidth;
  Vector sum[Rows][kParts];
  for (auto& row : sum) {
    for (Vector& part : row) part = Vector::broadcast(0.0F);
  }
  std::size_t i = 0;
  for (; i + kLanes <= inputs; i += kLanes) {
#pragma GCC unroll 4
    for (std::size_t part = 0; part < kParts; ++part) {
      const Vector value = Vector::load(x + i + part * Vector::kWidth);
#pragma GCC unroll 4
      for (std::size_t row = 0; row < Rows; ++row) {
        sum[row][part] =
            Vector::fma(Vector::load(weights + row * inputs + i + part * Vector::kWidth), value, sum[row][part]);
      }
    }
  }
  for (std::size_t row = 0; row < Rows; ++row) {
    std::array<float, kLanes> lanes;
    for (std::size_t part = 0; part < kParts; ++part) sum[row][part].store(lanes.data() + part * Vector::kWidth);
    for (std::size_t lane = 0; i + lane < inputs; ++lane) {
      lanes[lane] = __builtin_fmaf(weights[row * inputs + i + lane], x[i + lane], lanes[lane]);
    }
    y[row] = join_lanes(lanes);
  }
}

/// Blocks of four rows outside, samples inside: a block is read from memory once, then from the cache.
template <class Vector>
void dense_rows(const DenseShape& shape, const float* weights, const float* bias, std::size_t samples, const float* x,
                float* y) {
  std::size_t row = 0;
  const auto block = [&](auto rows) {
    for (std::size_t sample = 0; sample < samples; ++sample) {
      float* out = y + sample * shape.outputs + row;
      dot_rows<Vector, rows()>(shape.inputs, weights + row * shape.inputs, x + sample * shape.inputs, out);
      for (std::size_t r = 0; r < rows(); ++r) out[r] += bias[row + r];
    }
  };
  for (; row + 4 <= shape.outputs; row += 4) block(std::integral_constant<std::size_t, 4>{});
  for (; row < shape.outputs; ++row) block(std::integral_constant<std::size_t, 1>{});
}

/// One row of dW: the sum over the samples of slope[s · slope_stride] · x[s].
template <class Vector>
inline void weight_gradient_row(std::size_t inputs, std::size_t samples, const float* x, const float* slope,
                                std::size_t slope_stride, float* gradient) {
  constexpr std::size_t kVectors = 4;
  std::size_t i = 0;
  for (; i + kVectors * Vector::kWidth <= inputs; i += kVectors * Vector::kWidth) {
    Vector sum[kVectors];
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) sum[v] = Vector::broadcast(0.0F);
    for (std::size_t sample = 0; sample < samples; ++sample) {
      const Vector factor = Vector::broadcast(slope[sample * slope_stride]);
#pragma GCC unroll 4
      for (std::size_t v = 0; v < kVectors; ++v) {
        sum[v] = Vector::fma(factor, Vector::load(x + sample * inputs + i + v * Vector::kWidth), sum[v]);
      }
    }
#pragma GCC unroll 4
    for (std::size_t v = 0; v < kVectors; ++v) sum[v].store(gradient + i + v * Vector::kWidth);
  }
  for (; i < inputs; ++i) {
    float sum = 0.0F;
    for (std::size_t sample = 0; sample < samples; ++sample) {
      sum = __builtin_fmaf(slope[sample * slope_stride], x[sample * inputs + i], sum);
    }
    gradient[i] = sum;
  }
}

}  // namespace fulmar::models::kernels
