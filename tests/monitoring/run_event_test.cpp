#include "monitoring/run_event.hpp"

#include <boost/test/unit_test.hpp>

namespace fulmar::monitoring {
namespace {

using namespace std::chrono;

constexpr system_clock::time_point kTime = sys_days(year(2026) / 11 / 23) + 22h + 11min + 53s + 123ms;

/// With everything that an event can have.
RunEvent node_lost(const std::string& name) {
  return {.time = kTime,
          .kind = "node_lost",
          .severity = Severity::warning,
          .term = 1,
          .version = 123,
          .node = 2,
          .node_name = name,
          .text = "node 2 (b) died",
          .reason = "connection closed",
          .seconds = 0.041};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(run_event)

BOOST_AUTO_TEST_CASE(an_event_is_one_line) {
  BOOST_TEST(to_json(node_lost("b")) ==
             R"({"time":"2026-11-23T22:11:53.123Z","kind":"node_lost","severity":"warning","term":1,"version":123,)"
             R"("node":2,"name":"b","text":"node 2 (b) died","reason":"connection closed","seconds":0.041})");
}

BOOST_AUTO_TEST_CASE(what_an_event_has_not_is_left_out) {
  const RunEvent event{.time = kTime, .kind = "note", .text = "hello"};
  BOOST_TEST(to_json(event) ==
             R"({"time":"2026-11-23T22:11:53.123Z","kind":"note","severity":"note","version":0,"text":"hello"})");
}

BOOST_AUTO_TEST_CASE(a_name_that_is_no_text_stays_one_line) {
  const std::string line = to_json({.time = kTime, .node_name = "\xff\n\"", .text = ""});
  BOOST_TEST(line.find('\n') == std::string::npos);
  BOOST_TEST(line.find("\"name\":\"\xef\xbf\xbd\\n\\\"\"") != std::string::npos, line);
}

BOOST_AUTO_TEST_CASE(an_event_is_read_as_it_was_written) {
  const RunEvent full = node_lost("b\n\"");
  const RunEvent sparse{.time = kTime, .kind = "note", .severity = Severity::detail, .text = ""};
  for (const RunEvent& event : {full, sparse}) {
    const std::string line = to_json(event);
    const std::optional<RunEvent> read = parse_event(line);
    BOOST_REQUIRE_MESSAGE(read.has_value(), line);
    BOOST_TEST(to_json(*read) == line);
    BOOST_TEST((read->severity == event.severity));
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_event_is_not_read) {
  const std::string line = to_json({.time = kTime, .kind = "note", .text = "hello"});
  for (std::size_t torn = 1; torn < line.size(); ++torn) {
    BOOST_TEST(!parse_event(line.substr(torn)).has_value());
    BOOST_TEST(!parse_event(line.substr(0, torn)).has_value());
  }
  for (const char* other : {
           "",
           "[]",
           R"({"time":"yesterday","kind":"note","severity":"note","text":"hello"})",
           R"({"time":"2026-11-23T22:11:53.123Z","kind":"note","severity":"grave","text":"hello"})",
           R"({"time":"2026-11-23T22:11:53.123Z","kind":7,"severity":"note","text":"hello"})",
           R"({"time":"2026-11-23T22:11:53.123Z","kind":"note","severity":"note"})",
       }) {
    BOOST_TEST(!parse_event(other).has_value(), other);
  }
}

BOOST_AUTO_TEST_CASE(severities_have_their_names) {
  BOOST_TEST(name(Severity::detail) == std::string("detail"));
  BOOST_TEST(name(Severity::note) == std::string("note"));
  BOOST_TEST(name(Severity::warning) == std::string("warning"));
  BOOST_TEST(name(Severity::error) == std::string("error"));
}

BOOST_AUTO_TEST_CASE(a_time_is_read_as_it_was_written) {
  BOOST_TEST((utc_time(utc_text(kTime)) == kTime));
  BOOST_TEST(utc_text(system_clock::time_point{}) == "1970-01-01T00:00:00.000Z");
  BOOST_TEST(utc_text(kTime + 999us) == "2026-11-23T22:11:53.123Z");
  for (const char* text : {"", "2026-11-23", "2026-11-23T22:11:53Z", "2026-13-23T22:11:53.123Z",
                           "2026-02-30T22:11:53.123Z", "2026-11-23 22:11:53.123Z", "2026-11-23T22:11:53.123Zz"}) {
    BOOST_TEST(!utc_time(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::monitoring
