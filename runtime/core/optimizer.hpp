// Optimizers as PyTorch defines them (torch.optim, documentation of SGD, Adam, AdamW), one pass over a chunk:
// scale, clip, step and the new weights. Element by element in float32 with explicit operations, so the bits do not
// depend on the vector width, on where a chunk starts, or on the number of shards.
// Thread rule: pure functions over the caller's buffers.
//
// OPT-1: the new value of an element depends on that element's weight, gradient, state and the step's constants alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/core/schedule.hpp"

namespace fulmar::core {

enum class OptimizerKind { sgd, momentum, adam, adamw };

/// What is done about gradients of older weights; nothing by default, and nothing to an update that is not stale.
struct StalenessRemedies {
  /// The learning rate is divided by 1 + staleness (Zhang, Gupta, Lian and Liu, "Staleness-aware async-SGD for
  /// distributed deep learning", IJCAI 2016, who divide by the staleness, counted from 1).
  bool scale_learning_rate = false;
  /// λ of delay compensation: g + λ g ⊙ g ⊙ (w − w_base), of the mean, clipped gradient g (Zheng et al., "Asynchronous
  /// stochastic gradient descent with delay compensation", ICML 2017: DC-ASGD-c). 0: none. Shards then keep each base
  /// until the last update from it is in.
  double delay_compensation = 0;
};

struct OptimizerSettings {
  OptimizerKind kind = OptimizerKind::adam;
  ScheduleSettings schedule;
  double momentum = 0.9;  ///< momentum: PyTorch's SGD with momentum, dampening 0, no Nesterov
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 0.0;  ///< adam: L2 added to the gradient; adamw: decoupled; sgd, momentum: L2
  double clip_norm = 0.0;     ///< clip the global gradient norm to this; 0: no clipping
  StalenessRemedies remedies;
};

/// State vectors that an optimizer keeps per parameter: sgd 0, momentum 1, adam and adamw 2.
std::size_t state_vectors(OptimizerKind kind);
/// Their names in optimizer.safetensors: "momentum_buffer"; "exp_avg", "exp_avg_sq".
const char* state_name(OptimizerKind kind, std::size_t index);

/// The constants of one update, computed once in double and used for every chunk of every shard.
struct StepConstants {
  float gradient_scale = 1;  ///< 1 / weight sum, times the clip factor
  float learning_rate = 0;
  float weight_decay = 0;
  float momentum = 0;
  float beta1 = 0, beta2 = 0, one_minus_beta1 = 0, one_minus_beta2 = 0;
  float step_size = 0;              ///< adam: learning_rate / (1 − beta1^t)
  float bias_correction2_sqrt = 1;  ///< adam: sqrt(1 − beta2^t)
  float decay_factor = 1;           ///< adamw: 1 − learning_rate · weight_decay
  float epsilon = 0;
  bool first = false;            ///< t = 1: momentum's buffer starts as the gradient
  float delay_compensation = 0;  ///< λ; 0 where the update is not stale
};

/// `updates`: how many were applied before this one (t − 1). `weight_sum` > 0. `squared_norm`: of the gradient *sum*.
/// `staleness`: how many were applied since the weights that the gradient was computed from.
StepConstants step_constants(const OptimizerSettings& settings, std::uint64_t updates, double weight_sum,
                             double squared_norm, std::uint64_t staleness = 0);

/// One update of one chunk. All spans have the same length. `state_in`/`state_out`: state_vectors() spans each;
/// in and out may be the same memory (in place) or not (when somebody still holds the old one). `base_weights`: those
/// that the gradient was computed from; used, and needed, only where constants.delay_compensation is not 0.
void optimizer_step(OptimizerKind kind, const StepConstants& constants, std::span<const float> gradient,
                    std::span<const float> weights_in, std::span<float> weights_out,
                    std::span<const std::span<const float>> state_in, std::span<const std::span<float>> state_out,
                    std::span<const float> base_weights = {});

}  // namespace fulmar::core
