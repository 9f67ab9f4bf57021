// The truth that the models are held against: the same definitions, written as plainly as possible, in double, with
// explicit wrapping and clamping. Nothing of models/ computes here.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "models/model.hpp"
#include "runtime/vocabulary/random.hpp"

namespace fulmar::models::naive {

using Numbers = std::vector<double>;

/// Uniform in [−1, 1): number i of sequence `which`.
inline std::vector<float> random_floats(std::uint64_t which, std::size_t count) {
  const RandomStream stream(99, Purpose::simulation, 0, which);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = 2.0F * stream.uniform(i) - 1.0F;
  return values;
}

inline Numbers to_double(std::span<const float> values) {
  return {values.begin(), values.end()};
}

struct Convolution {
  std::size_t in, out, kernel, latitudes, longitudes;

  std::size_t points() const { return latitudes * longitudes; }

  /// The source point of output (y, x) under tap (ky, kx): longitude wraps, latitude clamps.
  std::size_t source(std::size_t y, std::size_t x, std::size_t ky, std::size_t kx) const {
    const auto shifted = [&](std::size_t at, std::size_t tap) {
      return static_cast<std::ptrdiff_t>(at + tap) - static_cast<std::ptrdiff_t>(kernel / 2);
    };
    const auto rows = static_cast<std::ptrdiff_t>(latitudes);
    const auto columns = static_cast<std::ptrdiff_t>(longitudes);
    const std::ptrdiff_t row = std::clamp<std::ptrdiff_t>(shifted(y, ky), 0, rows - 1);
    const std::ptrdiff_t column = ((shifted(x, kx) % columns) + columns) % columns;
    return static_cast<std::size_t>(row * columns + column);
  }

  Numbers forward(const double* weights, const double* bias, const Numbers& input) const {
    Numbers output(out * points());
    for (std::size_t o = 0; o < out; ++o) {
      for (std::size_t y = 0; y < latitudes; ++y) {
        for (std::size_t x = 0; x < longitudes; ++x) {
          double sum = bias[o];
          for (std::size_t i = 0; i < in; ++i) {
            for (std::size_t ky = 0; ky < kernel; ++ky) {
              for (std::size_t kx = 0; kx < kernel; ++kx) {
                sum += weights[((o * in + i) * kernel + ky) * kernel + kx] * input[i * points() + source(y, x, ky, kx)];
              }
            }
          }
          output[o * points() + y * longitudes + x] = sum;
        }
      }
    }
    return output;
  }
};

inline double activated(Activation activation, double x) {
  switch (activation) {
    case Activation::relu:
      return x > 0 ? x : 0;
    case Activation::elu:
      return x > 0 ? x : std::expm1(x);
    case Activation::tanh:
      break;
  }
  return std::tanh(x);
}

/// Whether element `element` of hidden layer `layer` is dropped: DROPOUT-1, one word at a time.
inline bool dropped(const RandomStream& stream, std::size_t layer, std::size_t element, double probability) {
  const std::size_t word = element / 2;
  const auto block = stream.words((std::uint64_t{layer} << 32) + word / 4);
  const std::uint32_t half = (block[word % 4] >> (16 * (element % 2))) & 0xffff;
  return half < static_cast<std::uint32_t>(probability * 65536 + 0.5);
}

/// The whole cnn for one sample; `stream` null: evaluation mode.
inline Numbers cnn(const ModelSpec& spec, const ParameterLayout& layout, const FieldShape& input_shape,
                   const FieldShape& output_shape, const Numbers& parameters, Numbers values,
                   const RandomStream* stream) {
  std::size_t in = input_shape.channels;
  for (std::size_t l = 0; l <= spec.channels.size(); ++l) {
    const bool hidden = l < spec.channels.size();
    const Convolution convolution{in, hidden ? spec.channels[l] : output_shape.channels, spec.kernel,
                                  input_shape.latitudes, input_shape.longitudes};
    values = convolution.forward(parameters.data() + layout.tensors()[2 * l].offset,
                                 parameters.data() + layout.tensors()[2 * l + 1].offset, values);
    in = convolution.out;
    if (!hidden) break;
    for (std::size_t e = 0; e < values.size(); ++e) {
      values[e] = activated(spec.activation, values[e]);
      const bool before_last = l + 1 == spec.channels.size();
      if (stream == nullptr || spec.dropout == 0 || !before_last) continue;
      const double rounded = std::floor(spec.dropout * 65536 + 0.5) / 65536;
      values[e] = dropped(*stream, l, e, spec.dropout) ? 0 : values[e] / (1 - rounded);
    }
  }
  return values;
}

inline Numbers linear(const ParameterLayout& layout, const Numbers& parameters, const Numbers& input) {
  const TensorSpec& weight = layout.tensors()[0];
  const TensorSpec& bias = layout.tensors()[1];
  Numbers output(bias.size);
  for (std::size_t o = 0; o < bias.size; ++o) {
    output[o] = parameters[bias.offset + o];
    for (std::size_t i = 0; i < input.size(); ++i)
      output[o] += parameters[weight.offset + o * input.size() + i] * input[i];
  }
  return output;
}

/// Σ area_weight · (prediction − target)² / channels over the counted elements of sample `sample`.
inline double loss(const FieldShape& shape, const Numbers& prediction, const Batch& batch, std::size_t sample) {
  double sum = 0;
  for (std::size_t e = 0; e < shape.size(); ++e) {
    const std::size_t at = sample * shape.size() + e;
    if (!batch.mask.empty() && batch.mask[at] == 0) continue;
    const double error = prediction[e] - static_cast<double>(batch.target[at]);
    const std::size_t latitude = e / shape.longitudes % shape.latitudes;
    sum += static_cast<double>(batch.area_weight[latitude]) * error * error;
  }
  return sum / static_cast<double>(shape.channels);
}

/// The loss of a leaf of `model`, made from `spec`; training: with dropout.
inline double leaf_loss(const Model& model, const ModelSpec& spec, const Numbers& parameters, const Batch& batch,
                        bool training, std::uint64_t seed = 0, std::uint64_t version = 0) {
  double sum = 0;
  const std::size_t floats = model.input_shape().size();
  for (std::size_t s = 0; s < batch.samples.size(); ++s) {
    const RandomStream stream(seed, Purpose::dropout, version, batch.samples[s]);
    const Numbers input = to_double(batch.input.subspan(s * floats, floats));
    const Numbers prediction = spec.kind == "linear"
                                   ? linear(model.layout(), parameters, input)
                                   : cnn(spec, model.layout(), model.input_shape(), model.output_shape(), parameters,
                                         input, training ? &stream : nullptr);
    sum += loss(model.output_shape(), prediction, batch, s);
  }
  return sum;
}

/// (f(x + h) − f(x − h)) / 2h for element `at` of `x`.
template <class Function>
double central_difference(Numbers x, std::size_t at, double h, Function&& f) {
  const double value = x[at];
  x[at] = value + h;
  const double above = f(x);
  x[at] = value - h;
  return (above - f(x)) / (2 * h);
}

}  // namespace fulmar::models::naive
