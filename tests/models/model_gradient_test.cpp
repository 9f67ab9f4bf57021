// The whole models against central differences of the naive network in double.
//
// Step h = 1e-6: the difference's own error is h²·f''' (1e-12) plus rounding of 1e-16/h = 1e-10, and a ReLU whose input
// lies within h of 0 does not occur at these seeds. The models compute in float: about 100 roundings of 6e-8 lie
// between a weight and the loss, so 1e-5 of the largest derivative is generous to rounding and far below any wrong
// term.
#include <cmath>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "models/model.hpp"
#include "tests/models/bits.hpp"
#include "tests/models/naive_network.hpp"
#include "tests/models/random_leaf.hpp"

namespace fulmar::models {
namespace {

constexpr std::uint64_t kSeed = 3;
constexpr std::uint64_t kVersion = 4;

void check_gradient(const ModelSpec& spec, const FieldShape& in, const FieldShape& out, std::size_t stride) {
  auto made = make_model(spec, in, out, 3);
  BOOST_REQUIRE(made.ok());
  Model& model = **made;
  const RandomLeaf leaf(in, out, 3, 2);
  const std::vector<float> parameters = initial_parameters(model);
  const GradientResult found = compute_gradient(model, parameters, leaf.batch(), kSeed, kVersion);

  const naive::Numbers at = naive::to_double(parameters);
  const auto loss = [&](const naive::Numbers& p) {
    return naive::leaf_loss(model, spec, p, leaf.batch(), true, kSeed, kVersion);
  };
  BOOST_CHECK_CLOSE(found.sums.loss_sum, loss(at), 1e-4);  // per cent
  double largest = 0;
  for (const float value : found.gradient) largest = std::max(largest, std::fabs(static_cast<double>(value)));
  BOOST_REQUIRE_GT(largest, 0);
  for (const TensorSpec& tensor : model.layout().tensors()) {
    for (std::size_t i = 0; i < tensor.size; i += stride) {
      const double expected = naive::central_difference(at, tensor.offset + i, 1e-6, loss);
      const double difference = static_cast<double>(found.gradient[tensor.offset + i]) - expected;
      BOOST_CHECK_MESSAGE(std::fabs(difference) < 1e-5 * largest,
                          tensor.name << "[" << i << "] is off by " << difference << " of " << expected);
    }
  }
}

BOOST_AUTO_TEST_SUITE(model_gradient)

const FieldShape kIn{3, 5, 18};
const FieldShape kOut{2, 5, 18};

BOOST_AUTO_TEST_CASE(cnn_with_every_activation) {
  for (const Activation activation : {Activation::relu, Activation::elu, Activation::tanh}) {
    check_gradient({"cnn", {4, 5}, 3, activation, 0.0}, kIn, kOut, 7);
  }
}

BOOST_AUTO_TEST_CASE(cnn_with_dropout_and_every_activation) {
  for (const Activation activation : {Activation::relu, Activation::elu, Activation::tanh}) {
    check_gradient({"cnn", {4, 5}, 3, activation, 0.4}, kIn, kOut, 7);
  }
}

BOOST_AUTO_TEST_CASE(cnn_without_a_hidden_layer) {
  check_gradient({"cnn", {}, 5, Activation::relu, 0.1}, kIn, kOut, 1);
}

BOOST_AUTO_TEST_CASE(cnn_with_a_wide_kernel_on_a_small_grid) {
  check_gradient({"cnn", {3}, 7, Activation::tanh, 0.2}, {2, 2, 5}, {1, 2, 5}, 5);
}

BOOST_AUTO_TEST_CASE(cnn_with_a_pointwise_kernel) {
  check_gradient({"cnn", {6, 6, 6}, 1, Activation::elu, 0.2}, kIn, kOut, 1);
}

BOOST_AUTO_TEST_CASE(linear_map) {
  check_gradient({.kind = "linear"}, {2, 3, 7}, {1, 2, 5}, 3);
}

BOOST_AUTO_TEST_CASE(predict_and_loss_leave_dropout_out) {
  for (const std::string kind : {"cnn", "linear"}) {
    ModelSpec spec{"cnn", {4, 5}, 3, Activation::elu, 0.4};
    spec.kind = kind;
    auto model = make_model(spec, kIn, kOut, 2);
    const RandomLeaf leaf(kIn, kOut, 2, 2);
    const std::vector<float> parameters = initial_parameters(**model);
    const double expected = naive::leaf_loss(**model, spec, naive::to_double(parameters), leaf.batch(), false);
    BOOST_CHECK_CLOSE((*model)->loss(parameters, leaf.batch()).loss_sum, expected, 1e-4);  // per cent

    std::vector<float> predicted(2 * kOut.size());
    (*model)->predict(parameters, leaf.input, predicted);
    double from_prediction = 0;
    for (std::size_t s = 0; s < 2; ++s) {
      const auto sample = std::span(predicted).subspan(s * kOut.size(), kOut.size());
      from_prediction += naive::loss(kOut, naive::to_double(sample), leaf.batch(), s);
    }
    BOOST_CHECK_CLOSE((*model)->loss(parameters, leaf.batch()).loss_sum, from_prediction, 1e-10);
  }
}

BOOST_AUTO_TEST_CASE(the_weight_sum_is_that_of_the_counted_elements) {
  auto model = make_model({"cnn", {4}, 3, Activation::relu, 0.1}, kIn, kOut, 3);
  const RandomLeaf leaf(kIn, kOut, 3, 2);
  double expected = 0;
  for (std::size_t e = 0; e < 2 * kOut.size(); ++e) {
    if (leaf.mask[e] != 0) expected += static_cast<double>(leaf.area_weight[e / 18 % 5]) / 2;
  }
  const LeafSums sums = compute_gradient(**model, initial_parameters(**model), leaf.batch()).sums;
  BOOST_CHECK_CLOSE(sums.weight_sum, expected, 1e-10);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::models
