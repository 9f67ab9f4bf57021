#include "data/regrid.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include <boost/test/unit_test.hpp>

using namespace fulmar::data;

namespace {
constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();
}

BOOST_AUTO_TEST_SUITE(regrid)

BOOST_AUTO_TEST_CASE(block_means_are_the_plain_means_of_what_is_there) {
  const Regridding regridding(2, 6, 2, false);
  const std::vector<float> fine{1, 2, 10, kMissing, kMissing, kMissing,  //
                                3, 6, 20, 30,       kMissing, kMissing};
  std::vector<float> coarse(3);
  regridding.block_means(fine, coarse);
  BOOST_TEST(coarse[0] == 3.0f);
  BOOST_TEST(coarse[1] == 20.0f);
  BOOST_TEST(std::isnan(coarse[2]));
}

BOOST_AUTO_TEST_CASE(nearest_gives_every_point_its_blocks_value) {
  const Regridding regridding(4, 4, 2, true);
  std::vector<float> fine(16);
  regridding.nearest(std::vector<float>{1, 2, 3, 4}, fine);
  const std::vector<float> expected{1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4};
  BOOST_TEST(fine == expected, boost::test_tools::per_element());
}

// REGRID-1 with factor 4: fine index 0 is at coarse −0.375, 1 at −0.125, 2 at 0.125, 3 at 0.375. All are exact in
// binary.
BOOST_AUTO_TEST_CASE(bilinear_goes_round_the_circle_of_longitude) {
  const Regridding regridding(4, 8, 4, true);
  std::vector<float> fine(32);
  regridding.bilinear(std::vector<float>{0, 8}, fine);
  const std::vector<float> row{3, 1, 1, 3, 5, 7, 7, 5};
  for (std::size_t i = 0; i < fine.size(); ++i) BOOST_TEST(fine[i] == row[i % 8]);
}

BOOST_AUTO_TEST_CASE(bilinear_is_clamped_in_latitude_and_at_an_open_edge) {
  const Regridding regridding(8, 8, 4, false);
  std::vector<float> fine(64);
  regridding.bilinear(std::vector<float>{0, 8, 80, 88}, fine);
  const std::vector<float> along{0, 0, 1, 3, 5, 7, 8, 8};
  for (std::size_t i = 0; i < 8; ++i)
    for (std::size_t j = 0; j < 8; ++j) BOOST_TEST(fine[i * 8 + j] == 10 * along[i] + along[j]);
}

BOOST_AUTO_TEST_CASE(an_odd_factor_keeps_the_centres) {
  const Regridding regridding(3, 9, 3, true);
  std::vector<float> fine(27);
  regridding.bilinear(std::vector<float>{3, 6, 9}, fine);
  BOOST_TEST(fine[1] == 3.0f);
  BOOST_TEST(fine[4] == 6.0f);
  BOOST_TEST(fine[7] == 9.0f);
}

// A plane is reproduced wherever nothing is clamped; 1e-5 is a few float roundings of values below 40.
BOOST_AUTO_TEST_CASE(bilinear_of_the_block_means_of_a_plane_is_the_plane) {
  const std::size_t rows = 12, columns = 20, factor = 4;
  const Regridding regridding(rows, columns, factor, false);
  std::vector<float> plane(rows * columns), coarse(regridding.coarse_size()), fine(plane.size());
  for (std::size_t i = 0; i < plane.size(); ++i)
    plane[i] = 0.5f * static_cast<float>(i / columns) + 1.25f * static_cast<float>(i % columns);
  regridding.block_means(plane, coarse);
  regridding.bilinear(coarse, fine);
  for (std::size_t i = 2; i < rows - 2; ++i)
    for (std::size_t j = 2; j < columns - 2; ++j)
      BOOST_TEST(std::abs(fine[i * columns + j] - plane[i * columns + j]) < 1e-5f);
}

BOOST_AUTO_TEST_SUITE_END()
