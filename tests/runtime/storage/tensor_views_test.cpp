#include "runtime/storage/tensor_views.hpp"

#include <algorithm>
#include <numeric>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/storage/sample_checkpoint.hpp"

namespace fulmar::storage {
namespace {

/// Two tensors with padding between and after them, as chunks are aligned.
const std::vector<core::ManifestTensor> kLayout{{"0.weight", {2, 3}, 0, 6}, {"0.bias", {2}, 8, 2}};
constexpr std::size_t kFloats = 16;

std::vector<float> counting_from(float first) {
  std::vector<float> values(kFloats);
  std::iota(values.begin(), values.end(), first);
  return values;
}

std::vector<Tensor> sorted(std::vector<Tensor> tensors) {
  std::sort(tensors.begin(), tensors.end(), [](const Tensor& a, const Tensor& b) { return a.name < b.name; });
  return tensors;
}

BOOST_AUTO_TEST_SUITE(views)

BOOST_AUTO_TEST_CASE(a_vector_comes_back_and_padding_stays_untouched) {  // VIEWS-1
  const auto flat = counting_from(1);
  const auto views = sorted(tensor_views(kLayout, flat));
  BOOST_TEST(views[0].name == "0.bias");
  BOOST_TEST(views[0].values[1] == 10.0F);
  std::vector<float> out(kFloats, -1.0F);
  must(copy_tensors(views, kLayout, out, "FILE"));
  for (std::size_t i = 0; i < kFloats; ++i) {
    const bool padding = i == 6 || i == 7 || i >= 10;
    BOOST_TEST(out[i] == (padding ? -1.0F : flat[i]));
  }
}

BOOST_AUTO_TEST_CASE(optimizer_state_is_named_as_pytorch_names_it_and_comes_back) {
  const auto mean = counting_from(1);
  const auto square = counting_from(100);
  const std::vector<std::span<const float>> state{mean, square};
  const auto views = sorted(optimizer_views(core::OptimizerKind::adam, kLayout, state));
  BOOST_TEST_REQUIRE(views.size() == 4U);
  BOOST_TEST(views[0].name == "exp_avg.0.bias");
  BOOST_TEST(views[3].name == "exp_avg_sq.0.weight");
  std::vector<float> mean_out(kFloats);
  std::vector<float> square_out(kFloats);
  const std::vector<std::span<float>> out{mean_out, square_out};
  must(copy_optimizer(core::OptimizerKind::adam, views, kLayout, out, "FILE"));
  BOOST_TEST(mean_out[9] == mean[9]);
  BOOST_TEST(square_out[5] == square[5]);
}

BOOST_AUTO_TEST_CASE(a_tensor_that_is_missing_or_of_another_shape_is_named) {
  const auto flat = counting_from(1);
  std::vector<float> out(kFloats);
  auto views = sorted(tensor_views(kLayout, flat));
  views[1].shape = {3, 2};
  const auto reshaped = copy_tensors(views, kLayout, out, "FILE");
  BOOST_TEST_REQUIRE(!reshaped.ok());
  BOOST_TEST(reshaped.error().message.starts_with(
      "FILE: tensor \"0.weight\" has shape [3, 2], the model needs [2, 3]; use the RUN.toml"));
  views.pop_back();
  const auto missing = copy_tensors(views, kLayout, out, "FILE");
  BOOST_TEST_REQUIRE(!missing.ok());
  BOOST_TEST(missing.error().message.starts_with("FILE: tensor \"0.weight\" is missing"));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::storage
