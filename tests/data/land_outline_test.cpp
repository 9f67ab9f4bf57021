#include "data/land_outline.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <set>
#include <tuple>

#include <boost/test/unit_test.hpp>

using namespace fulmar::data;

namespace {

constexpr float kMissing = std::numeric_limits<float>::quiet_NaN();

std::vector<double> steps(double first, double step, std::size_t count) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(first + step * static_cast<double>(i));
  return values;
}

/// Round the whole circle of longitudes: an island whose height falls by 1 m a degree, and is 0 on a circle.
SourceField island(double longitude, double latitude, double radius, double step) {
  SourceField relief{steps(-60, step, static_cast<std::size_t>(120 / step) + 1),
                     steps(0, step, static_cast<std::size_t>(360 / step)),
                     {}};
  for (const double y : relief.latitudes)
    for (const double x : relief.longitudes) {
      const double away = std::remainder(x - longitude, 360.0);
      relief.values.push_back(static_cast<float>(radius - std::hypot(away, y - latitude)));
    }
  return relief;
}

double length(const std::vector<Polyline>& lines) {
  double sum = 0;
  for (const Polyline& line : lines)
    for (std::size_t i = 1; i < line.size(); ++i)
      sum += std::hypot(line[i].longitude - line[i - 1].longitude, line[i].latitude - line[i - 1].latitude);
  return sum;
}

/// Enclosed by lines that are closed, or whose ends lie on one meridian.
double area(const std::vector<Polyline>& lines) {
  double sum = 0;
  for (const Polyline& line : lines) {
    double twice = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const MapPoint a = line[i], b = line[(i + 1) % line.size()];
      twice += a.longitude * b.latitude - b.longitude * a.latitude;
    }
    sum += std::abs(twice) / 2;
  }
  return sum;
}

/// Islands of 20° on a relief of 0.5°: linear interpolation of a distance is wrong by at most h²/8r = 0.0016°, so that
/// length and area are right to 1e-3.
void check_disc(const std::vector<Polyline>& lines, double longitude) {
  BOOST_TEST(std::abs(length(lines) / (2 * std::numbers::pi * 20) - 1) < 1e-3);
  BOOST_TEST(std::abs(area(lines) / (std::numbers::pi * 400) - 1) < 1e-3);
  for (const Polyline& line : lines)
    for (const MapPoint& point : line) {
      const double away = std::remainder(point.longitude - longitude, 360.0);
      BOOST_REQUIRE(std::abs(std::hypot(away, point.latitude - 10) - 20) < 0.002);
    }
}

Grid globe() {
  return {steps(-58.75, 2.5, 48), steps(0, 2.5, 144), true};
}

/// Which sides between neighbours a coast crosses: row, column, and whether it runs to the next column.
using Side = std::tuple<std::size_t, std::size_t, bool>;

