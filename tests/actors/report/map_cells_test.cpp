#include "actors/report/map_cells.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include <boost/test/unit_test.hpp>

#include "tests/actors/report/decoded_field.hpp"

using namespace fulmar::report;
using test::decoded;

namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

}  // namespace

BOOST_AUTO_TEST_SUITE(map_cells)

// MAP-1; the end of each range is exact, since it is a whole step away from the middle.
BOOST_AUTO_TEST_CASE(a_field_comes_back_to_half_a_step) {
  std::vector<float> field;
  for (int i = 0; i < 1001; ++i) field.push_back(-20.0f + 0.05f * static_cast<float>(i * 37 % 1001));
  field[5] = kNaN;
  field[6] = kInfinity;
  const nlohmann::json json = encoded_field(field);
  const auto values = decoded(json);
  BOOST_REQUIRE(values.size() == field.size());
  const double half_step = 50.0 / 65534 / 2 * (1 + 1e-6);
  for (std::size_t i = 0; i < field.size(); ++i) {
    BOOST_REQUIRE(std::isnan(values[i]) == (i == 5 || i == 6));
    if (i != 5 && i != 6) BOOST_REQUIRE(std::abs(values[i] - static_cast<double>(field[i])) <= half_step);
  }
  BOOST_TEST(json["missing"] == -32768);
}

// Base64 of the bytes 01 80, ff 7f, 00 80 by RFC 4648, from `base64`; lengths of all remainders by three.
BOOST_AUTO_TEST_CASE(integers_are_little_endian_and_in_base64) {
  BOOST_TEST(encoded_field(std::vector<float>{-1, 1, kNaN})["int16"] == "AYD/fwCA");
  BOOST_TEST(encoded_field(std::vector<float>{-1, 1})["int16"] == "AYD/fw==");
  BOOST_TEST(encoded_field(std::vector<float>{-1, 1, kNaN, kNaN})["int16"] == "AYD/fwCAAIA=");
  BOOST_TEST(encoded_field(std::vector<float>{})["int16"] == "");
}

BOOST_AUTO_TEST_CASE(a_field_of_one_value_or_of_none_is_kept) {
  for (const double value : decoded(encoded_field(std::vector<float>{7.25f, 7.25f}))) BOOST_TEST(value == 7.25);
  for (const double value : decoded(encoded_field(std::vector<float>{kNaN, kNaN}))) BOOST_TEST(std::isnan(value));
}

BOOST_AUTO_TEST_CASE(a_grid_that_a_screen_can_show_is_left_alone) {
  const MapCells cells({{-10, 0, 10}, {0, 90, 180, 270}, true}, 3, 4);
  BOOST_TEST((cells.grid().latitudes == std::vector<double>{-10, 0, 10}));
  BOOST_TEST(cells.grid().periodic);
  const std::vector<float> field{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  BOOST_TEST((cells.averaged(field) == field));
}

BOOST_AUTO_TEST_CASE(a_finer_grid_is_shown_by_the_means_of_blocks) {
  const MapCells cells({{0, 1, 2}, {10, 11, 12, 13, 14}, false}, 2, 3);
  BOOST_TEST((cells.grid().latitudes == std::vector<double>{0.5, 2}));
  BOOST_TEST((cells.grid().longitudes == std::vector<double>{10.5, 12.5, 14}));
  const auto means = cells.averaged(std::vector<float>{1, 2, 3, kNaN, kNaN,  //
                                                       3, 4, 5, 6, kNaN,     //
                                                       7, 8, 9, 10, 11});
  const std::vector<float> expected{2.5f, 14 / 3.0f, kNaN, 7.5f, 9.5f, 11};
  for (std::size_t i = 0; i < 6; ++i) {
    BOOST_TEST(std::isnan(means[i]) == std::isnan(expected[i]));
    if (!std::isnan(expected[i])) BOOST_TEST(means[i] == expected[i]);
  }
}

BOOST_AUTO_TEST_SUITE_END()
