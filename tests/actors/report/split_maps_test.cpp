#include "actors/report/split_maps.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "tests/actors/report/decoded_field.hpp"

using namespace fulmar;
using namespace fulmar::report;
using test::decoded;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// Two rows of two points, of which the northern ones weigh a quarter each of what the southern do; the truth is 10 at
/// "U" and 20 at "V", and the base is 3 above it. An output is added to the base.
class TwoByTwo final : public data::Task {
 public:
  std::size_t sample_count(data::Split split) const override { return split == data::Split::test ? 4 : 0; }
  data::FieldExtent input_extent() const override { return {1, 2, 2}; }
  data::FieldExtent output_extent() const override { return {2, 2, 2}; }
  std::span<const float> area_weight() const override { return area_weight_; }
  std::string unit() const override { return "m"; }
  Result<void> load(data::Split, std::size_t, std::span<float>, std::span<float>,
                    std::span<std::uint8_t>) const override {
    return {};
  }
  Result<data::Scores> score(data::Split, std::span<const float>) const override { return data::Scores{}; }
  Result<std::vector<std::pair<std::string, data::Scores>>> baselines(data::Split) const override {
    return std::vector<std::pair<std::string, data::Scores>>{};
  }
  const data::Grid& grid() const override { return grid_; }
  Result<data::SampleFields> fields(data::Split, std::size_t index, std::span<const float> output) const override {
    if (index == unreadable) return Error{"winds.nc: U at 1991-03-16 cannot be read"};
    data::SampleFields sample{"1991-0" + std::to_string(index + 1), {}};
    for (const std::size_t v : {0u, 1u}) {
      const float truth = v == 0 ? 10 : 20;
      data::PredictedField field{v == 0 ? "U" : "V", "m", std::vector<float>(4, truth), {}};
      for (std::size_t i = 0; i < 4; ++i) field.prediction.push_back(truth + 3 + output[4 * v + i]);
      if (v == 1) field.truth[3] = kNaN;
      sample.fields.push_back(std::move(field));
    }
    return sample;
  }
  std::string base() const override { return "climatology+bilinear"; }
  Result<std::vector<data::Polyline>> land_outline() const override {
    return std::vector<data::Polyline>{{{0.12345, -10}, {90, 9.99951}}};
  }
  std::map<std::string, double> statistics() const override { return {}; }
  std::string fingerprint() const override { return ""; }

  std::size_t unreadable = 99;

 private:
  data::Grid grid_{{-10, 10}, {0, 90}, false};
  std::vector<float> area_weight_{0.4f, 0.1f};
};

/// Samples whose predictions are off by 5, 1, 2 and 4 everywhere.
actors::Evaluation evaluation() {
  actors::Evaluation evaluation;
  for (const float error : {5.0f, 1.0f, 2.0f, 4.0f})
    for (int i = 0; i < 8; ++i) evaluation.outputs.push_back(error - 3);
  return evaluation;
}

