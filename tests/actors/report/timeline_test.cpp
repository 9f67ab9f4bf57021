#include "actors/report/timeline.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/actors/report/scratch_folder.hpp"

using namespace fulmar::report;

namespace {

std::string event(std::size_t version, const std::string& kind = "node_joined", const std::string& text = "b joined") {
  return nlohmann::json({{"time", "2026-11-23T22:11:53.123Z"},
                         {"kind", kind},
                         {"severity", "detail"},
                         {"version", version},
                         {"text", text}})
      .dump();
}

Timeline read(const std::vector<std::string>& lines, std::size_t events_max) {
  const test::ScratchFolder folder;
  auto timeline = read_timeline(folder.write_lines("events.jsonl", lines), events_max);
  BOOST_REQUIRE_MESSAGE(timeline.ok(), (timeline.ok() ? "" : timeline.error().message));
  return *std::move(timeline);
}

std::vector<std::size_t> versions(const Timeline& timeline) {
  std::vector<std::size_t> versions;
  for (const nlohmann::json& event : timeline.events) versions.push_back(event["version"]);
  return versions;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(timeline)

BOOST_AUTO_TEST_CASE(events_come_as_they_are_without_the_routine) {
  const Timeline found = read({event(1), event(2, "validated"), event(2, "checkpoint_written"),
                               event(3, "node_lost", "node 2 ({b</script>}) died"), event(4, "checkpoint_failed")},
                              10);
  BOOST_TEST((versions(found) == std::vector<std::size_t>{1, 3, 4}));
  BOOST_TEST(found.events[1]["text"] == "node 2 ({b</script>}) died");
  BOOST_TEST((found.skipped == 0u && found.left_out == 0u));
}

BOOST_AUTO_TEST_CASE(of_too_many_events_the_first_and_the_latest_stay) {
  std::vector<std::string> lines;
  for (std::size_t version = 0; version < 100; ++version) lines.push_back(event(version));
  const Timeline found = read(lines, 8);
  BOOST_TEST((versions(found) == std::vector<std::size_t>{0, 1, 94, 95, 96, 97, 98, 99}));
  BOOST_TEST(found.left_out == 92u);
  lines.resize(8);
  BOOST_TEST(read(lines, 8).left_out == 0u);
}

BOOST_AUTO_TEST_CASE(torn_and_foreign_lines_are_skipped_and_counted) {
  const std::string whole = event(1);
  const Timeline found = read({whole.substr(0, 30), "{\"kind\":\"note\"}", "{}{}", whole, "[1]"}, 10);
  BOOST_TEST(found.events.size() == 1u);
  BOOST_TEST(found.skipped == 4u);
}

BOOST_AUTO_TEST_SUITE_END()
