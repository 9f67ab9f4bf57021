// What a slot computes: the gradient of a training leaf, the loss of a validation leaf. Pure in the sense of
// ARCHITECTURE: the result is a function of (weights, unit, leaf, seed) alone.
// Thread rule: a Computation belongs to one slot.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "runtime/core/attempt.hpp"
#include "runtime/core/run_shape.hpp"

namespace fulmar::actors {

struct LeafResult {
  double loss_sum = 0;
  double weight_sum = 0;
  bool finite = true;  ///< loss and every element of the gradient
};

class Computation {
 public:
  virtual ~Computation() = default;
  /// Leaf `leaf` of unit `unit`. Overwrites `gradient`. A sample that cannot be loaded, and whatever a model throws,
  /// leaves as an exception: it costs the slot its life, and the supervisor sees it.
  virtual LeafResult gradient(std::span<const float> weights, core::Unit unit, std::uint64_t leaf,
                              std::span<float> gradient) = 0;
  virtual LeafResult validation_loss(std::span<const float> weights, std::uint64_t leaf) = 0;
};

/// Makes a slot's Computation, on the slot's own thread.
using ComputationFactory = std::function<std::unique_ptr<Computation>()>;

}  // namespace fulmar::actors
