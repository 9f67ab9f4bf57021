#include "runtime/core/optimizer.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "runtime/vocabulary/assert.hpp"
#include "runtime/vocabulary/elementary.hpp"

// What the loops below need to become vector loops, none of which changes a bit of the result:
//  - ivdep: `in` and `out` may be the same memory, which the compiler would test for and then go element by element;
//  the
//    pragma says that no element depends on another one;
//  - the build rule -fno-math-errno: without it std::sqrt is a branch that may set errno.

namespace fulmar::core {
namespace {

static_assert(std::numeric_limits<float>::is_iec559 && std::numeric_limits<double>::is_iec559);

/// torch.nn.utils.clip_grad_norm_ of the mean gradient: min(1, clip_norm / (norm + 1e-6)).
double clip_factor(double clip_norm, double weight_sum, double squared_norm) {
  if (clip_norm <= 0) return 1.0;
  const double norm = std::sqrt(squared_norm) / weight_sum;
  return std::min(1.0, clip_norm / (norm + 1e-6));
}

/// Of one element: the mean gradient, clipped, compensated for delay where that is wanted, and the L2 decay's part.
template <bool compensates>
float full_gradient(const StepConstants& c, float gradient_sum, float weight, float base_weight) {
  float mean = gradient_sum * c.gradient_scale;
  if constexpr (compensates) mean += c.delay_compensation * mean * mean * (weight - base_weight);
  return mean + c.weight_decay * weight;
}

/// Pointers to the elements of one chunk. `base` is read only where the step compensates for delay.
struct Chunk {
  std::size_t size = 0;
  const float* gradient = nullptr;
  const float* weights_in = nullptr;
  float* weights_out = nullptr;
  const float* base = nullptr;
};

template <bool compensates>
void sgd_step(const StepConstants& c, const Chunk& chunk) {
  const auto [size, gradient, weights_in, weights_out, base] = chunk;
#pragma GCC ivdep
  for (std::size_t i = 0; i < size; ++i) {
    const float g = full_gradient<compensates>(c, gradient[i], weights_in[i], compensates ? base[i] : 0.0f);
    weights_out[i] = weights_in[i] - c.learning_rate * g;
  }
}

template <bool compensates>
void momentum_step(const StepConstants& c, const Chunk& chunk, const float* buffer_in, float* buffer_out) {
  const auto [size, gradient, weights_in, weights_out, base] = chunk;
#pragma GCC ivdep
  for (std::size_t i = 0; i < size; ++i) {
    const float g = full_gradient<compensates>(c, gradient[i], weights_in[i], compensates ? base[i] : 0.0f);
    const float buffer = c.first ? g : c.momentum * buffer_in[i] + g;
    buffer_out[i] = buffer;
    weights_out[i] = weights_in[i] - c.learning_rate * buffer;
  }
}

/// Adam (Kingma and Ba, 2015, algorithm 1) and AdamW (Loshchilov and Hutter, 2019, algorithm 2), in the order of
/// torch.optim's single-tensor loops. Adam has decay_factor 1, AdamW weight_decay 0.
template <bool compensates>
void adam_step(const StepConstants& c, const Chunk& chunk, const float* mean_in, float* mean_out,
               const float* square_in, float* square_out) {
  const auto [size, gradient, weights_in, weights_out, base] = chunk;
#pragma GCC ivdep
  for (std::size_t i = 0; i < size; ++i) {
    const float g = full_gradient<compensates>(c, gradient[i], weights_in[i], compensates ? base[i] : 0.0f);
    const float mean = c.beta1 * mean_in[i] + c.one_minus_beta1 * g;
    const float square = c.beta2 * square_in[i] + c.one_minus_beta2 * g * g;
    const float denominator = std::sqrt(square) / c.bias_correction2_sqrt + c.epsilon;
    mean_out[i] = mean;
    square_out[i] = square;
    weights_out[i] = c.decay_factor * weights_in[i] - c.step_size * mean / denominator;
  }
}

template <bool compensates>
void step_of_kind(OptimizerKind kind, const StepConstants& constants, const Chunk& chunk,
                  std::span<const std::span<const float>> state_in, std::span<const std::span<float>> state_out) {
  switch (kind) {
    case OptimizerKind::sgd:
      return sgd_step<compensates>(constants, chunk);
    case OptimizerKind::momentum:
      return momentum_step<compensates>(constants, chunk, state_in[0].data(), state_out[0].data());
    case OptimizerKind::adam:
    case OptimizerKind::adamw:
      return adam_step<compensates>(constants, chunk, state_in[0].data(), state_out[0].data(), state_in[1].data(),
                                    state_out[1].data());
  }
}

/// The same memory or memory apart: anything between would let one element change another.
void check_pair(const char* what, std::size_t size, std::span<const float> in, std::span<const float> out) {
  FULMAR_ASSERT(in.size() == size && out.size() == size,
                "OPT-1: " + std::string(what) + " of " + std::to_string(in.size()) + " floats in and " +
                    std::to_string(out.size()) + " out for a gradient of " + std::to_string(size));
  const std::less_equal<const float*> before;
  FULMAR_ASSERT(in.data() == out.data() || before(in.data() + size, out.data()) || before(out.data() + size, in.data()),
                "OPT-1: " + std::string(what) + " in and out overlap but are not the same");
}

}  // namespace

std::size_t state_vectors(OptimizerKind kind) {
  switch (kind) {
    case OptimizerKind::sgd:
      return 0;
    case OptimizerKind::momentum:
      return 1;
    case OptimizerKind::adam:
    case OptimizerKind::adamw:
      return 2;
  }
  FULMAR_ASSERT(false, "an optimizer kind that is none");
}

const char* state_name(OptimizerKind kind, std::size_t index) {
  FULMAR_ASSERT(index < state_vectors(kind), "state vector " + std::to_string(index) + " of an optimizer with " +
                                                 std::to_string(state_vectors(kind)));
  if (kind == OptimizerKind::momentum) return "momentum_buffer";
  return index == 0 ? "exp_avg" : "exp_avg_sq";
}

StepConstants step_constants(const OptimizerSettings& settings, std::uint64_t updates, double weight_sum,
                             double squared_norm, std::uint64_t staleness) {
  FULMAR_ASSERT(weight_sum > 0, "an update from a weight sum of " + std::to_string(weight_sum));
  FULMAR_ASSERT(squared_norm >= 0, "an update from a squared norm of " + std::to_string(squared_norm));
  const StalenessRemedies& remedies = settings.remedies;
  const double divisor = remedies.scale_learning_rate ? 1.0 + static_cast<double>(staleness) : 1.0;
  const double rate = learning_rate(settings.schedule, updates) / divisor;
  const double bias_correction1 = 1.0 - integer_power(settings.beta1, updates + 1);
  const double bias_correction2 = 1.0 - integer_power(settings.beta2, updates + 1);
  const bool decoupled = settings.kind == OptimizerKind::adamw;

  StepConstants constants;
  constants.gradient_scale = static_cast<float>(clip_factor(settings.clip_norm, weight_sum, squared_norm) / weight_sum);
  constants.learning_rate = static_cast<float>(rate);
  constants.weight_decay = decoupled ? 0.0f : static_cast<float>(settings.weight_decay);
  constants.momentum = static_cast<float>(settings.momentum);
  constants.beta1 = static_cast<float>(settings.beta1);
  constants.beta2 = static_cast<float>(settings.beta2);
  constants.one_minus_beta1 = static_cast<float>(1.0 - settings.beta1);
  constants.one_minus_beta2 = static_cast<float>(1.0 - settings.beta2);
  constants.step_size = static_cast<float>(rate / bias_correction1);
  constants.bias_correction2_sqrt = static_cast<float>(std::sqrt(bias_correction2));
  constants.decay_factor = decoupled ? static_cast<float>(1.0 - rate * settings.weight_decay) : 1.0f;
  constants.epsilon = static_cast<float>(settings.epsilon);
  constants.first = updates == 0;
  constants.delay_compensation = staleness > 0 ? static_cast<float>(remedies.delay_compensation) : 0.0f;
  return constants;
}

void optimizer_step(OptimizerKind kind, const StepConstants& constants, std::span<const float> gradient,
                    std::span<const float> weights_in, std::span<float> weights_out,
                    std::span<const std::span<const float>> state_in, std::span<const std::span<float>> state_out,
                    std::span<const float> base_weights) {
  const std::size_t size = gradient.size();
  check_pair("weights", size, weights_in, weights_out);
  FULMAR_ASSERT(state_in.size() == state_vectors(kind) && state_out.size() == state_vectors(kind),
                "OPT-1: " + std::to_string(state_in.size()) + " state vectors in and " +
                    std::to_string(state_out.size()) + " out, not " + std::to_string(state_vectors(kind)));
  for (std::size_t i = 0; i < state_in.size(); ++i) check_pair(state_name(kind, i), size, state_in[i], state_out[i]);

  const Chunk chunk{size, gradient.data(), weights_in.data(), weights_out.data(), base_weights.data()};
  if (constants.delay_compensation != 0) {
    check_pair("weights of the base", size, base_weights, weights_out);
    step_of_kind<true>(kind, constants, chunk, state_in, state_out);
  } else {
    step_of_kind<false>(kind, constants, chunk, state_in, state_out);
  }
}

}  // namespace fulmar::core
