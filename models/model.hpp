// A network as the runtime sees it: a flat vector of parameters in, a gradient sum out.
//
// Parameters and gradients cross as std::span<float>; their tensors lie at the offsets of the ParameterLayout, each
// aligned to 64 bytes, the padding between them always zero.
// Thread rule: a Model owns its workspace and belongs to one compute thread; the parameters may be shared, read only.
//
// MODEL-1: gradient() is a pure function of (parameters, batch, seed, version): no state survives it.
// MODEL-2: every output element has one defined chain of IEEE operations, independent of vector width, alignment,
//          cache sizes and of how many samples of the leaf are padding.
// MODEL-3: padding samples of a leaf are left out by selection, never by multiplying with zero.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "models/parameter_layout.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::models {

enum class Activation { relu, elu, tanh };

/// A field's extent: [channels][latitudes][longitudes], row major. A plain vector is {n, 1, 1}.
struct FieldShape {
  std::size_t channels = 0;
  std::size_t latitudes = 1;
  std::size_t longitudes = 1;
  std::size_t size() const { return channels * latitudes * longitudes; }
  bool operator==(const FieldShape&) const = default;
};

/// [model] of a run's config, as the user wrote it.
struct ModelSpec {
  std::string kind = "cnn";                      // linear | cnn
  std::vector<std::size_t> channels = {24, 24};  // hidden channels of the cnn; one convolution more than entries
  std::size_t kernel = 3;                        // odd
  Activation activation = Activation::relu;
  double dropout = 0.0;  // [0, 1): probability that a value of the last hidden layer is dropped while training
};

/// One leaf's samples. `input` is [leaf_size][input shape], `target` is [leaf_size][output shape].
struct Batch {
  std::span<const float> input;
  std::span<const float> target;
  std::span<const std::uint8_t> mask;      ///< like target, 1 = counts; empty: everything counts
  std::span<const float> area_weight;      ///< [output latitudes]: the weight of one point of that row
  std::span<const std::uint64_t> samples;  ///< ids of the real samples; the rest of the leaf is padding
};

/// Sums over the real samples of a leaf, in double, in a fixed order.
struct LeafSums {
  double loss_sum = 0;  ///< Σ area_weight · (prediction − target)² over counted elements, divided by output channels
  double weight_sum = 0;  ///< Σ area_weight over counted elements, divided by output channels
};

class Model {
 public:
  virtual ~Model() = default;

  virtual const ParameterLayout& layout() const = 0;
  virtual FieldShape input_shape() const = 0;
  virtual FieldShape output_shape() const = 0;

  /// The initial weights of a run: PyTorch's defaults, U(−1/√fan_in, 1/√fan_in) for weights and biases.
  /// `parameters`: layout().size() floats.
  virtual void initialize(std::uint64_t seed, std::span<float> parameters) const = 0;

  /// Forward in training mode, loss, backward. Overwrites `gradient` (layout().size() floats, 64-byte aligned) with the
  /// derivative of loss_sum. Dropout draws from (seed, dropout, version, sample).
  virtual LeafSums gradient(std::span<const float> parameters, const Batch& batch, std::uint64_t seed,
                            std::uint64_t version, std::span<float> gradient) = 0;

  /// Forward in evaluation mode (no dropout) of the batch's real samples, and the loss.
  virtual LeafSums loss(std::span<const float> parameters, const Batch& batch) = 0;

  /// Forward in evaluation mode. `input` is [n][input shape], `output` is [n][output shape]; any n.
  virtual void predict(std::span<const float> parameters, std::span<const float> input, std::span<float> output) = 0;
};

/// Makes the model of `spec` for leaves of `leaf_size` samples. Errors name the [model] key, the value and the remedy.
Result<std::unique_ptr<Model>> make_model(const ModelSpec& spec, const FieldShape& input, const FieldShape& output,
                                          std::size_t leaf_size);

}  // namespace fulmar::models
