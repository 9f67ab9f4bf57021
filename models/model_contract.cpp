#include "models/model_contract.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "runtime/vocabulary/assert.hpp"
#include "runtime/vocabulary/random.hpp"

namespace fulmar::models {
namespace {

void check_size(const char* what, std::size_t found, std::size_t expected) {
  FULMAR_ASSERT(found == expected, std::string(what) + " has " + std::to_string(found) + " elements instead of " +
                                       std::to_string(expected));
}

}  // namespace

void check_batch(const Batch& batch, const FieldShape& input, const FieldShape& output, std::size_t leaf_size) {
  FULMAR_ASSERT(batch.samples.size() <= leaf_size,
                std::to_string(batch.samples.size()) + " samples in a leaf of " + std::to_string(leaf_size));
  check_size("the batch's input", batch.input.size(), leaf_size * input.size());
  check_size("the batch's target", batch.target.size(), leaf_size * output.size());
  check_size("the area weight", batch.area_weight.size(), output.latitudes);
  if (!batch.mask.empty()) check_size("the batch's mask", batch.mask.size(), batch.target.size());
}

void check_vector(std::span<const float> vector, const ParameterLayout& layout) {
  check_size("the parameter or gradient vector", vector.size(), layout.size());
}

std::size_t samples_to_predict(std::span<const float> input, std::span<const float> output,
                               const FieldShape& input_shape, const FieldShape& output_shape) {
  const std::size_t samples = input.size() / input_shape.size();
  check_size("the input to predict from", input.size(), samples * input_shape.size());
  check_size("the output to predict into", output.size(), samples * output_shape.size());
  return samples;
}

void initialize_uniform(const ParameterLayout& layout, std::span<const std::size_t> fan_in, std::uint64_t seed,
                        std::span<float> parameters) {
  check_vector(parameters, layout);
  for (std::size_t t = 0; t < layout.tensors().size(); ++t) {
    const TensorSpec& tensor = layout.tensors()[t];
    const RandomStream stream(seed, Purpose::initial_weights, 0, t);
    const float bound = static_cast<float>(1.0 / std::sqrt(static_cast<double>(fan_in[t])));
    for (std::size_t i = 0; i < tensor.size; ++i) {
      parameters[tensor.offset + i] = std::fma(2.0F * stream.uniform(i), bound, -bound);
    }
  }
  layout.clear_padding(parameters);
}

const std::uint8_t* sample_mask(const Batch& batch, std::size_t sample, const FieldShape& output) {
  return batch.mask.empty() ? nullptr : batch.mask.data() + sample * output.size();
}

}  // namespace fulmar::models
