#include "models/kernels/convolution.hpp"

#include <algorithm>
#include <array>

#include "models/kernels/convolution_tiles.hpp"
#include "models/kernels/vector.hpp"

namespace fulmar::models::kernels {
namespace {

/// Writes weight(output, input, ky, kx) in the order that convolution_tile() reads.
template <class Weight>
void pack(std::size_t outputs, std::size_t inputs, std::size_t kernel, float* packed, Weight&& weight) {
  for_channel_blocks(outputs, [&](std::size_t first, auto width) {
    for (std::size_t input = 0; input < inputs; ++input) {
      for (std::size_t ky = 0; ky < kernel; ++ky) {
        for (std::size_t kx = 0; kx < kernel; ++kx) {
          for (std::size_t o = 0; o < width(); ++o) *packed++ = weight(first + o, input, ky, kx);
        }
      }
    }
  });
}

void add_row(const float* from, std::size_t count, float* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] += from[i];
}

/// Replicated rows are copies of an edge row, so their derivatives belong to it.
void fold_latitudes(Field& derivative) {
  const FieldLayout& layout = derivative.layout();
  const std::size_t row_floats = layout.row_floats();
  for (std::size_t channel = 0; channel < layout.channels; ++channel) {
    float* first = derivative.row(channel, 0);
    float* last = derivative.row(channel, layout.latitudes - 1);
    for (std::size_t distance = 1; distance <= layout.margin; ++distance) {
      add_row(first - distance * row_floats, layout.longitudes, first);
      add_row(last + distance * row_floats, layout.longitudes, last);
    }
  }
}

}  // namespace

void pack_weights(const ConvolutionShape& shape, const float* weights, float* packed) {
  const std::size_t k = shape.kernel;
  pack(shape.out_channels, shape.in_channels, k, packed,
       [&](std::size_t out, std::size_t in, std::size_t ky, std::size_t kx) {
         return weights[((out * shape.in_channels + in) * k + ky) * k + kx];
       });
}

void pack_weights_for_derivative(const ConvolutionShape& shape, const float* weights, float* packed) {
  const std::size_t k = shape.kernel;
  pack(shape.in_channels, shape.out_channels, k, packed,
       [&](std::size_t in, std::size_t out, std::size_t ky, std::size_t kx) {
         return weights[((out * shape.in_channels + in) * k + (k - 1 - ky)) * k + (k - 1 - kx)];
       });
}

void convolve(const ConvolutionShape& shape, const float* packed, const float* bias, const Field& in, Field& out) {
  convolve_rows<NativeVector>(shape.kernel, packed, bias, in, out);
}

void convolve_derivative(const ConvolutionShape& shape, const float* packed, const Field& out_derivative,
                         Field& in_derivative) {
  convolve_rows<NativeVector>(shape.kernel, packed, nullptr, out_derivative, in_derivative);
  fold_latitudes(in_derivative);
}

void add_weight_gradient(const ConvolutionShape& shape, const Field& in, const Field& out_derivative, float* lanes,
                         float* gradient) {
  std::fill_n(lanes, shape.weights() * kLanes, 0.0F);
  add_weight_lanes<NativeVector>(shape, in, out_derivative, lanes);
  for (std::size_t weight = 0; weight < shape.weights(); ++weight) {
    std::array<float, kLanes> sum;
    std::copy_n(lanes + weight * kLanes, kLanes, sum.begin());
    gradient[weight] += join_lanes(sum);
  }
}

void add_bias_gradient(const Field& out_derivative, float* gradient) {
  for (std::size_t channel = 0; channel < out_derivative.layout().channels; ++channel) {
    gradient[channel] += sum_channel<NativeVector>(out_derivative, channel);
  }
}

}  // namespace fulmar::models::kernels
