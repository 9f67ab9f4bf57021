#include <chrono>
#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "monitoring/process_usage.hpp"
#include "monitoring/run_metrics.hpp"
#include "monitoring/status_endpoint.hpp"
#include "tests/monitoring/scrape.hpp"

namespace fulmar::monitoring {
namespace {

using Families = std::map<std::string, ScrapedFamily>;

Families scrape(const RunMetrics& metrics) {
  const RunBoard board;
  const auto endpoint = serve("127.0.0.1:0", metrics, board);
  BOOST_REQUIRE_MESSAGE(endpoint.ok(), (endpoint.ok() ? "" : endpoint.error().message));
  return parse_scrape(http_get(endpoint.value()->port(), "/metrics"));
}

/// Every metric at least once.
void feed(RunMetrics& metrics) {
  metrics.run_is({.id = "0123",
                  .name = "winds",
                  .directory = "/",
                  .term = 2,
                  .end_version = 660,
                  .checkpoint_interval_seconds = 30});
  metrics.round_took({.compute = 0.4, .exchange = 0.02, .wait = 0.2, .apply = 0.005});
  metrics.storage_is({.free_bytes = 4e9, .size_bytes = 1e10});
  metrics.queues_are({{"supervisor", 3}});
  metrics.determinism_alarm();
  metrics.storage_failed();
  metrics.lease_expired();
  metrics.members_changed({.fetching = 3, .trying = 4, .active = 1, .draining = 5}, 2);
  metrics.node_joined();
  metrics.node_left();
  metrics.leaves_leased_anew(6, 7);
  metrics.round_published({.version = 1, .epoch = 0, .samples = 8, .seconds = 0.03, .loss = 0.5, .gradient_norm = 2.5});
  metrics.round_published({.version = 2, .epoch = 1, .samples = 8, .seconds = 2, .loss = 0.25, .gradient_norm = 1.5});
  metrics.round_published({.version = 3, .epoch = 1, .samples = 8, .seconds = 0.01, .applied = false, .staleness = 4});
  metrics.version_validated(0.75);
  metrics.checkpoint_done(true, true, 0.02, 104'000);
  metrics.checkpoint_done(false, true, 0.01, 35'000);
  metrics.checkpoint_done(true, false, 1, 0);
  metrics.journal_grew(4096);
  metrics.slot_failed();
  metrics.node_failed();
  metrics.message_dropped("late");
  metrics.message_dropped("late");
  metrics.node_made_up_for(0.7, 0.02);
  metrics.nodes_are(
      {{.node = 2,
        .incarnation = 7,
        .name = "gpu \"two\"",
        .state = "active",
        .slots = 4,
        .samples_per_second = 12.5,
        .share = 0.25,
        .staleness = 3,
        .last_seen_seconds = 0.1,
        .total = {.compute = 60, .exchange = 3, .wait = 20},
        .cpu_seconds = 240,
        .resident_bytes = 1e9},
       {.node = 5, .name = "gpu five", .samples_per_second = 50, .share = 0.75, .last_seen_seconds = 0.05}});
  metrics.lease_granted();
  metrics.lease_granted();
  metrics.lease_granted();
  metrics.lease_revoked();
  metrics.lease_revoked();
  metrics.attempt_voided();
  metrics.policy_is({.policy = "sync", .units_in_flight = 1, .gate_idle_seconds = 0.5});
  metrics.policy_is({.policy = "bounded:4", .staleness_bound = 4, .units_in_flight = 3, .gate_idle_seconds = 1.5});
  metrics.traffic_from([] {
    return std::vector<SocketTraffic>{{"control", 100, 200, 3, 4, {{"malformed", 5}, {"forged", 0}}, 9},
                                      {"tensors", 1000, 2000, 30, 40, {{"malformed", 50}}}};
  });
}

double value(const Families& families, const std::string& series) {
  const auto family = families.find(series.substr(0, series.find('{')));
  BOOST_REQUIRE_MESSAGE(family != families.end(), series + " is not there");
  const auto found = family->second.series.find(series);
  BOOST_REQUIRE_MESSAGE(found != family->second.series.end(), series + " is not there");
  return found->second;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(metrics)

BOOST_AUTO_TEST_CASE(what_was_fed_in_is_scraped) {
  RunMetrics metrics("0.1.0");
  feed(metrics);
  const Families families = scrape(metrics);
  BOOST_TEST(value(families, "fulmar_build_info{version=\"0.1.0\"}") == 1);
  BOOST_TEST(value(families, "fulmar_updates_total") == 2);
  BOOST_TEST(value(families, "fulmar_voided_rounds_total") == 1);
  BOOST_TEST(value(families, "fulmar_samples_total") == 16);
  BOOST_TEST(value(families, "fulmar_version") == 3);
  BOOST_TEST(value(families, "fulmar_epoch") == 1);
  BOOST_TEST(value(families, "fulmar_loss{split=\"validation\"}") == 0.75);
  BOOST_TEST(value(families, "fulmar_checkpoint_bytes") == 104'000);
  BOOST_TEST(value(families, "fulmar_checkpoint_failures_total") == 1);
  BOOST_TEST(value(families, "fulmar_checkpoint_age_seconds") >= 0);
  BOOST_TEST(value(families, "fulmar_checkpoint_age_seconds") < 60);
  BOOST_TEST(value(families, "fulmar_journal_bytes") == 4096);
  BOOST_TEST(value(families, "fulmar_nodes{state=\"fetching\"}") == 3);
  BOOST_TEST(value(families, "fulmar_nodes{state=\"trying\"}") == 4);
  BOOST_TEST(value(families, "fulmar_nodes{state=\"active\"}") == 1);
  BOOST_TEST(value(families, "fulmar_nodes{state=\"draining\"}") == 5);
  BOOST_TEST(value(families, "fulmar_slots") == 2);
  BOOST_TEST(value(families, "fulmar_joins_total") == 1);
  BOOST_TEST(value(families, "fulmar_departures_total") == 1);
  BOOST_TEST(value(families, "fulmar_leases_total{kind=\"lost\"}") == 6);
  BOOST_TEST(value(families, "fulmar_leases_total{kind=\"speculated\"}") == 7);
  BOOST_TEST(value(families, "fulmar_failures_total{kind=\"slot\"}") == 1);
  BOOST_TEST(value(families, "fulmar_failures_total{kind=\"node\"}") == 1);
  BOOST_TEST(value(families, "fulmar_dropped_messages_total{reason=\"late\"}") == 2);
  BOOST_TEST(value(families, "fulmar_process_cpu_seconds_total") > 0);
  BOOST_TEST(value(families, "fulmar_process_resident_memory_bytes") > 1e6);

  BOOST_TEST(value(families, "fulmar_node_share{node=\"5\",name=\"gpu five\"}") == 0.75);
  BOOST_TEST(value(families, "fulmar_node_samples_per_second{node=\"5\",name=\"gpu five\"}") == 50);
  BOOST_TEST(value(families, "fulmar_node_staleness{node=\"2\",name=\"gpu \\\"two\\\"\"}") == 3);
  BOOST_TEST(value(families, "fulmar_node_last_seen_seconds{node=\"5\",name=\"gpu five\"}") == 0.05);
  BOOST_TEST(value(families, "fulmar_network_bytes_total{socket=\"tensors\",direction=\"received\"}") == 2000);
  BOOST_TEST(value(families, "fulmar_network_packets_total{socket=\"control\",direction=\"sent\"}") == 3);
  BOOST_TEST(value(families, "fulmar_network_dropped_packets_total{socket=\"control\",reason=\"malformed\"}") == 5);

  BOOST_TEST(value(families, "fulmar_policy_info{policy=\"bounded:4\"}") == 1);
  BOOST_TEST(families.at("fulmar_policy_info").series.size() == 1U);
  BOOST_TEST(value(families, "fulmar_units_in_flight") == 3);
  BOOST_TEST(value(families, "fulmar_gate_idle_seconds_total") == 1.5);
  BOOST_TEST(value(families, "fulmar_leases_granted_total") == 3);
  BOOST_TEST(value(families, "fulmar_leases_revoked_total") == 2);
  BOOST_TEST(value(families, "fulmar_attempts_voided_total") == 1);
  const ScrapedFamily& staleness = families.at("fulmar_update_staleness");
  BOOST_TEST(staleness.series.at("fulmar_update_staleness_count") == 1);  // of rounds there is none
  BOOST_TEST(staleness.series.at("fulmar_update_staleness_bucket{le=\"3\"}") == 0);
  BOOST_TEST(staleness.series.at("fulmar_update_staleness_bucket{le=\"4\"}") == 1);

  const ScrapedFamily& recoveries = families.at("fulmar_recovery_duration_seconds");
  BOOST_TEST(recoveries.series.at("fulmar_recovery_duration_seconds_sum") == 0.02);
  const ScrapedFamily& detections = families.at("fulmar_detection_duration_seconds");
  BOOST_TEST(detections.series.at("fulmar_detection_duration_seconds_bucket{le=\"0.75\"}") == 1);
  BOOST_TEST(detections.series.at("fulmar_detection_duration_seconds_bucket{le=\"0.5\"}") == 0);
  const ScrapedFamily& rounds = families.at("fulmar_round_duration_seconds");
  BOOST_TEST(rounds.series.at("fulmar_round_duration_seconds_count") == 3);
  BOOST_TEST(rounds.series.at("fulmar_round_duration_seconds_sum") == 2.04, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(rounds.series.at("fulmar_round_duration_seconds_bucket{le=\"0.05\"}") == 2);
  BOOST_TEST(rounds.series.at("fulmar_round_duration_seconds_bucket{le=\"+Inf\"}") == 3);
  BOOST_TEST(families.at("fulmar_checkpoint_duration_seconds").series.at("fulmar_checkpoint_duration_seconds_count") ==
             2);
}

BOOST_AUTO_TEST_CASE(what_is_known_at_the_scrape_is_scraped) {
  RunMetrics metrics("0.1.0");
  feed(metrics);
  const Families families = scrape(metrics);
  BOOST_TEST(value(families, "fulmar_run_info{run=\"0123\",name=\"winds\"}") == 1);
  BOOST_TEST(value(families, "fulmar_term") == 2);
  BOOST_TEST(value(families, "fulmar_end_version") == 660);
  BOOST_TEST(value(families, "fulmar_checkpoint_interval_seconds") == 30);
  BOOST_TEST(value(families, "fulmar_storage_free_bytes") == 4e9);
  BOOST_TEST(value(families, "fulmar_storage_size_bytes") == 1e10);
  BOOST_TEST(value(families, "fulmar_storage_failures_total") == 1);
  BOOST_TEST(value(families, "fulmar_determinism_alarms_total") == 1);
  BOOST_TEST(value(families, "fulmar_leases_expired_total") == 1);
  BOOST_TEST(value(families, "fulmar_queue_length{queue=\"supervisor\"}") == 3);
  BOOST_TEST(value(families, "fulmar_queue_length{queue=\"control\"}") == 9);
  BOOST_TEST(value(families, "fulmar_staleness_bound") == 4);
  const std::string two = "{node=\"2\",name=\"gpu \\\"two\\\"\"";
  BOOST_TEST(value(families, "fulmar_node_incarnation" + two + "}") == 7);
  BOOST_TEST(value(families, "fulmar_node_slots" + two + "}") == 4);
  BOOST_TEST(value(families, "fulmar_node_state" + two + ",state=\"active\"}") == 1);
  BOOST_TEST(value(families, "fulmar_node_cpu_seconds_total" + two + "}") == 240);
  BOOST_TEST(value(families, "fulmar_node_resident_memory_bytes" + two + "}") == 1e9);
  BOOST_TEST(value(families, "fulmar_node_round_seconds_total" + two + ",part=\"compute\"}") == 60);
  BOOST_TEST(value(families, "fulmar_node_round_seconds_total" + two + ",part=\"exchange\"}") == 3);
  BOOST_TEST(value(families, "fulmar_node_round_seconds_total" + two + ",part=\"wait\"}") == 20);
  const ScrapedFamily& parts = families.at("fulmar_round_part_duration_seconds");
  BOOST_TEST(parts.series.at("fulmar_round_part_duration_seconds_sum{part=\"wait\"}") == 0.2);
  BOOST_TEST(parts.series.at("fulmar_round_part_duration_seconds_bucket{part=\"apply\",le=\"0.005\"}") == 1);
  BOOST_TEST(parts.series.at("fulmar_round_part_duration_seconds_bucket{part=\"apply\",le=\"0.0025\"}") == 0);
  const double age = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count() -
                     value(families, "fulmar_process_start_time_seconds");
  BOOST_TEST(age >= -1);  // the kernel counts in hundredths of a second
  BOOST_TEST(age < 3600);
}

// A voided round's loss may be no number; a scrape must carry it all the same.
BOOST_AUTO_TEST_CASE(a_loss_that_is_not_finite_is_scraped) {
  RunMetrics metrics("0.1.0");
  metrics.round_published({.applied = false,
                           .loss = std::numeric_limits<double>::quiet_NaN(),
                           .gradient_norm = std::numeric_limits<double>::infinity()});
  const Families families = scrape(metrics);
  BOOST_TEST(std::isnan(value(families, "fulmar_loss{split=\"train\"}")));
  BOOST_TEST(std::isinf(value(families, "fulmar_gradient_norm")));
}

BOOST_AUTO_TEST_CASE(what_is_not_known_yet_is_not_shown) {
  const Families families = scrape(RunMetrics("0.1.0"));
  BOOST_TEST(!families.contains("fulmar_checkpoint_age_seconds"));
  for (const char* unknown :
       {"fulmar_loss", "fulmar_gradient_norm", "fulmar_checkpoint_bytes", "fulmar_journal_bytes"}) {
    BOOST_TEST((!families.contains(unknown) || families.at(unknown).series.empty()), unknown);
  }
}

// The rules of promtool's linter that apply: https://prometheus.io/docs/practices/naming/
BOOST_AUTO_TEST_CASE(names_follow_the_conventions) {
  RunMetrics metrics("0.1.0");
  feed(metrics);
  std::size_t ours = 0;
  for (const auto& [name, family] : scrape(metrics)) {
    if (name.starts_with("exposer_")) continue;  // the library's own
    ++ours;
    BOOST_TEST(name.starts_with("fulmar_"), name);
    BOOST_TEST(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string::npos, name);
    BOOST_TEST(family.help.ends_with("."), name);
    BOOST_TEST((family.type == "counter") == name.ends_with("_total"), name);
    for (const std::string word : {"_milliseconds", "_ms", "_minutes", "_kilobytes", "_mb", "_percent", "_count",
                                   "_sum", "_bucket", "_gauge", "_counter", "_histogram"}) {
      BOOST_TEST(name.find(word) == std::string::npos, name);
    }
    if (name.find("duration") != std::string::npos || name.find("_age") != std::string::npos) {
      BOOST_TEST(name.ends_with("_seconds"), name);
    }
    if (name.find("memory") != std::string::npos) BOOST_TEST(name.ends_with("_bytes"), name);
  }
  BOOST_TEST(ours == 58u);
}

BOOST_AUTO_TEST_CASE(labels_of_a_node_that_left_disappear) {
  RunMetrics metrics("0.1.0");
  feed(metrics);
  metrics.nodes_are({{.node = 5, .name = "gpu five", .share = 1}});
  const Families families = scrape(metrics);
  BOOST_TEST(families.at("fulmar_node_share").series.size() == 1u);
  BOOST_TEST(value(families, "fulmar_node_share{node=\"5\",name=\"gpu five\"}") == 1);
}

BOOST_AUTO_TEST_CASE(traffic_is_asked_for_at_each_scrape_and_not_after_its_source_is_gone) {
  RunMetrics metrics("0.1.0");
  std::uint64_t asked = 0;
  metrics.traffic_from([&] { return std::vector<SocketTraffic>{{"control", ++asked, 0, 0, 0, {}}}; });
  const std::string sent = "fulmar_network_bytes_total{socket=\"control\",direction=\"sent\"}";
  BOOST_TEST(value(scrape(metrics), sent) == 1);
  BOOST_TEST(value(scrape(metrics), sent) == 2);
  metrics.traffic_from(nullptr);
  BOOST_TEST(!scrape(metrics).contains("fulmar_network_bytes_total"));
  BOOST_TEST(asked == 2u);
}

// METRICS-1
BOOST_AUTO_TEST_CASE(a_thousand_nodes_are_enough) {
  RunMetrics metrics("0.1.0");
  std::vector<NodeFigures> nodes(5000);
  for (std::uint32_t node = 0; node < nodes.size(); ++node) nodes[node].node = node;
  metrics.nodes_are(nodes);
  BOOST_TEST(scrape(metrics).at("fulmar_node_share").series.size() == 1024u);
}

// METRICS-1
BOOST_AUTO_TEST_CASE(drop_reasons_do_not_grow_without_bound) {
  RunMetrics metrics("0.1.0");
  for (int i = 0; i < 1000; ++i) metrics.message_dropped("reason " + std::to_string(i));
  metrics.message_dropped("reason 3");
  const Families families = scrape(metrics);
  BOOST_TEST(families.at("fulmar_dropped_messages_total").series.size() == 17u);
  BOOST_TEST(value(families, "fulmar_dropped_messages_total{reason=\"reason 3\"}") == 2);
  BOOST_TEST(value(families, "fulmar_dropped_messages_total{reason=\"other\"}") == 984);
}

BOOST_AUTO_TEST_CASE(threads_feed_while_others_scrape) {
  RunMetrics metrics("0.1.0");
  const RunBoard board;
  const auto endpoint = serve("127.0.0.1:0", metrics, board);
  BOOST_REQUIRE(endpoint.ok());
  std::vector<std::thread> feeders;
  for (int t = 0; t < 4; ++t) {
    feeders.emplace_back([&metrics, t] {
      for (std::uint64_t i = 1; i <= 1000; ++i) {
        metrics.round_published({.version = i, .samples = 2, .seconds = 0.001});
        metrics.message_dropped(t % 2 == 0 ? "late" : "ahead");
      }
    });
  }
  for (int i = 0; i < 5; ++i) parse_scrape(http_get(endpoint.value()->port(), "/metrics"));
  for (std::thread& feeder : feeders) feeder.join();
  const Families families = parse_scrape(http_get(endpoint.value()->port(), "/metrics"));
  BOOST_TEST(value(families, "fulmar_updates_total") == 4000);
  BOOST_TEST(value(families, "fulmar_samples_total") == 8000);
  BOOST_TEST(value(families, "fulmar_dropped_messages_total{reason=\"late\"}") == 2000);
}

BOOST_AUTO_TEST_CASE(cpu_time_grows_with_work) {
  const double before = process_usage().cpu_seconds;
  double now = before;
  // Work until the clock of the kernel, a few milliseconds coarse, has seen it.
  for (std::uint64_t spins = 0; now <= before && spins < 100'000; ++spins) now = process_usage().cpu_seconds;
  BOOST_TEST(now > before);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::monitoring