nlohmann::json maps(const actors::Evaluation& evaluation) {
  const auto maps = split_maps(TwoByTwo(), evaluation);
  BOOST_REQUIRE_MESSAGE(maps.ok(), (maps.ok() ? "" : maps.error().message));
  return *maps;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(split_maps_)

BOOST_AUTO_TEST_CASE(the_sample_of_median_error_is_shown_and_named) {
  const nlohmann::json found = maps(evaluation());
  BOOST_TEST(found["split"] == "test");
  BOOST_TEST(found["index"] == 2);
  BOOST_TEST(found["samples"] == 4);
  BOOST_TEST(found["label"] == "1991-03");
  BOOST_TEST(std::abs(found["rmse"].get<double>() - 2) < 1e-6);
  BOOST_TEST((found["grid"] ==
              nlohmann::json({{"latitudes", {-10.0, 10.0}}, {"longitudes", {0.0, 90.0}}, {"periodic", false}})));
  BOOST_TEST((found["outline"] == nlohmann::json({{{0.123, -10.0}, {90.0, 10.0}}})));
  BOOST_REQUIRE(found["fields"].size() == 2u);
  const nlohmann::json& v = found["fields"][1];
  BOOST_TEST(v["variable"] == "V");
  BOOST_TEST(v["unit"] == "m");
  BOOST_TEST(std::abs(v["rmse"].get<double>() - 2) < 1e-6);
  BOOST_TEST(decoded(v["truth"])[0] == 20.0);
  BOOST_TEST(std::isnan(decoded(v["truth"])[3]));
  BOOST_TEST(decoded(v["prediction"])[0] == 22.0);
}

// sqrt((25 + 1 + 4 + 16) / 4) everywhere; the base is off by 3; nothing is known of a point whose truth is missing.
BOOST_AUTO_TEST_CASE(errors_over_the_split_stand_beside_those_of_the_base) {
  const nlohmann::json found = maps(evaluation());
  BOOST_REQUIRE(found["error_rms"].size() == 2u);
  for (const std::size_t variable : {0u, 1u}) {
    const nlohmann::json& errors = found["error_rms"][variable];
    BOOST_TEST(errors["variable"] == (variable == 0 ? "U" : "V"));
    BOOST_TEST(errors["baseline_name"] == "climatology+bilinear");
    const auto model = decoded(errors["model"]), baseline = decoded(errors["baseline"]);
    for (std::size_t i = 0; i < 4; ++i) {
      const bool missing = variable == 1 && i == 3;
      BOOST_TEST((std::isnan(model[i]) == missing && std::isnan(baseline[i]) == missing));
      if (missing) continue;
      BOOST_TEST(std::abs(model[i] - std::sqrt(11.5)) < 1e-6);
      BOOST_TEST(std::abs(baseline[i] - 3) < 1e-6);
    }
  }
}

// Sample 0 is off by 9 where little area is, sample 1 by 5 where much is: by area 0 is better, by points 1 would be.
BOOST_AUTO_TEST_CASE(errors_weigh_by_area) {
  actors::Evaluation uneven = evaluation();
  const auto set = [&](std::size_t sample, std::size_t row, float error) {
    for (const std::size_t v : {0u, 1u})
      for (const std::size_t column : {0u, 1u}) uneven.outputs[8 * sample + 4 * v + 2 * row + column] = error - 3;
  };
  for (const std::size_t sample : {0u, 1u, 2u, 3u})
    for (const std::size_t row : {0u, 1u}) set(sample, row, sample < 2 ? 0.0f : sample == 2 ? 0.5f : 20.0f);
  set(0, 1, 9);
  set(1, 0, 5);
  BOOST_TEST(maps(uneven)["index"] == 0);  // after sample 2; before 1 and 3
}

// Of errors 4, NaN, 2, NaN the middle is 2; nothing is known of how large an error is where nothing can be compared.
BOOST_AUTO_TEST_CASE(a_sample_without_an_error_is_not_the_usual_one) {
  actors::Evaluation gaps = evaluation();
  const auto set = [&](std::size_t sample, float error) {
    std::fill_n(gaps.outputs.begin() + static_cast<std::ptrdiff_t>(8 * sample), 8, error - 3);
  };
  set(0, 4);
  for (const std::size_t sample : {1u, 3u}) set(sample, kNaN);
  const nlohmann::json found = maps(gaps);
  BOOST_TEST(found["index"] == 2);
  BOOST_TEST(std::abs(found["rmse"].get<double>() - 2) < 1e-6);
  for (const std::size_t sample : {0u, 2u}) set(sample, kNaN);
  const nlohmann::json nothing = maps(gaps);
  BOOST_TEST(nothing["index"] == 0);
  BOOST_TEST(std::isnan(nothing["rmse"].get<double>()));
  BOOST_TEST(std::isnan(nothing["fields"][0]["rmse"].get<double>()));
}

BOOST_AUTO_TEST_CASE(a_sample_that_cannot_be_read_is_named) {
  TwoByTwo task;
  task.unreadable = 2;
  const auto maps = split_maps(task, evaluation());
  BOOST_REQUIRE(!maps.ok());
  BOOST_TEST(maps.error().message == "winds.nc: U at 1991-03-16 cannot be read");
}

BOOST_AUTO_TEST_SUITE_END()
