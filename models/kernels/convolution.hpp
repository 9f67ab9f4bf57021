// Two-dimensional convolution of fields that are periodic in longitude and replicated in latitude, and its derivatives.
//
// All three passes are direct: no im2col, no library. Weights are [out][in][kernel][kernel], as PyTorch's Conv2d.
// Thread rule: pure functions of their arguments.
//
// CONV-1: an output element of forward and backward_data is one chain of fma that starts from the bias (or 0) and runs
//         over (input channel, ky, kx) in that order.
// CONV-2: an element of the weight gradient is summed in 16 lanes (lane = longitude mod 16, rows padded with zeros to
//         whole groups of 16); a lane's chain of fma runs over (latitude, group); join_lanes() ends it.
// CONV-3: so the bits depend neither on the vector width nor on the register tile nor on alignment.
#pragma once

#include <cstddef>

#include "models/kernels/field.hpp"

namespace fulmar::models::kernels {

struct ConvolutionShape {
  std::size_t in_channels = 0;
  std::size_t out_channels = 0;
  std::size_t kernel = 1;  ///< odd
  std::size_t latitudes = 0;
  std::size_t longitudes = 0;

  std::size_t halo() const { return kernel / 2; }
  std::size_t weights() const { return in_channels * out_channels * kernel * kernel; }

  FieldLayout input() const { return {in_channels, latitudes, longitudes, halo(), halo()}; }
  FieldLayout output() const { return {out_channels, latitudes, longitudes, 0, 0}; }
  /// dL/d(output), wrapped in longitude, zero above and below.
  FieldLayout output_derivative() const { return {out_channels, latitudes, longitudes, halo(), 2 * halo()}; }
  /// dL/d(input), with the share of the replicated rows in its margins until fold_latitudes().
  FieldLayout input_derivative() const { return {in_channels, latitudes, longitudes, 0, halo()}; }
};

/// `packed` = `weights` in the order in which convolve() reads them: blocks of 4, 2 or 1 output channels, each
/// [in][ky][kx][output of the block].
void pack_weights(const ConvolutionShape& shape, const float* weights, float* packed);

/// The same for the derivative: input and output channels exchanged, the kernel turned by 180°.
void pack_weights_for_derivative(const ConvolutionShape& shape, const float* weights, float* packed);

/// `in`: layout input(), halo and margin filled. `out`: layout output(). bias: [out_channels].
void convolve(const ConvolutionShape& shape, const float* packed, const float* bias, const Field& in, Field& out);

/// `out_derivative`: layout output_derivative(), longitudes wrapped. `in_derivative`: layout input_derivative(); the
/// replicated rows are folded back into the edge rows, nearest first.
void convolve_derivative(const ConvolutionShape& shape, const float* packed, const Field& out_derivative,
                         Field& in_derivative);

/// Adds dL/d(weights) of one sample to `gradient` ([out][in][kernel][kernel]). `in` as for convolve();
/// `out_derivative`: layout output(), zero beyond the last longitude. `lanes`: scratch, 16 · shape.weights() floats.
void add_weight_gradient(const ConvolutionShape& shape, const Field& in, const Field& out_derivative, float* lanes,
                         float* gradient);

/// Adds dL/d(bias) of one sample to `gradient` ([out]); `out_derivative` as for add_weight_gradient().
void add_bias_gradient(const Field& out_derivative, float* gradient);

}  // namespace fulmar::models::kernels
