#include "runtime/core/optimizer.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/core/vector_arithmetic.hpp"
#include "runtime/vocabulary/random.hpp"
#include "tests/runtime/core/pytorch_optimizers.hpp"

namespace fulmar::core {
namespace {

constexpr std::array kKinds = {OptimizerKind::sgd, OptimizerKind::momentum, OptimizerKind::adam, OptimizerKind::adamw};

/// Weights and state of some parameters, that steps change in place or from one Trained into another.
struct Trained {
  std::vector<float> weights;
  std::vector<std::vector<float>> state;

  Trained(OptimizerKind kind, std::vector<float> initial)
      : weights(std::move(initial)), state(state_vectors(kind), std::vector<float>(weights.size())) {}
  bool operator==(const Trained&) const = default;
};

/// Elements [begin, begin + gradient.size()) of `from` become those of `to`.
void step(OptimizerKind kind, const StepConstants& constants, std::span<const float> gradient, const Trained& from,
          Trained& to, std::size_t begin = 0) {
  const std::size_t size = gradient.size();
  std::vector<std::span<const float>> in;
  std::vector<std::span<float>> out;
  for (const auto& vector : from.state) in.push_back(std::span(vector).subspan(begin, size));
  for (auto& vector : to.state) out.push_back(std::span(vector).subspan(begin, size));
  optimizer_step(kind, constants, gradient, std::span(from.weights).subspan(begin, size),
                 std::span(to.weights).subspan(begin, size), in, out);
}

std::vector<float> numbers(std::uint64_t sample, std::size_t count) {
  const RandomStream stream(4, Purpose::simulation, 0, sample);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = 2.0f * stream.uniform(i) - 1.0f;
  return values;
}

OptimizerSettings settings_of_pytorch(OptimizerKind kind) {
  OptimizerSettings settings;
  settings.kind = kind;
  settings.schedule.kind = ScheduleKind::cosine;
  settings.schedule.learning_rate = pytorch::kRate;
  settings.schedule.learning_rate_min = pytorch::kRateMin;
  settings.schedule.warmup_rounds = pytorch::kWarmup;
  settings.schedule.total_rounds = pytorch::kSteps;
  settings.momentum = pytorch::kMomentum;
  settings.beta1 = pytorch::kBeta1;
  settings.beta2 = pytorch::kBeta2;
  settings.epsilon = pytorch::kEpsilon;
  settings.weight_decay = pytorch::kWeightDecay;
  settings.clip_norm = pytorch::kClipNorm;
  return settings;
}

// Both compute in float32 and differ by roundings: a step moves a weight by some 0.05 with an error of a few ulps of
// that (1e-8) and stores it with half an ulp of the weight (6e-8). Twenty steps add up to less than 1.5e-6 at worst and
// to some 3e-7 as chance would have it.
constexpr double kTolerance = 1e-6;

double difference(std::span<const float> ours, std::span<const float> theirs) {
  BOOST_REQUIRE_EQUAL(ours.size(), theirs.size());
  double largest = 0;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    const double scale = std::max(1.0, std::fabs(static_cast<double>(theirs[i])));
    largest = std::max(largest, std::fabs(static_cast<double>(ours[i]) - static_cast<double>(theirs[i])) / scale);
  }
  return largest;
}

/// Runs the stored gradients and compares at the stored steps.
void compare_with_pytorch(OptimizerKind kind, std::span<const float> weights,
                          std::vector<std::span<const float>> state) {
  const OptimizerSettings settings = settings_of_pytorch(kind);
  Trained trained(kind, {pytorch::kInitial.begin(), pytorch::kInitial.end()});
  std::size_t stored = 0;
  for (std::size_t updates = 0; updates < pytorch::kSteps; ++updates) {
    const auto gradient =
        std::span(pytorch::kGradientSums).subspan(updates * pytorch::kParameters, pytorch::kParameters);
    const StepConstants constants =
        step_constants(settings, updates, pytorch::kWeightSums[updates], squared_norm(gradient));
    step(kind, constants, gradient, trained, trained);
    if (updates + 1 != pytorch::kStoredSteps[stored]) continue;
    const auto truth = weights.subspan(stored * pytorch::kParameters, pytorch::kParameters);
    BOOST_TEST(difference(trained.weights, truth) < kTolerance, "after " << updates + 1 << " updates");
    ++stored;
  }
  BOOST_TEST(stored == pytorch::kStoredSteps.size());
  BOOST_REQUIRE_EQUAL(trained.state.size(), state.size());
  for (std::size_t i = 0; i < state.size(); ++i) {
    BOOST_TEST(difference(trained.state[i], state[i]) < kTolerance, state_name(kind, i));
  }
}

BOOST_AUTO_TEST_SUITE(optimizer)

BOOST_AUTO_TEST_CASE(sgd_is_that_of_pytorch) {
  compare_with_pytorch(OptimizerKind::sgd, pytorch::kSgdWeights, {});
}

BOOST_AUTO_TEST_CASE(momentum_is_that_of_pytorch) {
  compare_with_pytorch(OptimizerKind::momentum, pytorch::kMomentumWeights, {pytorch::kMomentumMomentumBuffer});
}

BOOST_AUTO_TEST_CASE(adam_is_that_of_pytorch) {
  compare_with_pytorch(OptimizerKind::adam, pytorch::kAdamWeights, {pytorch::kAdamExpAvg, pytorch::kAdamExpAvgSq});
}

BOOST_AUTO_TEST_CASE(adamw_is_that_of_pytorch) {
  compare_with_pytorch(OptimizerKind::adamw, pytorch::kAdamWWeights, {pytorch::kAdamWExpAvg, pytorch::kAdamWExpAvgSq});
}

// The comparison above means something: what a wrong kind would make lies a thousand tolerances away.
BOOST_AUTO_TEST_CASE(the_stored_figures_tell_the_kinds_apart) {
  BOOST_TEST(difference(pytorch::kAdamWeights, pytorch::kAdamWWeights) > 1000 * kTolerance);
  BOOST_TEST(difference(pytorch::kSgdWeights, pytorch::kMomentumWeights) > 1000 * kTolerance);
}

BOOST_AUTO_TEST_CASE(states_have_the_names_of_pytorch) {
  BOOST_TEST(state_vectors(OptimizerKind::sgd) == 0);
  BOOST_TEST(state_vectors(OptimizerKind::momentum) == 1);
  BOOST_TEST(state_name(OptimizerKind::momentum, 0) == std::string("momentum_buffer"));
  for (const OptimizerKind kind : {OptimizerKind::adam, OptimizerKind::adamw}) {
    BOOST_TEST(state_vectors(kind) == 2);
    BOOST_TEST(state_name(kind, 0) == std::string("exp_avg"));
    BOOST_TEST(state_name(kind, 1) == std::string("exp_avg_sq"));
  }
}

// The norm of the mean gradient: a sum of norm 20 from a weight of 4 is a mean of norm 5.
BOOST_AUTO_TEST_CASE(the_mean_gradient_is_clipped_and_not_stretched) {
  OptimizerSettings settings;
  const auto scale = [&](double clip_norm) {
    settings.clip_norm = clip_norm;
    return static_cast<double>(step_constants(settings, 0, 4.0, 400.0).gradient_scale);
  };
  BOOST_TEST(scale(0.0) == 0.25);
  BOOST_TEST(scale(50.0) == 0.25);
  BOOST_TEST(scale(2.0) == static_cast<double>(static_cast<float>(2.0 / (5.0 + 1e-6) / 4.0)));
}

BOOST_AUTO_TEST_CASE(the_first_update_of_momentum_ignores_the_buffer) {
  OptimizerSettings settings;
  settings.kind = OptimizerKind::momentum;
  Trained clean(settings.kind, numbers(0, 5)), dirty = clean;
  std::fill(dirty.state[0].begin(), dirty.state[0].end(), std::numeric_limits<float>::quiet_NaN());
  const std::vector<float> gradient = numbers(1, 5);
  step(settings.kind, step_constants(settings, 0, 1.0, 1.0), gradient, clean, clean);
  step(settings.kind, step_constants(settings, 0, 1.0, 1.0), gradient, dirty, dirty);
  BOOST_TEST((clean == dirty));
}

// OPT-1: whole, in chunks of any size at any alignment, in place or into other memory, the bits are the same.
BOOST_AUTO_TEST_CASE(the_bits_do_not_depend_on_how_the_vector_is_cut) {
  constexpr std::size_t kSize = 997;
  const std::vector<float> gradient = numbers(2, kSize);
  for (const OptimizerKind kind : kKinds) {
    const OptimizerSettings settings = settings_of_pytorch(kind);
    for (std::uint64_t updates = 0; updates < 3; ++updates) {
      Trained before(kind, numbers(3, kSize));
      for (auto& vector : before.state) vector = numbers(4, kSize);
      if (before.state.size() == 2) {
        for (float& square : before.state[1]) square *= square;
      }
      const StepConstants constants = step_constants(settings, updates, 3.0, squared_norm(gradient));
      Trained whole = before;
      step(kind, constants, gradient, whole, whole);

      for (const std::size_t cut : {std::size_t{1}, std::size_t{7}, std::size_t{16}, std::size_t{100}, kSize}) {
        Trained in_place = before, elsewhere(kind, std::vector<float>(kSize));
        for (std::size_t begin = 0; begin < kSize; begin += cut) {
          const auto part = std::span(gradient).subspan(begin, std::min(cut, kSize - begin));
          step(kind, constants, part, in_place, in_place, begin);
          step(kind, constants, part, before, elsewhere, begin);
        }
        BOOST_TEST((in_place == whole));
        BOOST_TEST((elsewhere == whole));
      }
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
