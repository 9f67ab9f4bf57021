// The inner loops of the convolution, for any vector type. Only the register tile is chosen here; the order of every
// element's sum is CONV-1 and CONV-2, whatever the tile.
// Thread rule: pure functions of their arguments.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <type_traits>

#include "models/kernels/convolution.hpp"
#include "models/kernels/field.hpp"
#include "models/kernels/lanes.hpp"

namespace fulmar::models::kernels {

/// Calls visit(first, width) for blocks of 4, then 2, then 1 channels, widths as compile-time constants.
template <class Visit>
void for_channel_blocks(std::size_t channels, Visit&& visit) {
  std::size_t first = 0;
  for (; first + 4 <= channels; first += 4) visit(first, std::integral_constant<std::size_t, 4>{});
  if (first + 2 <= channels) {
    visit(first, std::integral_constant<std::size_t, 2>{});
    first += 2;
  }
  if (first < channels) visit(first, std::integral_constant<std::size_t, 1>{});
}

/// Calls visit(first, count) for groups of at most three neighbouring kx.
template <class Visit>
void for_tap_groups(std::size_t kernel, Visit&& visit) {
  std::size_t first = 0;
  for (; first + 3 <= kernel; first += 3) visit(first, std::integral_constant<std::size_t, 3>{});
  if (kernel - first == 2) visit(first, std::integral_constant<std::size_t, 2>{});
  if (kernel - first == 1) visit(first, std::integral_constant<std::size_t, 1>{});
}

/// Width output channels × Vectors groups of longitudes of one row, held in registers over the whole chain.
template <class Vector, std::size_t Width, std::size_t Vectors>
inline void convolution_tile(std::size_t kernel, const FieldLayout& in_layout, const float* in, const float* packed,
                             const float* bias, std::size_t out_plane, float* out) {
  Vector sum[Width][Vectors];
#pragma GCC unroll 4
  for (std::size_t o = 0; o < Width; ++o) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < Vectors; ++v) sum[o][v] = Vector::broadcast(bias != nullptr ? bias[o] : 0.0F);
  }
  for (std::size_t channel = 0; channel < in_layout.channels; ++channel) {
    const float* row = in + channel * in_layout.plane_floats();
    for (std::size_t ky = 0; ky < kernel; ++ky, row += in_layout.row_floats()) {
      for (std::size_t kx = 0; kx < kernel; ++kx, packed += Width) {
        Vector value[Vectors];
#pragma GCC unroll 4
        for (std::size_t v = 0; v < Vectors; ++v) value[v] = Vector::load(row + kx + v * Vector::kWidth);
#pragma GCC unroll 4
        for (std::size_t o = 0; o < Width; ++o) {
          const Vector weight = Vector::broadcast(packed[o]);
#pragma GCC unroll 4
          for (std::size_t v = 0; v < Vectors; ++v) sum[o][v] = Vector::fma(weight, value[v], sum[o][v]);
        }
      }
    }
  }
#pragma GCC unroll 4
  for (std::size_t o = 0; o < Width; ++o) {
#pragma GCC unroll 4
    for (std::size_t v = 0; v < Vectors; ++v) sum[o][v].store(out + o * out_plane + v * Vector::kWidth);
  }
}

/// One row of `out`, all channels: column tiles outside, so that a tile's input stays in the first-level cache while
/// every channel block reads it.
template <class Vector>
void convolve_row(std::size_t kernel, const float* packed, const float* bias, const FieldLayout& in_layout,
                  const float* in, const FieldLayout& out_layout, float* out) {
  constexpr std::size_t kVectors = 3;  // × 4 channels = 12 sums, which hide the latency of fma
  const auto columns = [&](auto vectors, std::size_t column) {
    for_channel_blocks(out_layout.channels, [&](std::size_t first, auto width) {
      convolution_tile<Vector, width(), vectors()>(kernel, in_layout, in + column,
                                                   packed + first * in_layout.channels * kernel * kernel,
                                                   bias != nullptr ? bias + first : nullptr, out_layout.plane_floats(),
                                                   out + first * out_layout.plane_floats() + column);
    });
  };
  std::size_t column = 0;
  for (; column + kVectors * Vector::kWidth <= out_layout.columns(); column += kVectors * Vector::kWidth) {
    columns(std::integral_constant<std::size_t, kVectors>{}, column);
  }
  for (; column < out_layout.columns(); column += Vector::kWidth) {
    columns(std::integral_constant<std::size_t, 1>{}, column);
  }
}

/// All rows of `out`, margins included: row r reads rows r … r + kernel − 1 of `in`.
template <class Vector>
void convolve_rows(std::size_t kernel, const float* packed, const float* bias, const Field& in, Field& out) {
  for (std::size_t row = 0; row < out.layout().rows(); ++row) {
    convolve_row<Vector>(kernel, packed, bias, in.layout(), in.data() + row * in.layout().row_floats(), out.layout(),
                         out.data() + row * out.layout().row_floats());
  }
}

