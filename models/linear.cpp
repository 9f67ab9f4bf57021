#include "models/linear.hpp"

#include <algorithm>
#include <array>

#include "models/loss.hpp"
#include "models/model_contract.hpp"

namespace fulmar::models {

Linear::Linear(const FieldShape& input, const FieldShape& output, std::size_t leaf_size)
    : input_(input),
      output_(output),
      leaf_size_(leaf_size),
      shape_{input.size(), output.size()},
      prediction_(leaf_size * output.size()),
      derivative_(leaf_size * output.size()) {
  layout_.add("weight", {shape_.outputs, shape_.inputs});
  layout_.add("bias", {shape_.outputs});
}

void Linear::initialize(std::uint64_t seed, std::span<float> parameters) const {
  initialize_uniform(layout_, std::array{shape_.inputs, shape_.inputs}, seed, parameters);
}

LeafSums Linear::gradient(std::span<const float> parameters, const Batch& batch, std::uint64_t /*seed*/,
                          std::uint64_t /*version*/, std::span<float> gradient) {
  check_vector(gradient, layout_);
  const LeafSums sums = predict_and_compare(parameters, batch, true);
  kernels::dense_gradient(shape_, batch.samples.size(), batch.input.data(), derivative_.data(), gradient.data(),
                          gradient.data() + layout_.tensors()[1].offset);
  layout_.clear_padding(gradient);
  return sums;
}

LeafSums Linear::loss(std::span<const float> parameters, const Batch& batch) {
  return predict_and_compare(parameters, batch, false);
}

void Linear::predict(std::span<const float> parameters, std::span<const float> input, std::span<float> output) {
  check_vector(parameters, layout_);
  const std::size_t samples = samples_to_predict(input, output, input_, output_);
  kernels::dense(shape_, weights(parameters), bias(parameters), samples, input.data(), output.data());
}

LeafSums Linear::predict_and_compare(std::span<const float> parameters, const Batch& batch, bool with_derivative) {
  check_vector(parameters, layout_);
  check_batch(batch, input_, output_, leaf_size_);
  kernels::dense(shape_, weights(parameters), bias(parameters), batch.samples.size(), batch.input.data(),
                 prediction_.data());
  LeafSums sums;
  for (std::size_t sample = 0; sample < batch.samples.size(); ++sample) {
    const std::size_t first = sample * shape_.outputs;
    const LeafSums of_sample = area_weighted_squared_error(
        output_, prediction_.data() + first, output_.longitudes, batch.target.data() + first,
        sample_mask(batch, sample, output_), batch.area_weight, with_derivative ? derivative_.data() + first : nullptr);
    sums.loss_sum += of_sample.loss_sum;
    sums.weight_sum += of_sample.weight_sum;
  }
  return sums;
}

}  // namespace fulmar::models
