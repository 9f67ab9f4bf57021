#include "data/static_fields.hpp"

#include <cmath>
#include <limits>

#include <boost/test/unit_test.hpp>

using namespace fulmar::data;

namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

Grid winds_grid() {
  Grid grid;
  for (int i = 0; i < 72; ++i) grid.latitudes.push_back(-90 + 2.5 * i);
  for (int j = 0; j < 144; ++j) grid.longitudes.push_back(20 + 2.5 * j);
  grid.periodic = true;
  return grid;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(static_fields)

// Cells reach from −45 to 45 and from 45 to 135; a point at 45 is in both, one at 359 is in the first.
BOOST_AUTO_TEST_CASE(a_cell_takes_the_plain_mean_of_the_points_inside_it) {
  Grid grid;
  grid.latitudes = {0, 10};
  grid.longitudes = {0, 90};
  const SourceField source{{0, 4, 9},
                           {1, 45, 91, 359},
                           {1, 2, 3, 4,         //
                            5, 6, 7, kMissing,  //
                            kMissing, kMissing, 11, kMissing}};
  const auto field = remap(source, grid);
  BOOST_TEST(field[0] == (1 + 2 + 4 + 5 + 6) / 5.0f);
  BOOST_TEST(field[1] == (2 + 3 + 6 + 7) / 4.0f);
  BOOST_TEST(std::isnan(field[2]));
  BOOST_TEST(field[3] == 11.0f);
}

BOOST_AUTO_TEST_CASE(a_coarser_source_gives_its_nearest_point) {
  Grid grid;
  grid.latitudes = {0, 1, 2, 3};
  grid.longitudes = {358, 359, 360, 361};
  const SourceField source{{0, 10}, {0, 180}, {1, 2, 3, 4}};
  for (const float value : remap(source, grid)) BOOST_TEST(value == 1.0f);
}

// Independent values, computed with numpy from the same file: mean relief of the 1° points within ±1.25°.
// 0.01 m is float rounding of a mean of nine values below 10 km.
BOOST_AUTO_TEST_CASE(the_relief_of_the_sample_gives_land_and_height) {
  const StaticFieldSpec spec{"/usr/share/ferret-vis/data/etopo60.cdf", "ROSE", {"land", "height"}};
  const auto channels = read_static_channels({spec}, winds_grid());
  BOOST_REQUIRE_MESSAGE(channels.ok(), (channels.ok() ? "" : channels.error().message));
  BOOST_REQUIRE(channels->size() == 2u);
  const auto& land = channels->at(0).values;
  const auto& height = channels->at(1).values;
  BOOST_TEST(channels->at(1).name == "ROSE.height");
  BOOST_TEST(std::abs(height[0] - 2.814333f) < 1e-5f);
  BOOST_TEST(std::abs(height[48 * 144 + 40] - 0.252168f) < 1e-5f);
  BOOST_TEST(std::abs(height[46 * 144 + 26] - 0.171865f) < 1e-5f);
  double land_points = 0;
  for (std::size_t i = 0; i < land.size(); ++i) {
    land_points += static_cast<double>(land[i]);
    BOOST_REQUIRE(land[i] == (height[i] > 0 ? 1.0f : 0.0f));
  }
  BOOST_TEST(land_points == 3584.0);
}

BOOST_AUTO_TEST_CASE(a_field_as_it_is_comes_standardised) {
  const StaticFieldSpec spec{"/usr/share/ferret-vis/data/etopo60.cdf", "ROSE", {}};
  const Grid grid = winds_grid();
  const auto channels = read_static_channels({spec}, grid);
  BOOST_REQUIRE(channels.ok() && channels->size() == 1u);
  const auto weights = row_weights(grid);
  double mean = 0, square = 0;
  for (std::size_t i = 0; i < grid.size(); ++i) {
    const double value = static_cast<double>(channels->at(0).values[i]);
    mean += weights[i / 144] * value;
    square += weights[i / 144] * value * value;
  }
  BOOST_TEST(std::abs(mean) < 1e-6);
  BOOST_TEST(std::abs(square - 1) < 1e-6);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_derived_or_found_is_named) {
  const std::string path = "/usr/share/ferret-vis/data/etopo60.cdf";
  const auto derive = read_static_channels({{path, "ROSE", {"hight"}}}, winds_grid());
  BOOST_REQUIRE(!derive.ok());
  BOOST_TEST(derive.error().message == "[[data.static]] derive = \"hight\" is not supported; did you mean \"height\"?");
  const auto variable = read_static_channels({{path, "ROSES", {"land"}}}, winds_grid());
  BOOST_REQUIRE(!variable.ok());
  BOOST_TEST(variable.error().message ==
             "[[data.static]] variable = \"ROSES\": " + path + " has no variable of this name; did you mean \"ROSE\"?");
  const auto file = read_static_channels({{"/nowhere.nc", "ROSE", {"land"}}}, winds_grid());
  BOOST_REQUIRE(!file.ok());
  BOOST_TEST(file.error().message.find("[[data.static]] path = \"/nowhere.nc\": there is no such file") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