/// Adds `rows` rows to the lanes of Width output channels × Taps neighbouring kx; lanes of an output channel lie
/// `lane_stride` apart, those of a kx 16 apart.
template <class Vector, std::size_t Width, std::size_t Taps>
inline void weight_gradient_tile(std::size_t rows, const FieldLayout& in_layout, const float* in,
                                 const FieldLayout& out_layout, const float* derivative, std::size_t lane_stride,
                                 float* lanes) {
  const std::size_t columns = out_layout.columns();
  const std::size_t plane = out_layout.plane_floats();
  const std::size_t in_step = in_layout.row_floats();
  const std::size_t out_step = out_layout.row_floats();
  for (std::size_t part = 0; part < kLanes; part += Vector::kWidth) {  // the lanes are split over narrower vectors
    Vector sum[Width][Taps];
#pragma GCC unroll 4
    for (std::size_t o = 0; o < Width; ++o) {
#pragma GCC unroll 4
      for (std::size_t k = 0; k < Taps; ++k) sum[o][k] = Vector::load(lanes + o * lane_stride + k * kLanes + part);
    }
    const float* in_row = in;
    const float* out_row = derivative;
    for (std::size_t row = 0; row < rows; ++row, in_row += in_step, out_row += out_step) {
      for (std::size_t column = part; column < columns; column += kLanes) {
        Vector value[Taps];
#pragma GCC unroll 4
        for (std::size_t k = 0; k < Taps; ++k) value[k] = Vector::load(in_row + column + k);
#pragma GCC unroll 4
        for (std::size_t o = 0; o < Width; ++o) {
          const Vector slope = Vector::load(out_row + o * plane + column);
#pragma GCC unroll 4
          for (std::size_t k = 0; k < Taps; ++k) sum[o][k] = Vector::fma(slope, value[k], sum[o][k]);
        }
      }
    }
#pragma GCC unroll 4
    for (std::size_t o = 0; o < Width; ++o) {
#pragma GCC unroll 4
      for (std::size_t k = 0; k < Taps; ++k) sum[o][k].store(lanes + o * lane_stride + k * kLanes + part);
    }
  }
}

/// `lanes` ([out][in][ky][kx][16]) += the products of one sample.
template <class Vector>
void add_weight_lanes(const ConvolutionShape& shape, const Field& in, const Field& derivative, float* lanes) {
  constexpr std::size_t kRows = 8;  // of four channels fit into the first-level cache beside the input
  const FieldLayout& in_layout = in.layout();
  const FieldLayout& out_layout = derivative.layout();
  const std::size_t lane_stride = shape.in_channels * shape.kernel * shape.kernel * kLanes;
  for (std::size_t row = 0; row < shape.latitudes; row += kRows) {
    const std::size_t rows = std::min(kRows, shape.latitudes - row);
    for (std::size_t channel = 0; channel < shape.in_channels; ++channel) {
      for_channel_blocks(shape.out_channels, [&](std::size_t first, auto width) {
        const float* slope = derivative.row(first, row);
        for (std::size_t ky = 0; ky < shape.kernel; ++ky) {
          const float* values = in.data() + channel * in_layout.plane_floats() + (row + ky) * in_layout.row_floats();
          float* sums = lanes + first * lane_stride + (channel * shape.kernel + ky) * shape.kernel * kLanes;
          for_tap_groups(shape.kernel, [&](std::size_t kx, auto taps) {
            weight_gradient_tile<Vector, width(), taps()>(rows, in_layout, values + kx, out_layout, slope, lane_stride,
                                                          sums + kx * kLanes);
          });
        }
      });
    }
  }
}

/// The sum of one channel of `derivative`, in 16 lanes.
template <class Vector>
float sum_channel(const Field& derivative, std::size_t channel) {
  constexpr std::size_t kParts = kLanes / Vector::kWidth;
  Vector sum[kParts];
  for (Vector& part : sum) part = Vector::broadcast(0.0F);
  for (std::size_t latitude = 0; latitude < derivative.layout().latitudes; ++latitude) {
    const float* row = derivative.row(channel, latitude);
    for (std::size_t column = 0; column < derivative.layout().columns(); column += kLanes) {
      for (std::size_t part = 0; part < kParts; ++part) {
        sum[part] = Vector::add(sum[part], Vector::load(row + column + part * Vector::kWidth));
      }
    }
  }
  std::array<float, kLanes> lanes;
  for (std::size_t part = 0; part < kParts; ++part) sum[part].store(lanes.data() + part * Vector::kWidth);
  return join_lanes(lanes);
}

}  // namespace fulmar::models::kernels
