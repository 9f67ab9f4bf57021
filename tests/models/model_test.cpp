#include "models/model.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/models/bits.hpp"
#include "tests/models/random_leaf.hpp"

namespace fulmar::models {
namespace {

const FieldShape kIn{14, 72, 144};
const FieldShape kOut{2, 72, 144};

std::string message_of(const ModelSpec& spec, const FieldShape& in = kIn, const FieldShape& out = kOut,
                       std::size_t leaf_size = 1) {
  const auto made = make_model(spec, in, out, leaf_size);
  return made.ok() ? "no error" : made.error().message;
}

void check_says(const std::string& message, const std::vector<std::string>& parts) {
  for (const std::string& part : parts) {
    BOOST_CHECK_MESSAGE(message.find(part) != std::string::npos, "\"" << part << "\" is not in: " << message);
  }
}

BOOST_AUTO_TEST_SUITE(model)

BOOST_AUTO_TEST_CASE(a2_has_pytorchs_names_and_8690_parameters) {
  ModelSpec spec;
  spec.dropout = 0.1;
  const auto made = make_model(spec, kIn, kOut, 1);
  BOOST_REQUIRE(made.ok());
  const ParameterLayout& layout = (*made)->layout();
  BOOST_CHECK_EQUAL(layout.count(), 8690U);
  const std::vector<std::string> names{"0.weight", "0.bias", "2.weight", "2.bias", "5.weight", "5.bias"};
  const std::vector<std::vector<std::size_t>> shapes{{24, 14, 3, 3}, {24}, {24, 24, 3, 3}, {24}, {2, 24, 3, 3}, {2}};
  BOOST_REQUIRE_EQUAL(layout.tensors().size(), names.size());
  for (std::size_t t = 0; t < names.size(); ++t) {
    BOOST_CHECK_EQUAL(layout.tensors()[t].name, names[t]);
    BOOST_CHECK(layout.tensors()[t].shape == shapes[t]);
  }
}

BOOST_AUTO_TEST_CASE(linear_has_pytorchs_names) {
  const auto made = make_model({.kind = "linear"}, {2, 3, 7}, {1, 2, 5}, 1);
  BOOST_REQUIRE(made.ok());
  const auto tensors = (*made)->layout().tensors();
  BOOST_REQUIRE_EQUAL(tensors.size(), 2U);
  BOOST_CHECK_EQUAL(tensors[0].name, "weight");
  BOOST_CHECK(tensors[0].shape == (std::vector<std::size_t>{10, 42}));
  BOOST_CHECK_EQUAL(tensors[1].name, "bias");
}

// n = 3024: the extremes of uniform numbers lie within 1 % of the bound, mean and variance within five deviations.
BOOST_AUTO_TEST_CASE(initial_weights_are_uniform_within_one_over_root_fan_in) {
  const auto made = make_model({}, kIn, kOut, 1);
  const std::vector<float> parameters = initial_parameters(**made);
  const TensorSpec& weight = (*made)->layout().tensors()[0];
  const double bound = 1 / std::sqrt(14.0 * 9.0);
  double sum = 0;
  double squares = 0;
  double largest = 0;
  for (std::size_t i = 0; i < weight.size; ++i) {
    const double value = static_cast<double>(parameters[weight.offset + i]);
    sum += value;
    squares += value * value;
    largest = std::max(largest, std::fabs(value));
  }
  const double n = static_cast<double>(weight.size);
  BOOST_CHECK_LE(largest, bound * (1 + 1e-6));
  BOOST_CHECK_GT(largest, bound * 0.99);
  BOOST_CHECK_SMALL(sum / n, 5 * bound / std::sqrt(3 * n));
  BOOST_CHECK_CLOSE(squares / n, bound * bound / 3, 100 * 5 * std::sqrt(0.8 / n));
}

BOOST_AUTO_TEST_CASE(initial_weights_follow_the_seed_alone_and_leave_the_padding_zero) {
  const auto made = make_model({}, kIn, kOut, 1);
  std::vector<float> parameters((*made)->layout().size(), std::numeric_limits<float>::quiet_NaN());
  (*made)->initialize(5, parameters);
  BOOST_CHECK(same_bits(parameters, initial_parameters(**make_model({}, kIn, kOut, 8), 5)));
  BOOST_CHECK(!same_bits(parameters, initial_parameters(**made, 6)));
  std::vector<float> cleared = parameters;
  (*made)->layout().clear_padding(cleared);
  BOOST_CHECK(same_bits(parameters, cleared));
}

BOOST_AUTO_TEST_CASE(an_unknown_kind_is_named_with_its_nearest) {
  check_says(message_of({.kind = "cn"}), {"[model] kind = \"cn\"", "did you mean \"cnn\"?"});
  check_says(message_of({.kind = "lineer"}), {"did you mean \"linear\"?"});
  check_says(message_of({.kind = ""}), {"kind = \"\""});
}

BOOST_AUTO_TEST_CASE(an_even_or_huge_kernel_is_refused) {
  for (const std::size_t kernel : {0U, 2U, 4U, 33U}) {
    ModelSpec spec;
    spec.kernel = kernel;
    check_says(message_of(spec), {"[model] kernel = " + std::to_string(kernel), "odd", "try 3"});
  }
  ModelSpec spec;
  spec.kernel = 9;
  check_says(message_of(spec, {1, 8, 3}, {1, 8, 3}), {"kernel = 9", "3 longitudes"});
  BOOST_CHECK_EQUAL(message_of(spec, {1, 8, 4}, {1, 8, 4}), "no error");
}

BOOST_AUTO_TEST_CASE(dropout_outside_zero_to_one_is_refused) {
  for (const double dropout : {-0.1, 1.0, 1.5, std::nan("")}) {
    ModelSpec spec;
    spec.dropout = dropout;
    check_says(message_of(spec), {"[model] dropout = ", "below 1", "0 switches it off"});
  }
}

BOOST_AUTO_TEST_CASE(a_layer_without_channels_is_refused) {
  check_says(message_of({"cnn", {24, 0}, 3, Activation::relu, 0}), {"[model] channels[1] = 0", "1 to 4096"});
  check_says(message_of({"cnn", {5000}, 3, Activation::relu, 0}), {"channels[0] = 5000"});
}

BOOST_AUTO_TEST_CASE(a_dense_map_that_is_too_large_is_refused) {
  check_says(message_of({.kind = "linear"}),
             {"[model] kind = \"linear\"", "14 channels of 72 x 144", "268435456", "cnn"});
}

BOOST_AUTO_TEST_CASE(shapes_that_do_not_fit_are_refused) {
  check_says(message_of({}, {14, 36, 144}, kOut), {"keeps the grid", "36 x 144", "72 x 144"});
  check_says(message_of({}, {0, 72, 144}, kOut), {"empty input"});
  check_says(message_of({}, kIn, {2, 0, 144}), {"empty output"});
  check_says(message_of({}, kIn, kOut, 0), {"leaf_size = 0"});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::models
