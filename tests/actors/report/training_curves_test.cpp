#include "actors/report/training_curves.hpp"

#include <algorithm>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/actors/report/scratch_folder.hpp"

using namespace fulmar;
using namespace fulmar::report;

namespace {

/// As a head writes it.
std::string line(std::uint64_t term, std::uint64_t version) {
  return nlohmann::json({{"term", term},
                         {"version", version},
                         {"epoch", version / 10},
                         {"samples", 8 * version},
                         {"loss", 1.0 / static_cast<double>(version + 1)},
                         {"samples_per_second", 140.5},
                         {"nodes", 2},
                         {"policy", "sync"},
                         {"staleness", {{"mean", 1.2}, {"max", 4}}},
                         {"time", "2026-11-23T22:11:53.125Z"}})
      .dump();
}

TrainingCurves read(const std::vector<std::string>& lines, std::size_t points_max) {
  const test::ScratchFolder folder;
  auto curves = read_training_curves(folder.write_lines("metrics.jsonl", lines), points_max);
  BOOST_REQUIRE_MESSAGE(curves.ok(), (curves.ok() ? "" : curves.error().message));
  for (const auto& [name, column] : curves->columns.items())
    BOOST_REQUIRE(column.size() == curves->columns["version"].size());
  return *std::move(curves);
}

std::vector<std::uint64_t> versions(const TrainingCurves& curves) {
  return curves.columns["version"].get<std::vector<std::uint64_t>>();
}

}  // namespace

BOOST_AUTO_TEST_SUITE(training_curves)

BOOST_AUTO_TEST_CASE(a_short_run_is_shown_line_by_line) {
  const TrainingCurves curves = read({line(1, 0), line(1, 9), line(2, 5)}, 100);
  BOOST_TEST((versions(curves) == std::vector<std::uint64_t>{0, 9, 5}));
  BOOST_TEST((curves.columns["term"] == nlohmann::json({1, 1, 2})));
  BOOST_TEST(curves.columns["loss"][1] == 0.1);
  BOOST_TEST(curves.columns["samples_per_second"][0] == 140.5);
  BOOST_TEST(curves.columns["nodes"][2] == 2);
  BOOST_TEST(curves.columns["time"][0] == 1795471913.125);  // date -d 2026-11-23T22:11:53.125Z +%s.%3N
  BOOST_TEST(curves.skipped == 0u);
}

BOOST_AUTO_TEST_CASE(a_long_run_is_thinned_evenly_between_its_ends) {
  std::vector<std::string> lines;
  for (std::uint64_t version = 0; version < 20'001; ++version) lines.push_back(line(1, version));
  const TrainingCurves curves = read(lines, 200);
  const auto kept = versions(curves);
  BOOST_TEST(kept.size() <= 200u);
  BOOST_TEST(kept.size() >= 75u);
  BOOST_TEST(kept.front() == 0u);
  BOOST_TEST(kept.back() == 20'000u);
  BOOST_TEST(std::ranges::is_sorted(kept));
  for (std::size_t i = 1; i < kept.size(); ++i) BOOST_REQUIRE(kept[i] - kept[i - 1] <= 20'001 / 75);
}

BOOST_AUTO_TEST_CASE(where_a_head_ended_and_the_next_began_is_kept) {
  std::vector<std::string> lines;
  for (std::uint64_t version = 0; version < 7'777; ++version) lines.push_back(line(1, version));
  for (std::uint64_t version = 7'123; version < 11'111; ++version) lines.push_back(line(3, version));
  lines.push_back(line(4, 11'000));
  for (std::uint64_t version = 11'001; version < 30'000; ++version) lines.push_back(line(5, version));
  const auto kept = versions(read(lines, 100));
  BOOST_TEST(kept.size() <= 100u);
  for (const std::uint64_t border : {0u, 7'776u, 7'123u, 11'110u, 11'000u, 11'001u, 29'999u})
    BOOST_TEST(std::ranges::count(kept, border) >= 1);
}

BOOST_AUTO_TEST_CASE(not_even_heads_that_come_and_go_are_too_many) {
  std::vector<std::string> lines;
  for (std::uint64_t term = 1; term <= 5'000; ++term) lines.push_back(line(term, term));
  const auto kept = versions(read(lines, 100));
  BOOST_TEST(kept.size() <= 100u);
  BOOST_TEST(kept.size() >= 25u);
  BOOST_TEST(kept.front() == 1u);
  BOOST_TEST(kept.back() == 5'000u);
}

BOOST_AUTO_TEST_CASE(lines_that_are_torn_or_foreign_are_skipped_and_counted) {
  const std::string whole = line(1, 3);
  const std::size_t staleness = whole.find("\"staleness\":{");
  const std::string after_an_object = whole.substr(0, whole.find('}', staleness) + 1);
  const TrainingCurves curves = read({line(1, 1), whole.substr(0, 40), after_an_object, "{\"lines\":\"of another\"}",
                                      "{\"term\":1,,}", "{\"term\":1,\"version\":\"x\"}", line(1, 4)},
                                     100);
  BOOST_TEST((versions(curves) == std::vector<std::uint64_t>{1, 4}));
  BOOST_TEST(curves.skipped == 5u);
}

BOOST_AUTO_TEST_CASE(what_a_line_does_not_say_is_null) {
  const TrainingCurves curves = read({"{\"term\":1,\"version\":2,\"loss\":null,\"time\":\"yesterday\"}",
                                      "{\"term\":1,\"version\":3,\"time\":\"2026-13-01T00:00:00Z\",\"nodes\":\"two\"}"},
                                     100);
  BOOST_REQUIRE(versions(curves).size() == 2u);
  for (const char* name : {"loss", "time", "samples_per_second", "nodes"})
    for (const std::size_t i : {0u, 1u}) BOOST_TEST(curves.columns[name][i].is_null());
}

BOOST_AUTO_TEST_SUITE_END()
