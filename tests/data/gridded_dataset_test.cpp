#include "data/gridded_dataset.hpp"

#include <cmath>

#include <boost/test/unit_test.hpp>
#include <netcdf.h>

#include "data/field_cache.hpp"
#include "tests/data/netcdf_writer.hpp"
#include "tests/data/small_world.hpp"

using namespace fulmar;
using namespace fulmar::data;
using namespace fulmar::data::test;

namespace {

GriddedDataset opened(const std::vector<std::string>& paths, const std::vector<std::string>& variables,
                      const WindowSpec& window) {
  auto dataset = GriddedDataset::open(paths, variables, window);
  BOOST_REQUIRE_MESSAGE(dataset.ok(), (dataset.ok() ? "" : dataset.error().message));
  return *std::move(dataset);
}

/// A 2 × 2 file whose value at time t, point p is 10 t + p.
std::string write_piece(const std::string& name, const std::string& variable, const std::vector<double>& days) {
  NetcdfWriter writer(name);
  writer.axis("time", "days since 2000-01-01", days);
  writer.axis("lat", "degrees_north", {-10, 10});
  writer.axis("lon", "degrees_east", {0, 180});
  std::vector<double> values;
  for (const double day : days)
    for (int point = 0; point < 4; ++point) values.push_back(10 * day + point);
  writer.variable(variable, NC_DOUBLE, {"time", "lat", "lon"}, values);
  return writer.close();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(gridded_dataset)

// CLIMATE.md's check values.
BOOST_AUTO_TEST_CASE(the_sample_reads_with_its_known_values_and_dates) {
  const auto dataset = opened({"/usr/share/ferret-vis/data/monthly_navy_winds.cdf"}, {"UWND", "VWND"}, {});
  BOOST_TEST(dataset.dates().size() == 132u);
  BOOST_TEST(to_string(dataset.dates().front()) == "1982-01-16");
  BOOST_TEST(to_string(dataset.dates().back()) == "1992-12-17");
  BOOST_TEST(dataset.unit(0) == "M/S");
  std::vector<float> field(dataset.grid().size());
  BOOST_REQUIRE(dataset.read(0, 0, field).ok());
  BOOST_TEST(field[36 * 144] == 0.0331967f, boost::test_tools::tolerance(1e-6f));
  BOOST_REQUIRE(dataset.read(0, 131, field).ok());
  BOOST_TEST(field[40 * 144 + 72] == -6.7683883f, boost::test_tools::tolerance(1e-6f));
}

// The months are a calendar's whole: every one of eleven years has each month once.
BOOST_AUTO_TEST_CASE(every_month_of_the_sample_is_there_once) {
  const auto dataset = opened({"/usr/share/ferret-vis/data/monthly_navy_winds.cdf"}, {"UWND"}, {});
  for (std::size_t i = 0; i < dataset.dates().size(); ++i) {
    BOOST_REQUIRE(dataset.dates()[i].year == 1982 + static_cast<int>(i) / 12);
    BOOST_REQUIRE(dataset.dates()[i].month == 1 + static_cast<int>(i) % 12);
  }
}

BOOST_AUTO_TEST_CASE(a_window_across_the_files_edge_reads_both_sides) {
  const std::string path = write_world("edge.nc");
  const auto dataset = opened({path}, {"S"}, {std::pair(-30.0, -10.0), std::pair(270.0, 410.0)});
  BOOST_REQUIRE(dataset.grid().size() == 8u);
  std::vector<float> field(8);
  BOOST_REQUIRE(dataset.read(0, 7, field).ok());
  const std::size_t points[] = {22, 23, 16, 17, 30, 31, 24, 25};
  for (std::size_t i = 0; i < 8; ++i) BOOST_TEST(field[i] == static_cast<float>(world_value(1, 7, points[i])));
}

BOOST_AUTO_TEST_CASE(rows_from_north_to_south_are_turned_round) {
  NetcdfWriter writer("north_first.nc");
  writer.axis("time", "days since 2000-01-01", {0});
  writer.axis("lat", "degrees_north", {20, 0, -20});
  writer.axis("lon", "degrees_east", {0, 180});
  writer.variable("t", NC_FLOAT, {"time", "lat", "lon"}, {1, 2, 3, 4, 5, 6});
  const auto dataset = opened({writer.close()}, {"t"}, {std::pair(-20.0, 0.0), {}});
  std::vector<float> field(4);
  BOOST_REQUIRE(dataset.read(0, 0, field).ok());
  const std::vector<float> expected{5, 6, 3, 4};
  BOOST_TEST(field == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(files_are_joined_along_time_and_by_variable_in_any_order) {
  const std::string late = write_piece("join_a_late.nc", "a", {40, 70}),
                    early = write_piece("join_a_early.nc", "a", {10});
  const std::string other = write_piece("join_b.nc", "b", {10, 40, 70});
  const auto listed = opened({late, other, early}, {"a", "b"}, {});
  const auto matched = opened({temporary_path("join_*.nc")}, {"a", "b"}, {});
  for (const GriddedDataset* dataset : {&listed, &matched}) {
    BOOST_REQUIRE(dataset->dates().size() == 3u);
    BOOST_TEST(to_string(dataset->dates()[1]) == "2000-02-10");
    std::vector<float> field(4);
    for (const std::size_t variable : {0u, 1u}) {
      BOOST_REQUIRE(dataset->read(variable, 2, field).ok());
      BOOST_TEST(field[3] == 703.0f);
    }
  }
}

BOOST_AUTO_TEST_CASE(times_that_overlap_or_differ_are_refused) {
  const std::string first = write_piece("twice_1.nc", "a", {10, 40}), second = write_piece("twice_2.nc", "a", {40, 70});
  const auto twice = GriddedDataset::open({first, second}, {"a"}, {});
  BOOST_REQUIRE(!twice.ok());
  BOOST_TEST(twice.error().message.find(second + ": a at 2000-02-10 is there twice") != std::string::npos);
  const auto uneven = GriddedDataset::open({first, write_piece("uneven.nc", "b", {10, 41})}, {"a", "b"}, {});
  BOOST_REQUIRE(!uneven.ok());
  BOOST_TEST(uneven.error().message.find("a and b do not have the same times (2 and 2; the first difference is at "
                                         "2000-02-10)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_variable_without_any_time_is_refused) {
  NetcdfWriter writer("empty.nc");
  writer.axis("time", "days since 2000-01-01", {});  // of length 0, that is unlimited without a record
  writer.axis("lat", "degrees_north", {-10, 10});
  writer.axis("lon", "degrees_east", {0, 180});
  writer.variable("a", NC_DOUBLE, {"time", "lat", "lon"}, {});
  const std::string path = writer.close();
  const auto dataset = GriddedDataset::open({path}, {"a"}, {});
  BOOST_REQUIRE(!dataset.ok());
  BOOST_TEST(dataset.error().message ==
             "[data] targets or inputs = \"a\": " + path + " holds no time of it; give a file with at least one");
}

BOOST_AUTO_TEST_CASE(a_pattern_without_a_match_is_refused) {
  const auto dataset = GriddedDataset::open({"/nowhere/*.nc"}, {"a"}, {});
  BOOST_REQUIRE(!dataset.ok());
  BOOST_TEST(dataset.error().message ==
             "[data] path = \"/nowhere/*.nc\": no file matches this pattern; check it with ls");
}

// CACHE-1 and CACHE-2: what is read does not depend on the bound, what is read again does.
BOOST_AUTO_TEST_CASE(the_cache_keeps_what_fits_and_changes_nothing) {
  const std::string path = write_world("cache.nc");
  constexpr std::size_t kFieldBytes = kWorldPoints * sizeof(float);
  struct Case {
    std::size_t bytes;
    std::uint64_t reads;
  };
  // Three rounds over four fields: all are kept, all but one round thrashes, and nothing is kept at all.
  for (const auto& [bytes, reads] : {Case{4 * kFieldBytes, 4}, Case{3 * kFieldBytes, 12}, Case{1, 12}}) {
    const FieldCache cache(opened({path}, {"T", "S"}, {}), bytes);
    for (int round = 0; round < 3; ++round)
      for (const std::size_t time : {3u, 9u, 27u, 40u}) {
        const auto field = cache.field(1, time);
        BOOST_REQUIRE(field.ok());
        for (std::size_t i = 0; i < kWorldPoints; ++i)
          BOOST_REQUIRE((**field)[i] == static_cast<float>(world_value(1, time, i)));
      }
    BOOST_TEST(cache.file_reads() == reads);
  }
}

BOOST_AUTO_TEST_CASE(the_cache_forgets_what_was_used_longest_ago) {
  const FieldCache cache(opened({write_world("lru.nc")}, {"T"}, {}), 2 * kWorldPoints * sizeof(float));
  for (const std::size_t time : {0u, 1u, 0u, 2u, 0u}) BOOST_REQUIRE(cache.field(0, time).ok());
  BOOST_TEST(cache.file_reads() == 3u);  // 2 displaced 1, not 0
  BOOST_REQUIRE(cache.field(0, 1).ok());
  BOOST_TEST(cache.file_reads() == 4u);
}

BOOST_AUTO_TEST_SUITE_END()
