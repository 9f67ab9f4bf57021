// The rules that make a run's bits the same everywhere, on whole models: MODEL-1, MODEL-2 and MODEL-3.
#include <array>
#include <cstring>
#include <limits>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "models/arithmetic.hpp"
#include "models/model.hpp"
#include "tests/models/bits.hpp"
#include "tests/models/random_leaf.hpp"

namespace fulmar::models {
namespace {

const FieldShape kIn{3, 7, 29};
const FieldShape kOut{2, 7, 29};

const std::array<ModelSpec, 2> kSpecs{ModelSpec{"cnn", {5, 6}, 3, Activation::elu, 0.3},
                                      ModelSpec{"linear", {}, 3, Activation::relu, 0.0}};

std::unique_ptr<Model> make(const ModelSpec& spec, std::size_t leaf_size) {
  return std::move(make_model(spec, kIn, kOut, leaf_size)).value();
}

bool same(const GradientResult& a, const GradientResult& b) {
  return same_bits(a.gradient, b.gradient) && std::memcmp(&a.sums, &b.sums, sizeof a.sums) == 0;
}

BOOST_AUTO_TEST_SUITE(bit_rules)

// MODEL-3
BOOST_AUTO_TEST_CASE(padding_samples_change_no_bit_even_if_they_are_nan) {
  for (const ModelSpec& spec : kSpecs) {
    const std::vector<float> parameters = initial_parameters(*make(spec, 1));
    for (std::size_t real = 1; real <= 3; ++real) {
      const RandomLeaf exact(kIn, kOut, real, real);
      const GradientResult expected = compute_gradient(*make(spec, real), parameters, exact.batch());
      RandomLeaf padded(kIn, kOut, 5, real);
      const float nan = std::numeric_limits<float>::quiet_NaN();
      std::fill(padded.input.begin() + static_cast<std::ptrdiff_t>(real * kIn.size()), padded.input.end(), nan);
      std::fill(padded.target.begin() + static_cast<std::ptrdiff_t>(real * kOut.size()), padded.target.end(), nan);
      // Sample s of a leaf holds the same numbers whatever the leaf's size: random_floats() counts from its start.
      BOOST_CHECK(same(compute_gradient(*make(spec, 5), parameters, padded.batch()), expected));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_leaf_of_padding_alone_is_zero) {
  for (const ModelSpec& spec : kSpecs) {
    const auto model = make(spec, 2);
    const RandomLeaf leaf(kIn, kOut, 2, 0);
    const GradientResult result = compute_gradient(*model, initial_parameters(*model), leaf.batch());
    BOOST_CHECK_EQUAL(result.sums.loss_sum, 0);
    BOOST_CHECK_EQUAL(result.sums.weight_sum, 0);
    BOOST_CHECK(same_bits(result.gradient, std::vector<float>(result.gradient.size(), 0.0F)));
  }
}

// MODEL-1
BOOST_AUTO_TEST_CASE(nothing_of_an_earlier_call_survives) {
  for (const ModelSpec& spec : kSpecs) {
    const RandomLeaf leaf(kIn, kOut, 2, 2);
    const auto fresh = make(spec, 2);
    const std::vector<float> parameters = initial_parameters(*fresh);
    const GradientResult expected = compute_gradient(*fresh, parameters, leaf.batch());

    const auto used = make(spec, 2);
    RandomLeaf poison(kIn, kOut, 2, 2);
    std::fill(poison.input.begin(), poison.input.end(), std::numeric_limits<float>::quiet_NaN());
    static_cast<void>(compute_gradient(*used, parameters, poison.batch(), 8, 9));
    static_cast<void>(used->loss(parameters, poison.batch()));
    BOOST_CHECK(same(compute_gradient(*used, parameters, leaf.batch()), expected));
  }
}

// MODEL-2
BOOST_AUTO_TEST_CASE(alignment_of_what_is_passed_in_changes_no_bit) {
  for (const ModelSpec& spec : kSpecs) {
    const auto model = make(spec, 2);
    const RandomLeaf leaf(kIn, kOut, 2, 2);
    const std::vector<float> parameters = initial_parameters(*model);
    const GradientResult expected = compute_gradient(*model, parameters, leaf.batch());
    for (std::size_t shift = 1; shift < 16; ++shift) {
      const auto shifted = [&](const std::vector<float>& values) {
        std::vector<float> moved(values.size() + shift);
        std::copy(values.begin(), values.end(), moved.begin() + static_cast<std::ptrdiff_t>(shift));
        return moved;
      };
      const std::vector<float> input = shifted(leaf.input);
      const std::vector<float> target = shifted(leaf.target);
      const std::vector<float> moved_parameters = shifted(parameters);
      Batch batch = leaf.batch();
      batch.input = std::span(input).subspan(shift);
      batch.target = std::span(target).subspan(shift);
      BOOST_CHECK(same(compute_gradient(*model, std::span(moved_parameters).subspan(shift), batch), expected));
    }
  }
}

// MODEL-2
BOOST_AUTO_TEST_CASE(threads_give_the_bits_of_one) {
  for (const ModelSpec& spec : kSpecs) {
    const RandomLeaf leaf(kIn, kOut, 2, 2);
    const std::vector<float> parameters = initial_parameters(*make(spec, 2));
    const GradientResult expected = compute_gradient(*make(spec, 2), parameters, leaf.batch());
    std::array<GradientResult, 4> results;
    std::vector<std::jthread> threads;
    for (GradientResult& result : results) {
      threads.emplace_back([&] {
        prepare_compute_thread();
        const auto model = make(spec, 2);
        for (int repeat = 0; repeat < 3; ++repeat) result = compute_gradient(*model, parameters, leaf.batch());
      });
    }
    threads.clear();  // joins
    for (const GradientResult& result : results) BOOST_CHECK(same(result, expected));
  }
}

// MODEL-2: a sample predicted alone takes the same path as among others.
BOOST_AUTO_TEST_CASE(predicting_one_or_many_gives_the_same_bits) {
  for (const ModelSpec& spec : kSpecs) {
    const auto model = make(spec, 1);
    const std::vector<float> parameters = initial_parameters(*model);
    const RandomLeaf leaf(kIn, kOut, 3, 3);
    std::vector<float> together(3 * kOut.size());
    model->predict(parameters, leaf.input, together);
    for (std::size_t s = 0; s < 3; ++s) {
      std::vector<float> alone(kOut.size());
      model->predict(parameters, std::span(leaf.input).subspan(s * kIn.size(), kIn.size()), alone);
      BOOST_CHECK(same_bits(alone, std::span(together).subspan(s * kOut.size(), kOut.size())));
    }
  }
}

BOOST_AUTO_TEST_CASE(dropout_follows_seed_version_and_sample_and_nothing_else) {
  const auto model = make(kSpecs[0], 1);
  const std::vector<float> parameters = initial_parameters(*model);
  RandomLeaf leaf(kIn, kOut, 1, 1);
  const GradientResult expected = compute_gradient(*model, parameters, leaf.batch(), 1, 2);
  BOOST_CHECK(same(compute_gradient(*model, parameters, leaf.batch(), 1, 2), expected));
  BOOST_CHECK(!same(compute_gradient(*model, parameters, leaf.batch(), 2, 2), expected));
  BOOST_CHECK(!same(compute_gradient(*model, parameters, leaf.batch(), 1, 3), expected));
  leaf.samples[0] += 1;
  BOOST_CHECK(!same(compute_gradient(*model, parameters, leaf.batch(), 1, 2), expected));
}

BOOST_AUTO_TEST_CASE(a_nan_in_the_data_reaches_the_loss_and_the_gradient) {
  for (const ModelSpec& spec : kSpecs) {
    const auto model = make(spec, 1);
    RandomLeaf leaf(kIn, kOut, 1, 1);
    std::fill(leaf.mask.begin(), leaf.mask.end(), std::uint8_t{1});
    leaf.input[40] = std::numeric_limits<float>::quiet_NaN();
    const GradientResult result = compute_gradient(*model, initial_parameters(*model), leaf.batch());
    BOOST_CHECK(std::isnan(result.sums.loss_sum));
    BOOST_CHECK(std::isnan(result.gradient[model->layout().tensors().back().offset]));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::models
