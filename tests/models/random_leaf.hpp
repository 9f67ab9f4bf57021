// A leaf of random samples for a model, with a mask and uneven area weights; what follows the real samples is padding.
#pragma once

#include <cstdint>
#include <limits>
#include <vector>

#include "models/kernels/field.hpp"
#include "models/model.hpp"
#include "tests/models/naive_network.hpp"

namespace fulmar::models {

struct RandomLeaf {
  RandomLeaf(const FieldShape& in, const FieldShape& out, std::size_t leaf_size, std::size_t real)
      : input(naive::random_floats(101, leaf_size * in.size())),
        target(naive::random_floats(102, leaf_size * out.size())),
        mask(leaf_size * out.size(), 1) {
    for (std::size_t i = 0; i < mask.size(); i += 3) mask[i] = 0;
    for (std::size_t y = 0; y < out.latitudes; ++y) {
      area_weight.push_back(y == 0 ? 0.0F : 0.01F * static_cast<float>(y));
    }
    for (std::size_t s = 0; s < real; ++s) samples.push_back(1000 + 17 * s);
  }

  Batch batch() const { return {input, target, mask, area_weight, samples}; }

  std::vector<float> input, target, area_weight;
  std::vector<std::uint8_t> mask;
  std::vector<std::uint64_t> samples;
};

/// What gradient() gave.
struct GradientResult {
  LeafSums sums;
  std::vector<float> gradient;
};

/// Parameters as a run would start with.
inline std::vector<float> initial_parameters(const Model& model, std::uint64_t seed = 5) {
  std::vector<float> parameters(model.layout().size());
  model.initialize(seed, parameters);
  return parameters;
}

inline GradientResult compute_gradient(Model& model, std::span<const float> parameters, const Batch& batch,
                                       std::uint64_t seed = 3, std::uint64_t version = 4) {
  kernels::AlignedBuffer aligned(model.layout().size());
  const std::span<float> gradient(aligned.data(), aligned.size());
  for (float& value : gradient) value = std::numeric_limits<float>::quiet_NaN();  // it is to be overwritten
  const LeafSums sums = model.gradient(parameters, batch, seed, version, gradient);
  return {sums, {gradient.begin(), gradient.end()}};
}

}  // namespace fulmar::models
