// What optimizers make of stale gradients, with and without remedies. What they make of fresh ones: optimizer_test.cpp.
#include "tests/runtime/core/stale_updates.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/core/optimizer.hpp"
#include "runtime/core/vector_arithmetic.hpp"
#include "runtime/vocabulary/random.hpp"

namespace fulmar::core {
namespace {

constexpr std::array kKinds = {OptimizerKind::sgd, OptimizerKind::momentum, OptimizerKind::adam, OptimizerKind::adamw};

OptimizerSettings settings_of(OptimizerKind kind, const StalenessRemedies& remedies) {
  OptimizerSettings settings;
  settings.kind = kind;
  settings.schedule.learning_rate = stale::kRate;
  settings.momentum = stale::kMomentum;
  settings.beta1 = stale::kBeta1;
  settings.beta2 = stale::kBeta2;
  settings.epsilon = stale::kEpsilon;
  settings.weight_decay = stale::kWeightDecay;
  settings.clip_norm = stale::kClipNorm;
  settings.remedies = remedies;
  return settings;
}

/// As stale_updates.hpp has them.
constexpr std::array<StalenessRemedies, 4> kRemedies{
    {{false, 0}, {true, 0}, {false, stale::kCompensation}, {true, stale::kCompensation}}};

using Vector = std::vector<float>;

struct Trained {
  Vector weights;
  std::vector<Vector> state;
  bool operator==(const Trained&) const = default;
};

/// Elements [begin, begin + gradient.size()) of `from` become those of `to`.
void step(OptimizerKind kind, const StepConstants& constants, std::span<const float> gradient, const Trained& from,
          Trained& to, std::span<const float> base, std::size_t begin = 0) {
  const std::size_t size = gradient.size();
  std::vector<std::span<const float>> in;
  std::vector<std::span<float>> out;
  for (const Vector& vector : from.state) in.push_back(std::span(vector).subspan(begin, size));
  for (Vector& vector : to.state) out.push_back(std::span(vector).subspan(begin, size));
  optimizer_step(kind, constants, gradient, std::span(from.weights).subspan(begin, size),
                 std::span(to.weights).subspan(begin, size), in, out, base.empty() ? base : base.subspan(begin, size));
}

Vector final_weights(OptimizerKind kind, const StalenessRemedies& remedies) {
  const OptimizerSettings settings = settings_of(kind, remedies);
  Trained trained{{stale::kInitial.begin(), stale::kInitial.end()}, {}};
  trained.state.assign(state_vectors(kind), Vector(stale::kParameters));
  std::vector<Vector> versions{trained.weights};
  for (std::size_t update = 0; update < stale::kStaleness.size(); ++update) {
    const auto gradient = std::span(stale::kGradientSums).subspan(update * stale::kParameters, stale::kParameters);
    const std::size_t staleness = stale::kStaleness[update];
    const StepConstants constants =
        step_constants(settings, update, stale::kWeightSums[update], squared_norm(gradient), staleness);
    step(kind, constants, gradient, trained, trained, versions[update - staleness]);
    versions.push_back(trained.weights);
  }
  return trained.weights;
}

double difference(std::span<const double> a, std::span<const double> b) {
  BOOST_REQUIRE_EQUAL(a.size(), b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::fabs(a[i] - b[i]));
  return largest;
}

// Weights below 2 in float32 against double: ten steps that round the weight by half an ulp (6e-8) each, and themselves
// by a few parts in 1e7 of at most 0.1, add up to less than 1.5e-6.
constexpr double kTolerance = 1.5e-6;

void compare(OptimizerKind kind, std::span<const double> truths) {
  for (std::size_t i = 0; i < kRemedies.size(); ++i) {
    const Vector ours = final_weights(kind, kRemedies[i]);
    const std::vector<double> wide(ours.begin(), ours.end());
    const auto truth = truths.subspan(i * stale::kParameters, stale::kParameters);
    BOOST_TEST(difference(wide, truth) < kTolerance, "remedies " << i << ": " << difference(wide, truth));
    // The comparison means something: what other remedies would make lies far away.
    for (std::size_t j = 0; j < i; ++j) {
      const auto other = truths.subspan(j * stale::kParameters, stale::kParameters);
      BOOST_TEST(difference(truth, other) > 100 * kTolerance, "remedies " << i << " and " << j);
    }
  }
}

Vector numbers(std::uint64_t sample, std::size_t count) {
  const RandomStream stream(4, Purpose::simulation, 1, sample);
  Vector values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = 2.0f * stream.uniform(i) - 1.0f;
  return values;
}

Trained some_training(OptimizerKind kind, std::size_t size) {
  Trained trained{numbers(0, size), {}};
  for (std::size_t i = 0; i < state_vectors(kind); ++i) trained.state.push_back(numbers(1 + i, size));
  if (trained.state.size() == 2) {
    for (float& square : trained.state[1]) square *= square;
  }
  return trained;
}

BOOST_AUTO_TEST_SUITE(stale_updates)

BOOST_AUTO_TEST_CASE(remedies_do_to_sgd_what_their_papers_say) {
  compare(OptimizerKind::sgd, stale::kSgdWeights);
}
BOOST_AUTO_TEST_CASE(remedies_do_to_momentum_what_their_papers_say) {
  compare(OptimizerKind::momentum, stale::kMomentumWeights);
}
BOOST_AUTO_TEST_CASE(remedies_do_to_adam_what_their_papers_say) {
  compare(OptimizerKind::adam, stale::kAdamWeights);
}
BOOST_AUTO_TEST_CASE(remedies_do_to_adamw_what_their_papers_say) {
  compare(OptimizerKind::adamw, stale::kAdamWWeights);
}

BOOST_AUTO_TEST_CASE(a_stale_update_has_a_share_of_the_learning_rate) {
  OptimizerSettings settings = settings_of(OptimizerKind::adamw, {.scale_learning_rate = true});
  const StepConstants fresh = step_constants(settings, 9, 1.0, 1.0);
  const StepConstants late = step_constants(settings, 9, 1.0, 1.0, 3);
  BOOST_TEST(late.learning_rate == fresh.learning_rate / 4);
  BOOST_TEST(late.step_size == fresh.step_size / 4);
  BOOST_TEST(late.decay_factor == static_cast<float>(1.0 - stale::kRate / 4 * stale::kWeightDecay));
  settings.remedies = {};
  BOOST_TEST(step_constants(settings, 9, 1.0, 1.0, 3).learning_rate == fresh.learning_rate);
}

// What is not stale has the same bits with and without remedies, and nobody needs to keep its base.
BOOST_AUTO_TEST_CASE(a_fresh_update_is_that_of_a_synchronous_round_bit_for_bit) {
  const Vector gradient = numbers(7, 100);
  for (const OptimizerKind kind : kKinds) {
    const OptimizerSettings plain = settings_of(kind, {});
    const OptimizerSettings remedied = settings_of(kind, {true, 0.3});
    Trained synchronous = some_training(kind, gradient.size()), asynchronous = synchronous;
    for (std::uint64_t updates = 0; updates < 3; ++updates) {
      step(kind, step_constants(plain, updates, 3.0, 30.0), gradient, synchronous, synchronous, {});
      step(kind, step_constants(remedied, updates, 3.0, 30.0, 0), gradient, asynchronous, asynchronous, {});
    }
    BOOST_TEST((synchronous == asynchronous));
    // And the base is not looked at.
    const Vector unread(gradient.size(), std::numeric_limits<float>::quiet_NaN());
    step(kind, step_constants(plain, 3, 3.0, 30.0), gradient, synchronous, synchronous, {});
    step(kind, step_constants(remedied, 3, 3.0, 30.0, 0), gradient, asynchronous, asynchronous, unread);
    BOOST_TEST((synchronous == asynchronous));
  }
}

// OPT-1, with the base as one more of the element's inputs.
BOOST_AUTO_TEST_CASE(the_bits_of_a_compensated_update_do_not_depend_on_how_the_vector_is_cut) {
  constexpr std::size_t kSize = 997;
  const Vector gradient = numbers(5, kSize), base = numbers(6, kSize);
  for (const OptimizerKind kind : kKinds) {
    const StepConstants constants = step_constants(settings_of(kind, {true, 0.3}), 4, 3.0, squared_norm(gradient), 2);
    const Trained before = some_training(kind, kSize);
    Trained whole = before;
    step(kind, constants, gradient, whole, whole, base);
    BOOST_TEST((whole.weights != before.weights));
    for (const std::size_t cut : {std::size_t{1}, std::size_t{7}, std::size_t{16}, std::size_t{100}}) {
      Trained in_place = before, elsewhere = some_training(kind, kSize);
      for (std::size_t begin = 0; begin < kSize; begin += cut) {
        const auto part = std::span(gradient).subspan(begin, std::min(cut, kSize - begin));
        step(kind, constants, part, in_place, in_place, base, begin);
        step(kind, constants, part, before, elsewhere, base, begin);
      }
      BOOST_TEST((in_place == whole));
      BOOST_TEST((elsewhere == whole));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