/// The index of the coordinate that is there, or of the one below (and false).
std::pair<std::size_t, bool> place(const std::vector<double>& coordinates, double value) {
  for (std::size_t i = 0; i < coordinates.size(); ++i)
    if (std::abs(coordinates[i] - value) < 1e-9) return {i, true};
  const auto above = std::upper_bound(coordinates.begin(), coordinates.end(), value);
  return {static_cast<std::size_t>(above - coordinates.begin()) - 1, false};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(land_outline_)

BOOST_AUTO_TEST_CASE(a_round_island_has_the_length_and_the_area_of_a_circle) {
  const auto lines = land_outline(island(180, 10, 20, 0.5), globe());
  BOOST_REQUIRE(lines.size() == 1u);
  BOOST_TEST((lines[0].front() == lines[0].back()));
  check_disc(lines, 180);
}

// OUTLINE-2. Cells of 2.5° round 0° and 357.5°: the map begins and ends at −1.25° and 358.75°.
BOOST_AUTO_TEST_CASE(an_island_on_the_seam_is_drawn_on_both_sides_of_the_map) {
  const auto lines = land_outline(island(0, 10, 20, 0.5), globe());
  BOOST_REQUIRE(lines.size() == 2u);
  check_disc(lines, 0);
  std::multiset<double> west, east;
  for (const Polyline& line : lines) {
    for (const MapPoint& point : line) BOOST_REQUIRE((point.longitude >= -1.25 && point.longitude <= 358.75));
    for (const MapPoint& end : {line.front(), line.back()}) (end.longitude < 180 ? west : east).insert(end.latitude);
    BOOST_TEST((line.front().longitude == -1.25 || line.front().longitude == 358.75));
    BOOST_TEST(line.back().longitude == line.front().longitude);
  }
  BOOST_REQUIRE((west.size() == 2u && east.size() == 2u));
  BOOST_TEST(std::abs(*west.begin() - *east.begin()) < 1e-9);
  BOOST_TEST(std::abs(*west.rbegin() - *east.rbegin()) < 1e-9);
}

BOOST_AUTO_TEST_CASE(an_island_comes_in_the_longitudes_of_the_grid) {
  const Grid western{steps(-58.75, 2.5, 48), steps(-40, 2.5, 33), false};
  const auto lines = land_outline(island(355, 10, 20, 0.5), western);
  BOOST_REQUIRE(lines.size() == 1u);
  check_disc(lines, -5);
  for (const MapPoint& point : lines[0]) BOOST_REQUIRE((point.longitude > -26 && point.longitude < 16));
  const Grid elsewhere{steps(-58.75, 2.5, 48), steps(100, 2.5, 33), false};
  BOOST_TEST(land_outline(island(355, 10, 20, 0.5), elsewhere).empty());
}

BOOST_AUTO_TEST_CASE(a_coast_ends_at_the_border_of_the_window) {
  const Grid half{steps(-58.75, 2.5, 48), steps(181, 2, 20), false};  // the map begins at 180
  const auto lines = land_outline(island(180, 10, 20, 0.5), half);
  BOOST_REQUIRE(lines.size() == 1u);
  BOOST_TEST(std::abs(length(lines) / (std::numbers::pi * 20) - 1) < 1e-3);
  BOOST_TEST(lines[0].front().longitude == 180.0);
  BOOST_TEST(lines[0].back().longitude == 180.0);
}

// Heights −1 and 1 cross half way; rows may run from the north; a missing height is sea; 3 and −1 cross at 3/4.
BOOST_AUTO_TEST_CASE(a_coast_crosses_where_the_height_interpolates_to_zero) {
  const Grid window{steps(0, 1, 3), steps(0, 1, 3), false};
  const SourceField relief{{2, 1, 0},
                           {0, 1, 2},
                           {-1, -1, -1,       //
                            -1, 3, kMissing,  //
                            -1, -3, -1}};
  const auto lines = land_outline(relief, window);
  BOOST_REQUIRE(lines.size() == 1u);
  std::set<std::pair<double, double>> points;
  for (const MapPoint& point : lines[0]) points.emplace(point.longitude, point.latitude);
  const std::set<std::pair<double, double>> expected{{0.25, 1}, {1.5, 1}, {1, 1.75}, {1, 0.5}};
  BOOST_TEST((points == expected));
  BOOST_TEST(lines[0].size() == 5u);
}

// Two lands that meet in a corner: joined where the middle is land, apart where it is not.
BOOST_AUTO_TEST_CASE(the_middle_of_a_saddle_decides) {
  const Grid window{steps(0, 1, 4), steps(0, 1, 4), false};
  const auto outline = [&](float high) {
    return land_outline({steps(0, 1, 4),
                         steps(0, 1, 4),
                         {-1, -1, -1, -1,    //
                          -1, high, -1, -1,  //
                          -1, -1, high, -1,  //
                          -1, -1, -1, -1}},
                        window);
  };
  BOOST_TEST(outline(3).size() == 1u);
  BOOST_TEST(outline(0.5).size() == 2u);
}

// OUTLINE-1 on the relief of the Earth: the corners of the lines are exactly the sides between land and sea.
BOOST_AUTO_TEST_CASE(the_coasts_of_the_earth_lie_between_its_land_and_its_sea) {
  const auto relief = read_static_field({"/usr/share/ferret-vis/data/etopo60.cdf", "ROSE", {"land"}});
  BOOST_REQUIRE_MESSAGE(relief.ok(), (relief.ok() ? "" : relief.error().message));
  const auto& [latitudes, longitudes, heights] = *relief;
  BOOST_REQUIRE((latitudes.size() == 180u && longitudes.size() == 360u));
  const auto is_land = [&](std::size_t row, std::size_t column) { return heights[row * 360 + column % 360] > 0; };
  std::set<Side> expected, found;
  for (std::size_t row = 0; row < 180; ++row)
    for (std::size_t column = 0; column < 360; ++column) {
      if (is_land(row, column) != is_land(row, column + 1)) expected.emplace(row, column, true);
      if (row < 179 && is_land(row, column) != is_land(row + 1, column)) expected.emplace(row, column, false);
    }
  Grid grid{latitudes, longitudes, true};
  const MapBox window = map_window(grid);
  std::size_t repeated = 0;
  for (const Polyline& line : land_outline(*relief, grid, 1'000'000))
    for (std::size_t i = 0; i < line.size(); ++i) {
      const double longitude = line[i].longitude;
      if (longitude == window.west || longitude == window.east) continue;  // cut there
      if (i > 0 && line[i] == line.front()) ++repeated;
      const auto [row, on_row] = place(latitudes, line[i].latitude);
      const auto [column, on_column] = place(longitudes, longitude < longitudes.front() ? longitude + 360 : longitude);
      BOOST_REQUIRE((on_row || on_column));
      if (on_row && on_column) continue;  // a height of exactly 0: on more than one side
      found.emplace(row, column, on_row);
    }
  BOOST_TEST(repeated > 20u);  // islands
  std::vector<Side> invented, lost;
  std::ranges::set_difference(found, expected, std::back_inserter(invented));
  std::ranges::set_difference(expected, found, std::back_inserter(lost));
  BOOST_TEST(invented.empty());
  const auto has_zero = [&](const Side& side) {
    const auto [row, column, eastward] = side;
    return heights[row * 360 + column] == 0 ||
           heights[eastward ? row * 360 + (column + 1) % 360 : (row + 1) * 360 + column] == 0;
  };
  BOOST_TEST((std::ranges::all_of(lost, has_zero)));
  BOOST_TEST(expected.size() - lost.size() > 4000u);
}

BOOST_AUTO_TEST_SUITE_END()
