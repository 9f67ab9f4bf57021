#include "data/grid.hpp"

#include <cmath>
#include <utility>

#include <boost/test/unit_test.hpp>

using namespace fulmar::data;

namespace {

std::vector<double> steps(double first, double step, std::size_t count) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(first + step * static_cast<double>(i));
  return values;
}

WindowedGrid select(const std::vector<double>& latitudes, const std::vector<double>& longitudes,
                    const WindowSpec& window) {
  const auto selected = select_window("winds.nc", latitudes, longitudes, window);
  BOOST_REQUIRE_MESSAGE(selected.ok(), (selected.ok() ? "" : selected.error().message));
  return *selected;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(grid)

BOOST_AUTO_TEST_CASE(a_window_takes_the_rows_inside_it_in_either_order) {
  for (const auto& latitude : {std::pair(-90.0, 87.5), std::pair(87.5, -90.0)}) {
    const auto selected = select(steps(-90, 2.5, 73), steps(20, 2.5, 144), {latitude, {}});
    BOOST_TEST(selected.grid.rows() == 72u);
    BOOST_TEST(selected.window.first_row == 0u);
    BOOST_TEST(selected.grid.latitudes.back() == 87.5);
    BOOST_TEST(selected.grid.periodic);
  }
}

BOOST_AUTO_TEST_CASE(rows_run_from_south_to_north_whatever_the_file_does) {
  const auto selected = select(steps(90, -30, 7), steps(0, 45, 8), {std::pair(-30.0, 60.0), {}});
  const std::vector<double> expected{-30, 0, 30, 60};
  BOOST_TEST(selected.grid.latitudes == expected, boost::test_tools::per_element());
  BOOST_TEST(selected.window.north_first);
  BOOST_TEST(selected.window.first_row == 1u);
}

BOOST_AUTO_TEST_CASE(a_window_may_cross_the_files_edge_and_count_longitudes_in_another_way) {
  for (const auto& longitude : {std::pair(-50.0, 50.0), std::pair(310.0, 410.0), std::pair(310.0, 50.0)}) {
    const auto selected = select(steps(-80, 20, 9), steps(0, 45, 8), {{}, longitude});
    const std::vector<double> expected{315, 360, 405};
    BOOST_TEST(selected.grid.longitudes == expected, boost::test_tools::per_element());
    BOOST_TEST(selected.window.first_column == 7u);
    BOOST_TEST(!selected.grid.periodic);
  }
}

BOOST_AUTO_TEST_CASE(a_window_of_all_columns_is_periodic_however_it_is_written) {
  for (const auto& longitude : {std::pair(20.0, 377.5), std::pair(0.0, 360.0), std::pair(-180.0, 177.5)}) {
    const auto selected = select(steps(-80, 20, 9), steps(20, 2.5, 144), {{}, longitude});
    BOOST_TEST(selected.grid.columns() == 144u);
    BOOST_TEST(selected.grid.periodic);
  }
}

BOOST_AUTO_TEST_CASE(a_regional_file_ends_where_it_ends) {
  const auto selected = select(steps(-80, 20, 9), steps(0, 10, 10), {{}, std::pair(-30.0, 45.0)});
  const std::vector<double> expected{0, 10, 20, 30, 40};
  BOOST_TEST(selected.grid.longitudes == expected, boost::test_tools::per_element());
}

// GRID-2. The sum's tolerance is the rounding of 10,368 double additions.
BOOST_AUTO_TEST_CASE(weights_follow_the_cosine_sum_to_one_and_vanish_at_the_pole) {
  const auto selected = select(steps(-90, 2.5, 73), steps(20, 2.5, 144), {std::pair(-90.0, 87.5), {}});
  const auto weights = row_weights(selected.grid);
  double sum = 0;
  for (const double weight : weights) sum += weight * 144;
  BOOST_TEST(std::abs(sum - 1) < 1e-12);
  BOOST_TEST(weights[0] == 0.0);
  BOOST_TEST(std::abs(weights[60] / weights[36] - 0.5) < 1e-12);  // 60N against the equator
}

BOOST_AUTO_TEST_CASE(an_empty_window_names_the_key_and_what_there_is) {
  const auto latitude = select_window("winds.nc", steps(-80, 20, 9), steps(0, 45, 8), {std::pair(85.0, 90.0), {}});
  BOOST_REQUIRE(!latitude.ok());
  BOOST_TEST(
      latitude.error().message ==
      "[data] latitude = [85, 90] selects no row of winds.nc, which covers [-80, 80]; give a window inside that");
  const auto longitude = select_window("winds.nc", steps(-80, 20, 9), steps(0, 10, 9), {{}, std::pair(100.0, 120.0)});
  BOOST_REQUIRE(!longitude.ok());
  BOOST_TEST(longitude.error().message ==
             "[data] longitude = [100, 120] selects no column of winds.nc, which covers [0, 80]; give a window inside "
             "that");
}

BOOST_AUTO_TEST_CASE(a_factor_that_does_not_divide_names_the_window_that_fits) {
  const auto whole = select(steps(-90, 2.5, 73), steps(20, 2.5, 144), {});
  const auto refused = check_divisible(whole.grid, 4);
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(
      refused.error().message ==
      "[task] factor = 4 does not divide the 73 rows of [data] latitude = [-90, 90]; [data] latitude = [-90, 87.5] "
      "fits (72 rows)");
  BOOST_TEST(
      check_divisible(select(steps(-90, 2.5, 73), steps(20, 2.5, 144), {std::pair(-90.0, 87.5), {}}).grid, 4).ok());
}

BOOST_AUTO_TEST_SUITE_END()
