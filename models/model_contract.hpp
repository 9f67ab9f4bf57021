// What all models share: the demands on their arguments (a violation is the caller's error and aborts) and the
// distribution of their initial weights.
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "models/model.hpp"

namespace fulmar::models {

/// The spans of `batch` have the sizes of a leaf of `leaf_size` samples.
void check_batch(const Batch& batch, const FieldShape& input, const FieldShape& output, std::size_t leaf_size);

/// `vector` has as many floats as `layout`.
void check_vector(std::span<const float> vector, const ParameterLayout& layout);

/// How many samples predict() was given; the two spans must agree.
std::size_t samples_to_predict(std::span<const float> input, std::span<const float> output,
                               const FieldShape& input_shape, const FieldShape& output_shape);

/// U(−1/√fan_in, 1/√fan_in) for every tensor of `layout`; number i of tensor t is uniform(i) of the stream (seed,
/// initial_weights, 0, t). `fan_in`: of each tensor. The padding becomes zero.
void initialize_uniform(const ParameterLayout& layout, std::span<const std::size_t> fan_in, std::uint64_t seed,
                        std::span<float> parameters);

/// The mask of one sample, or null where everything counts.
const std::uint8_t* sample_mask(const Batch& batch, std::size_t sample, const FieldShape& output);

}  // namespace fulmar::models
