// One dense map from the flattened input to the flattened output, like PyTorch's Linear, whose names it has.
// Thread rule: belongs to one compute thread; nothing is allocated after construction.
#pragma once

#include <cstdint>

#include "models/kernels/dense.hpp"
#include "models/kernels/field.hpp"
#include "models/model.hpp"

namespace fulmar::models {

class Linear final : public Model {
 public:
  /// `input` and `output` were checked by make_model().
  Linear(const FieldShape& input, const FieldShape& output, std::size_t leaf_size);

  const ParameterLayout& layout() const override { return layout_; }
  FieldShape input_shape() const override { return input_; }
  FieldShape output_shape() const override { return output_; }
  void initialize(std::uint64_t seed, std::span<float> parameters) const override;
  LeafSums gradient(std::span<const float> parameters, const Batch& batch, std::uint64_t seed, std::uint64_t version,
                    std::span<float> gradient) override;
  LeafSums loss(std::span<const float> parameters, const Batch& batch) override;
  void predict(std::span<const float> parameters, std::span<const float> input, std::span<float> output) override;

 private:
  const float* weights(std::span<const float> parameters) const { return parameters.data(); }
  const float* bias(std::span<const float> parameters) const { return parameters.data() + layout_.tensors()[1].offset; }
  LeafSums predict_and_compare(std::span<const float> parameters, const Batch& batch, bool with_derivative);

  FieldShape input_;
  FieldShape output_;
  std::size_t leaf_size_;
  kernels::DenseShape shape_;
  ParameterLayout layout_;
  kernels::AlignedBuffer prediction_;  // [leaf_size][outputs]
  kernels::AlignedBuffer derivative_;  // [leaf_size][outputs]
};

}  // namespace fulmar::models
