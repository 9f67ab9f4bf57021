#include "models/cnn.hpp"

#include <algorithm>
#include <string>

#include "models/kernels/activation.hpp"
#include "models/loss.hpp"
#include "models/model_contract.hpp"

namespace fulmar::models {
namespace {

using kernels::AlignedBuffer;
using kernels::ConvolutionShape;
using kernels::Field;

/// The place of convolution `layer` in the Sequential: activations lie between, and one dropout before the last.
std::size_t module_index(std::size_t layer, std::size_t layers) {
  const bool behind_dropout = layer > 0 && layer + 1 == layers;
  return 2 * layer + (behind_dropout ? 1 : 0);
}

void copy_interior(const Field& from, Field& to) {
  for (std::size_t channel = 0; channel < from.layout().channels; ++channel) {
    for (std::size_t latitude = 0; latitude < from.layout().latitudes; ++latitude) {
      std::copy_n(from.row(channel, latitude), from.layout().longitudes, to.row(channel, latitude));
    }
  }
}

}  // namespace

Cnn::Layer::Layer(const ConvolutionShape& of)
    : shape(of),
      packed(of.weights()),
      packed_derivative(of.weights()),
      input(of.input()),
      output(of.output()),
      output_derivative(of.output()),
      wrapped_derivative(of.output_derivative()),
      input_derivative(of.input_derivative()) {}

Cnn::Cnn(const ModelSpec& spec, const FieldShape& input, const FieldShape& output, std::size_t leaf_size)
    : input_(input), output_(output), leaf_size_(leaf_size), activation_(spec.activation), dropout_(spec.dropout) {
  std::vector<std::size_t> channels = spec.channels;
  channels.push_back(output.channels);
  std::size_t in = input.channels;
  std::size_t most_weights = 0;
  for (std::size_t l = 0; l < channels.size(); ++l) {
    const ConvolutionShape shape{in, channels[l], spec.kernel, input.latitudes, input.longitudes};
    const std::string name = std::to_string(module_index(l, channels.size()));
    layout_.add(name + ".weight", {channels[l], in, spec.kernel, spec.kernel});
    layout_.add(name + ".bias", {channels[l]});
    Layer& layer = layers_.emplace_back(shape);
    layer.weight_offset = layout_.tensors()[2 * l].offset;
    layer.bias_offset = layout_.tensors()[2 * l + 1].offset;
    if (dropout_.active() && l + 2 == channels.size()) {
      layer.dropout_decisions.resize(channels[l] * input.latitudes * input.longitudes);
    }
    most_weights = std::max(most_weights, shape.weights());
    in = channels[l];
  }
  weight_lanes_ = AlignedBuffer(most_weights * kernels::kLanes);
}

void Cnn::initialize(std::uint64_t seed, std::span<float> parameters) const {
  std::vector<std::size_t> fan_in;
  for (const Layer& layer : layers_) {
    fan_in.insert(fan_in.end(), 2, layer.shape.in_channels * layer.shape.kernel * layer.shape.kernel);
  }
  initialize_uniform(layout_, fan_in, seed, parameters);
}

LeafSums Cnn::gradient(std::span<const float> parameters, const Batch& batch, std::uint64_t seed, std::uint64_t version,
                       std::span<float> gradient) {
  check_vector(parameters, layout_);
  check_vector(gradient, layout_);
  check_batch(batch, input_, output_, leaf_size_);
  pack(parameters);
  std::fill(gradient.begin(), gradient.end(), 0.0F);
  LeafSums sums;
  for (std::size_t sample = 0; sample < batch.samples.size(); ++sample) {
    const RandomStream stream(seed, Purpose::dropout, version, batch.samples[sample]);
    forward(parameters, batch.input.data() + sample * input_.size(), dropout_.active() ? &stream : nullptr);
    const LeafSums of_sample = sample_loss(batch, sample, true);
    sums.loss_sum += of_sample.loss_sum;
    sums.weight_sum += of_sample.weight_sum;
    backward(gradient);
  }
  return sums;
}

LeafSums Cnn::loss(std::span<const float> parameters, const Batch& batch) {
  check_vector(parameters, layout_);
  check_batch(batch, input_, output_, leaf_size_);
  pack(parameters);
  LeafSums sums;
  for (std::size_t sample = 0; sample < batch.samples.size(); ++sample) {
    forward(parameters, batch.input.data() + sample * input_.size(), nullptr);
    const LeafSums of_sample = sample_loss(batch, sample, false);
    sums.loss_sum += of_sample.loss_sum;
    sums.weight_sum += of_sample.weight_sum;
  }
  return sums;
}

void Cnn::predict(std::span<const float> parameters, std::span<const float> input, std::span<float> output) {
  check_vector(parameters, layout_);
  pack(parameters);
  const std::size_t samples = samples_to_predict(input, output, input_, output_);
  const Field& prediction = layers_.back().output;
  float* out = output.data();
  for (std::size_t sample = 0; sample < samples; ++sample) {
    forward(parameters, input.data() + sample * input_.size(), nullptr);
    for (std::size_t channel = 0; channel < output_.channels; ++channel) {
      for (std::size_t latitude = 0; latitude < output_.latitudes; ++latitude) {
        out = std::copy_n(prediction.row(channel, latitude), output_.longitudes, out);
      }
    }
  }
}

void Cnn::pack(std::span<const float> parameters) {
  for (Layer& layer : layers_) {
    const float* weights = parameters.data() + layer.weight_offset;
    kernels::pack_weights(layer.shape, weights, layer.packed.data());
    kernels::pack_weights_for_derivative(layer.shape, weights, layer.packed_derivative.data());
  }
}

void Cnn::forward(std::span<const float> parameters, const float* input, const RandomStream* dropout_stream) {
  layers_.front().input.assign(input);
  for (std::size_t l = 0; l < layers_.size(); ++l) {
    Layer& layer = layers_[l];
    layer.input.wrap_longitudes();
    layer.input.replicate_latitudes();
    kernels::convolve(layer.shape, layer.packed.data(), parameters.data() + layer.bias_offset, layer.input,
                      layer.output);
    if (l + 1 < layers_.size()) activate_into(layer, l, dropout_stream, layers_[l + 1]);
  }
}

void Cnn::activate_into(Layer& layer, std::size_t index, const RandomStream* dropout_stream, Layer& next) {
  kernels::activate(activation_, layer.output.data(), layer.output.layout().size());
  if (dropout_stream == nullptr || layer.dropout_decisions.empty()) return copy_interior(layer.output, next.input);
  dropout_.draw(*dropout_stream, index, layer.dropout_decisions);
  const std::size_t longitudes = layer.shape.longitudes;
  std::span<const std::uint16_t> decisions = layer.dropout_decisions;
  for (std::size_t channel = 0; channel < layer.shape.out_channels; ++channel) {
    for (std::size_t latitude = 0; latitude < layer.shape.latitudes; ++latitude) {
      dropout_.apply(decisions.first(longitudes), layer.output.row(channel, latitude),
                     next.input.row(channel, latitude));
      decisions = decisions.subspan(longitudes);
    }
  }
}

LeafSums Cnn::sample_loss(const Batch& batch, std::size_t sample, bool with_derivative) {
  Layer& last = layers_.back();
  return area_weighted_squared_error(output_, last.output.data(), last.output.layout().row_floats(),
                                     batch.target.data() + sample * output_.size(), sample_mask(batch, sample, output_),
                                     batch.area_weight, with_derivative ? last.output_derivative.data() : nullptr);
}

void Cnn::backward(std::span<float> gradient) {
  for (std::size_t l = layers_.size(); l-- > 0;) {
    Layer& layer = layers_[l];
    kernels::add_weight_gradient(layer.shape, layer.input, layer.output_derivative, weight_lanes_.data(),
                                 gradient.data() + layer.weight_offset);
    kernels::add_bias_gradient(layer.output_derivative, gradient.data() + layer.bias_offset);
    if (l == 0) return;  // nobody asks for the derivative of the data
    copy_interior(layer.output_derivative, layer.wrapped_derivative);
    layer.wrapped_derivative.wrap_longitudes();
    kernels::convolve_derivative(layer.shape, layer.packed_derivative.data(), layer.wrapped_derivative,
                                 layer.input_derivative);
    derive_through_activation(layers_[l - 1], layer);
  }
}

void Cnn::derive_through_activation(Layer& layer, const Layer& next) {
  const std::size_t longitudes = layer.shape.longitudes;
  std::span<const std::uint16_t> decisions = layer.dropout_decisions;
  for (std::size_t channel = 0; channel < layer.shape.out_channels; ++channel) {
    for (std::size_t latitude = 0; latitude < layer.shape.latitudes; ++latitude) {
      const float* derivative = next.input_derivative.row(channel, latitude);
      float* out = layer.output_derivative.row(channel, latitude);
      if (!decisions.empty()) {
        dropout_.apply(decisions.first(longitudes), derivative, out);
        decisions = decisions.subspan(longitudes);
        derivative = out;
      }
      kernels::activation_derivative(activation_, layer.output.row(channel, latitude), derivative, longitudes, out);
    }
  }
}

}  // namespace fulmar::models
