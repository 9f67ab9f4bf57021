#include "monitoring/run_board.hpp"

#include <cmath>
#include <limits>
#include <thread>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

namespace fulmar::monitoring {
namespace {

using namespace std::chrono;
using nlohmann::json;

constexpr RunBoard::Time kStart = sys_days(year(2026) / 11 / 23) + 22h;

/// A board whose clock stands until it is set.
struct Fixture {
  RunBoard::Time now = kStart;
  RunBoard board{[this] { return now; }};

  json status() const { return json::parse(board.status_json()); }
  json history() const { return json::parse(board.history_json()); }
  /// A second later, a version more.
  void round(PublishedRound round) {
    now += 1s;
    round.seconds = 1;
    board.round_published(round);
  }
};

RunCard card() {
  return {.program = "0.1.0",
          .id = "00112233445566778899aabbccddeeff",
          .name = "winds",
          .directory = "runs/winds",
          .term = 2,
          .end_version = 110,
          .epochs = 11,
          .version = 100,
          .epoch = 10,
          .samples = 800,
          .recomputes_to = 0};
}

NodeFigures node(std::uint32_t number, const std::string& state) {
  return {.node = number, .incarnation = 1, .name = "n" + std::to_string(number), .state = state};
}

/// Each thing that can be told at least once, in two seconds and a third.
void tell_all(Fixture& told) {
  RunBoard& board = told.board;
  board.run_is(card());
  board.nodes_are({{.node = 1,
                    .incarnation = 1,
                    .name = "a",
                    .state = "active",
                    .local = true,
                    .slots = 2,
                    .samples_per_second = 75,
                    .share = 0.5,
                    .staleness = 1,
                    .last_seen_seconds = 0.25,
                    .total = {.compute = 6, .exchange = 1, .wait = 1, .apply = 0}},
                   node(2, "fetching")});
  board.policy_is({.policy = "bounded:4", .staleness_bound = 4, .units_in_flight = 3, .gate_idle_seconds = 1.5});
  told.round({.version = 101, .epoch = 10, .samples = 8, .loss = 0.5, .gradient_norm = 2, .staleness = 1});
  told.round(
      {.version = 102, .epoch = 10, .samples = 8, .applied = false, .loss = 0.25, .gradient_norm = 1, .staleness = 4});
  board.round_took({.compute = 0.8, .exchange = 0.05, .wait = 0.1, .apply = 0.05});
  board.version_validated(102, 0.75);
  board.best_is(90, 0.5);
  board.checkpoint_failed();
  board.checkpoint_written(102, 4096);
  board.journal_grew(512);
  board.storage_has(1'000'000);
  board.node_joined();
  board.node_joined();
  board.node_left();
  board.node_failed();
  board.slot_failed();
  board.leaves_leased_anew(3, 1);
  board.determinism_alarm();
  board.message_dropped();
  board.event(
      {.time = told.now, .kind = "node_lost", .severity = Severity::warning, .version = 102, .text = "it died"});
  told.now += 1s;
}

/// Of that, but for parts and nodes.
json expected_status() {
  return {{"now", "2026-11-23T22:00:03.000Z"},
          {"program", "0.1.0"},
          {"run", {{"id", "00112233445566778899aabbccddeeff"}, {"name", "winds"}, {"directory", "runs/winds"}}},
          {"started", "2026-11-23T22:00:00.000Z"},
          {"term", 2},
          {"state", "running"},
          {"version", 102},
          {"end_version", 110},
          {"epoch", 10},
          {"epochs", 11},
          {"samples", 808},
          {"loss", 0.25},
          {"validation_loss", 0.75},
          {"best", {{"version", 90}, {"loss", 0.5}}},
          {"gradient_norm", 1.0},
          {"samples_per_second", 8.0},
          {"updates_per_second", 1.0},
          {"time_left_seconds", 8.0},
          {"capacity_samples_per_second", 75.0},
          {"policy", "bounded:4"},
          {"staleness_bound", 4},
          {"staleness", {{"mean", 2.5}, {"max", 4}}},
          {"units_in_flight", 3},
          {"gate_idle_seconds", 1.5},
          {"counters",
           {{"joins", 2},
            {"departures", 1},
            {"failures", 1},
            {"slot_failures", 1},
            {"leaves_moved", 3},
            {"speculated", 1},
            {"voided_rounds", 1},
            {"determinism_alarms", 1},
            {"dropped_messages", 1}}},
          {"checkpoint", {{"version", 102}, {"age_seconds", 1.0}, {"bytes", 4096}, {"failures", 1}}},
          {"journal_bytes", 512},
          {"storage_free_bytes", 1'000'000},
          {"events",
           {{{"time", "2026-11-23T22:00:02.000Z"},
             {"kind", "node_lost"},
             {"severity", "warning"},
             {"version", 102},
             {"text", "it died"}}}}};
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(run_board, Fixture)

BOOST_AUTO_TEST_CASE(an_empty_board_says_what_it_does_not_know) {
  BOOST_TEST(
      board.status_json() ==
      R"({"now":"2026-11-23T22:00:00.000Z","program":"","run":{"id":"","name":"","directory":""},)"
      R"("started":"2026-11-23T22:00:00.000Z","term":0,"state":"waiting","version":0,"end_version":0,"epoch":0,)"
      R"("epochs":0,"samples":0,"loss":null,"validation_loss":null,"best":null,"gradient_norm":null,)"
      R"("samples_per_second":0.0,"updates_per_second":0.0,"time_left_seconds":null,)"
      R"("capacity_samples_per_second":0.0,"policy":"","staleness_bound":null,"staleness":null,)"
      R"("units_in_flight":0,"gate_idle_seconds":0.0,"parts":null,"counters":{"joins":0,"departures":0,)"
      R"("failures":0,"slot_failures":0,"leaves_moved":0,"speculated":0,"voided_rounds":0,"determinism_alarms":0,)"
      R"("dropped_messages":0},"checkpoint":null,"journal_bytes":0,"storage_free_bytes":null,"nodes":[],"events":[]})");
  BOOST_TEST(board.history_json() ==
             R"({"version":[],"time":[],"loss":[],"samples_per_second":[],"nodes":[],"validation":[]})");
}

BOOST_AUTO_TEST_CASE(all_that_is_told_is_shown) {
  tell_all(*this);
  json shown = status();
  BOOST_TEST(shown["parts"].dump() == R"({"apply":0.05,"compute":0.8,"exchange":0.05,"wait":0.1})");
  BOOST_TEST(shown["nodes"].dump() ==
             R"([{"last_seen_seconds":0.25,"local":true,"name":"a","node":1,)"
             R"("parts":{"compute":0.75,"exchange":0.125,"wait":0.125},"samples_per_second":75.0,"share":0.5,)"
             R"("slots":2,"staleness":1,"state":"active"},)"
             R"({"last_seen_seconds":0.0,"local":false,"name":"n2","node":2,"parts":null,"samples_per_second":0.0,)"
             R"("share":0.0,"slots":0,"staleness":0,"state":"fetching"}])");
  shown.erase("parts");
  shown.erase("nodes");
  BOOST_TEST(shown == expected_status(), json::diff(expected_status(), shown).dump(1));

  BOOST_TEST(board.history_json() ==
             R"({"version":[101,102],"time":[1795471201.0,1795471202.0],"loss":[0.5,0.25],)"
             R"("samples_per_second":[8.0,8.0],"nodes":[2,2],"validation":[{"version":102,"loss":0.75}]})");
}

BOOST_AUTO_TEST_CASE(the_state_follows_from_what_was_told) {
  RunCard resumed = card();
  resumed.recomputes_to = 102;
  board.run_is(resumed);
  BOOST_TEST(status()["state"] == "waiting");
  board.nodes_are({node(1, "trying")});
  BOOST_TEST(status()["state"] == "waiting");
  board.nodes_are({node(1, "active")});
  BOOST_TEST(status()["state"] == "recomputing");
  round({.version = 101});
  BOOST_TEST(status()["state"] == "recomputing");
  round({.version = 102});
  BOOST_TEST(status()["state"] == "running");
  board.ended();
  BOOST_TEST(status()["state"] == "ended");
  BOOST_TEST(status()["time_left_seconds"].is_null());
}

BOOST_AUTO_TEST_CASE(a_rate_holds_between_rounds_and_falls_when_none_comes) {
  board.run_is(card());
  for (std::uint64_t version = 101; version < 110; ++version) round({.version = version, .samples = 8});
  now += 2s;  // a round that takes a little longer
  BOOST_TEST(status()["samples_per_second"].get<double>() == 8, boost::test_tools::tolerance(1e-9));
  now += 60s;
  BOOST_TEST(status()["samples_per_second"].get<double>() < 0.1);
}

BOOST_AUTO_TEST_CASE(a_rate_is_of_the_last_seconds) {
  for (std::uint64_t version = 1; version <= 100; ++version) round({.version = version, .samples = 8});
  for (std::uint64_t version = 101; version <= 140; ++version) round({.version = version, .samples = 16});
  // exp(-40 / 10) of the weight is still of the time before
  BOOST_TEST(status()["samples_per_second"].get<double>() == 16, boost::test_tools::tolerance(0.02));
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_not_finite_is_null) {
  round({.version = 1, .applied = false, .loss = std::numeric_limits<double>::quiet_NaN()});
  BOOST_TEST(status()["loss"].is_null());
  BOOST_TEST(history()["loss"][0].is_null());
}

BOOST_AUTO_TEST_CASE(a_node_that_came_back_begins_its_time_anew) {
  NodeFigures lasting = node(1, "active");
  lasting.total = {.compute = 8, .exchange = 2, .wait = 0, .apply = 0};
  board.nodes_are({lasting});
  lasting.total.wait = 100;  // lately nothing else
  board.nodes_are({lasting});
  BOOST_TEST(status()["nodes"][0]["parts"]["wait"].get<double>() > 0.99);
  lasting.incarnation = 2;
  lasting.total = {.compute = 1, .exchange = 0, .wait = 0, .apply = 0};
  board.nodes_are({lasting});
  BOOST_TEST(status()["nodes"][0]["parts"]["compute"] == 1.0);
}

// BOARD-1
BOOST_AUTO_TEST_CASE(a_board_does_not_grow_without_bound) {
  for (int i = 0; i < 1000; ++i) board.event({.text = std::to_string(i)});
  board.event({.severity = Severity::detail, .text = "of use afterwards"});
  std::vector<NodeFigures> nodes(5000);
  for (std::uint32_t number = 0; number < nodes.size(); ++number) nodes[number].node = number;
  board.nodes_are(nodes);
  for (std::uint64_t version = 1; version <= 5000; ++version) board.round_published({.version = version});
  for (std::uint64_t version = 1; version <= 5000; ++version) board.version_validated(version, 1);
  const json now_shown = status();
  BOOST_TEST(now_shown["events"].size() == 200U);
  BOOST_TEST(now_shown["events"][0]["text"] == "800");
  BOOST_TEST(now_shown["events"][199]["text"] == "999");
  BOOST_TEST(now_shown["nodes"].size() == 1024U);
  BOOST_TEST(history()["version"].size() <= 600U);
  BOOST_TEST(history()["validation"].size() <= 600U);
}

BOOST_AUTO_TEST_CASE(what_earlier_heads_wrote_is_history) {
  board.run_is(card());
  board.history_was(R"({"version":10,"loss":2.5,"samples_per_second":7.5,"nodes":3,"time":"1970-01-01T00:00:10.500Z"})"
                    "\n"
                    R"({"version":20,"loss":1.5,"samples_per_second":8,"nodes":2,"validation_loss":3.5})"
                    "\n"
                    R"({"version":30,"loss":null,"samples_per_second":8,"nodes":2,"validation_loss":3.5})"
                    "\n{\"version\":\"no number\"}\n[]\n{\"vers\n"
                    R"({"version":40,"loss":1,"samples_per_second":8,"nodes":2,"validation_loss":3.25})"
                    "\n");
  BOOST_TEST(board.history_json() ==
             R"({"version":[10,20,30,40],"time":[10.5,null,null,null],"loss":[2.5,1.5,null,1.0],)"
             R"("samples_per_second":[7.5,8.0,8.0,8.0],"nodes":[3,2,2,2],)"
             R"("validation":[{"version":20,"loss":3.5},{"version":40,"loss":3.25}]})");
}

BOOST_AUTO_TEST_CASE(of_a_long_history_the_ends_and_lines_between_are_read) {
  std::string lines;
  for (int version = 1; version <= 100'000; ++version) {
    lines += "{\"version\":" + std::to_string(version) + ",\"loss\":1}\n";
  }
  RunCard resumed = card();
  resumed.version = 100'000;
  board.run_is(resumed);
  board.history_was(lines);
  const json versions = history()["version"];
  BOOST_TEST(versions.size() > 300U);
  BOOST_TEST(versions.size() <= 600U);
  BOOST_TEST(versions.front() == 1);
  BOOST_TEST(versions.back() == 100'000);
}

BOOST_AUTO_TEST_CASE(what_is_computed_once_more_is_in_the_history_once) {
  RunCard resumed = card();
  resumed.recomputes_to = 102;
  board.run_is(resumed);
  board.history_was("{\"version\":101,\"loss\":4}\n{\"version\":102,\"loss\":3}\n");
  round({.version = 101, .loss = 4});
  BOOST_TEST(history()["version"].dump() == "[101,102]");
  round({.version = 102, .loss = 3});
  round({.version = 103, .loss = 2});
  BOOST_TEST(history()["version"].dump() == "[101,102,103]");
}

BOOST_AUTO_TEST_CASE(what_earlier_heads_published_beyond_where_this_one_goes_on_is_no_history) {
  board.run_is(card());  // from version 100
  board.history_was(
      "{\"version\":100,\"loss\":4,\"validation_loss\":2,\"validation_version\":95}\n"
      "{\"version\":101,\"loss\":3,\"validation_loss\":1,\"validation_version\":101}\n");
  BOOST_TEST(history()["version"].dump() == "[100]");
  BOOST_TEST(history()["validation"].dump() == R"([{"loss":2.0,"version":95}])");
}

BOOST_AUTO_TEST_CASE(a_validation_is_of_the_version_that_its_line_names) {
  board.run_is(card());
  board.history_was(
      "{\"version\":12,\"validation_loss\":0.5,\"validation_version\":11}\n"
      "{\"version\":20,\"validation_loss\":0.5,\"validation_version\":11}\n"
      "{\"version\":23,\"validation_loss\":0.5,\"validation_version\":22}\n"
      "{\"version\":34,\"validation_loss\":0.25,\"validation_version\":33}\n");
  BOOST_TEST(history()["validation"].dump() ==
             R"([{"loss":0.5,"version":11},{"loss":0.5,"version":22},{"loss":0.25,"version":33}])");
}

BOOST_AUTO_TEST_CASE(events_of_earlier_heads_come_before_those_of_this_one) {
  const auto line = [](const std::string& text, Severity severity) {
    return to_json({.time = kStart, .kind = "note", .severity = severity, .text = text}) + "\n";
  };
  board.event({.time = now, .kind = "run_resumed", .text = "of this head"});
  board.events_were(line("torn", Severity::note).substr(5) + line("first", Severity::note) +
                    line("of use afterwards", Severity::detail) + line("second", Severity::warning) + "{\"time");
  const json shown = status()["events"];
  BOOST_REQUIRE_EQUAL(shown.size(), 3U);
  BOOST_TEST(shown[0]["text"] == "first");
  BOOST_TEST(shown[1]["text"] == "second");
  BOOST_TEST(shown[1]["severity"] == "warning");
  BOOST_TEST(shown[2]["text"] == "of this head");
}

// BOARD-1
BOOST_AUTO_TEST_CASE(of_many_earlier_events_the_newest_are_shown) {
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += to_json({.kind = "note", .text = std::to_string(i)}) + "\n";
  board.event({.kind = "run_resumed", .text = "of this head"});
  board.events_were(lines);
  const json shown = status()["events"];
  BOOST_TEST(shown.size() == 200U);
  BOOST_TEST(shown[0]["text"] == "801");
  BOOST_TEST(shown[198]["text"] == "999");
  BOOST_TEST(shown[199]["text"] == "of this head");
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_not_finite_is_never_the_best) {
  board.best_is(1, std::numeric_limits<double>::quiet_NaN());
  BOOST_TEST(status()["best"].is_null());
  board.best_is(2, 0.5);
  board.best_is(3, std::numeric_limits<double>::infinity());
  BOOST_TEST(status()["best"]["version"] == 2);
}

BOOST_AUTO_TEST_CASE(threads_tell_while_others_ask) {
  RunBoard shared;
  std::thread teller([&] {
    for (std::uint64_t version = 1; version <= 20'000; ++version) {
      shared.round_published({.version = version, .samples = 2, .seconds = 0.001});
      shared.event({.text = "something"});
    }
  });
  for (int i = 0; i < 20; ++i) {
    BOOST_TEST(json::parse(shared.status_json()).is_object());
    BOOST_TEST(json::parse(shared.history_json()).is_object());
  }
  teller.join();
  BOOST_TEST(json::parse(shared.status_json())["samples"] == 40'000);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::monitoring
