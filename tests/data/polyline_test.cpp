#include "data/polyline.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include <boost/test/unit_test.hpp>

using namespace fulmar::data;

namespace {

constexpr MapBox kBox{0, 10, 0, 5};

Polyline circle(double radius, std::size_t points) {
  Polyline line;
  for (std::size_t i = 0; i < points; ++i) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(i) / static_cast<double>(points);
    line.push_back({radius * std::cos(angle), radius * std::sin(angle)});
  }
  line.push_back(line.front());
  return line;
}

std::size_t point_count(const std::vector<Polyline>& lines) {
  std::size_t count = 0;
  for (const Polyline& line : lines) count += line.size();
  return count;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(polyline)

BOOST_AUTO_TEST_CASE(a_line_inside_the_box_stays_as_it_is) {
  const Polyline line{{1, 1}, {2, 4}, {9, 4}, {1, 1}};
  const auto parts = clipped(line, kBox);
  BOOST_REQUIRE(parts.size() == 1u);
  BOOST_TEST((parts[0] == line));
  BOOST_TEST(clipped({{11, 1}, {12, 4}}, kBox).empty());
  BOOST_TEST(clipped({{5, 7}}, kBox).empty());
}

BOOST_AUTO_TEST_CASE(a_line_that_leaves_the_box_ends_on_its_border_and_begins_there_again) {
  const auto parts = clipped({{-2, 2}, {2, 2}, {2, 8}, {6, 8}, {6, 4}, {14, 4}}, kBox);
  BOOST_REQUIRE(parts.size() == 2u);
  BOOST_TEST((parts[0] == Polyline{{0, 2}, {2, 2}, {2, 5}}));
  BOOST_TEST((parts[1] == Polyline{{6, 5}, {6, 4}, {10, 4}}));
  const auto through = clipped({{-10, -5}, {20, 10}}, kBox);
  BOOST_REQUIRE(through.size() == 1u);
  BOOST_TEST((through[0] == Polyline{{0, 0}, {10, 5}}));
}

// A chord that replaces an arc of angle a on a circle of radius r is away from it by r(1 − cos(a/2)): with 100 points
// of 10,000 on a circle of 10° about 0.005°. The tolerances double, so that up to four times as much may be dropped.
BOOST_AUTO_TEST_CASE(a_line_is_thinned_where_it_shows_least) {
  const Polyline fine = circle(10, 10'000);
  const auto lines = thinned({fine}, 100);
  BOOST_REQUIRE(lines.size() == 1u);
  BOOST_TEST(lines[0].size() <= 100u);
  BOOST_TEST(lines[0].size() >= 40u);
  BOOST_TEST((lines[0].front() == lines[0].back()));
  for (std::size_t i = 1; i < lines[0].size(); ++i) {
    const MapPoint a = lines[0][i - 1], b = lines[0][i];
    BOOST_REQUIRE((std::find(fine.begin(), fine.end(), a) != fine.end()));
    const double middle = std::hypot((a.longitude + b.longitude) / 2, (a.latitude + b.latitude) / 2);
    BOOST_REQUIRE(10 - middle < 0.03);
  }
}

BOOST_AUTO_TEST_CASE(few_points_are_left_alone_and_specks_go_first) {
  std::vector<Polyline> lines{circle(10, 500)};
  for (std::size_t i = 0; i < 100; ++i) lines.push_back(circle(0.01, 8));
  BOOST_TEST((thinned(lines, point_count(lines)) == lines));
  const auto fewer = thinned(lines, 300);
  BOOST_TEST(point_count(fewer) <= 300u);
  BOOST_REQUIRE(fewer.size() == 1u);
  BOOST_TEST(fewer[0].size() > 50u);
  BOOST_TEST(thinned(std::vector<Polyline>(4, Polyline(5, {1, 1})), 2).empty());  // points that are all the same
}

BOOST_AUTO_TEST_SUITE_END()
