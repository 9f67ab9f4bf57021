// A stack of convolutions, periodic in longitude and replicated in latitude, with an activation after every hidden one
// and dropout before the last. Like PyTorch's Sequential(Conv2d, activation, …, Conv2d, activation, Dropout, Conv2d),
// whose names it has. Thread rule: belongs to one compute thread; nothing is allocated after construction.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "models/dropout.hpp"
#include "models/kernels/convolution.hpp"
#include "models/kernels/field.hpp"
#include "models/model.hpp"

namespace fulmar::models {

class Cnn final : public Model {
 public:
  /// `spec`, `input` and `output` were checked by make_model().
  Cnn(const ModelSpec& spec, const FieldShape& input, const FieldShape& output, std::size_t leaf_size);

  const ParameterLayout& layout() const override { return layout_; }
  FieldShape input_shape() const override { return input_; }
  FieldShape output_shape() const override { return output_; }
  void initialize(std::uint64_t seed, std::span<float> parameters) const override;
  LeafSums gradient(std::span<const float> parameters, const Batch& batch, std::uint64_t seed, std::uint64_t version,
                    std::span<float> gradient) override;
  LeafSums loss(std::span<const float> parameters, const Batch& batch) override;
  void predict(std::span<const float> parameters, std::span<const float> input, std::span<float> output) override;

 private:
  /// A convolution with the fields of the sample in hand.
  struct Layer {
    explicit Layer(const kernels::ConvolutionShape& shape);

    kernels::ConvolutionShape shape;
    std::size_t weight_offset = 0;
    std::size_t bias_offset = 0;
    kernels::AlignedBuffer packed;
    kernels::AlignedBuffer packed_derivative;
    kernels::Field input;               // halo filled
    kernels::Field output;              // activated in place where hidden
    kernels::Field output_derivative;   // dL/d(convolution's output)
    kernels::Field wrapped_derivative;  // the same, with the halo that convolve_derivative() reads
    kernels::Field input_derivative;
    std::vector<std::uint16_t> dropout_decisions;  // of the last hidden layer's activated output; else empty
  };

  void pack(std::span<const float> parameters);
  void forward(std::span<const float> parameters, const float* input, const RandomStream* dropout_stream);
  void activate_into(Layer& layer, std::size_t index, const RandomStream* dropout_stream, Layer& next);
  LeafSums sample_loss(const Batch& batch, std::size_t sample, bool with_derivative);
  void backward(std::span<float> gradient);
  void derive_through_activation(Layer& layer, const Layer& next);

  FieldShape input_;
  FieldShape output_;
  std::size_t leaf_size_;
  Activation activation_;
  Dropout dropout_;
  ParameterLayout layout_;
  std::vector<Layer> layers_;
  kernels::AlignedBuffer weight_lanes_;
};

}  // namespace fulmar::models
