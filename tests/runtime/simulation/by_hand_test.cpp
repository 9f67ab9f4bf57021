// Clusters so simple that their rounds can be computed by hand. Times are whole nanoseconds, each transfer and each
// leaf rounded up to one: a microsecond is far more than these add up to, and far less than anything that could be
// wrong.
#include "tests/runtime/simulation/clusters.hpp"

BOOST_AUTO_TEST_SUITE(planner_by_hand)

using namespace fulmar::planner;
using std::chrono::milliseconds;

namespace {

constexpr double kNothing = 1e-6;

/// Every round but the first takes so long.
void check_rounds(const ClusterReport& report, double seconds) {
  BOOST_TEST_REQUIRE(report.round.count >= 10);
  BOOST_TEST(std::abs(report.round.median - seconds) < kNothing, report.round.median << " instead of " << seconds);
  BOOST_TEST(std::abs(report.round.max - seconds) < kNothing, report.round.max << " instead of " << seconds);
  BOOST_TEST(std::abs(report.mean_parts.total() - seconds) < kNothing);
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_node_makes_speed_by_leaves_rounds_a_second) {
  ClusterModel model = weightless({{1, 1, 10}}, 8);
  model.rounds = 100;
  const ClusterReport report = report_on(model);
  check_rounds(report, 0.8);
  BOOST_TEST(std::abs(report.mean_parts.compute - 0.8) < kNothing);
  BOOST_TEST(report.completed);
  BOOST_TEST(report.rounds == 100);
  BOOST_TEST(report.samples == 800);
  BOOST_TEST(std::abs(report.seconds - 80) < 2 * 0.05);  // it joins, and is seen, within two ticks
  BOOST_TEST(report.leaves.computed == 800);
  BOOST_TEST(report.leaves.used == 800);
}

BOOST_AUTO_TEST_CASE(slots_compute_at_the_same_time) {
  ClusterModel model = weightless({{1, 4, 10}}, 8);
  model.rounds = 20;
  check_rounds(report_on(model), 0.2);
}

// The head sends N models one after the other; each node's gradient follows at once, and takes its turn behind the one
// of the node before: N transfers out, one more in.
BOOST_AUTO_TEST_CASE(transfers_share_the_heads_link) {
  for (const std::uint64_t nodes : {1UL, 4UL}) {
    ClusterModel model = weightless({{nodes, 1, 1e6}}, nodes);
    model.model_bytes = 125'000'000;
    model.link_bytes_per_second = model.head_bytes_per_second = 1.25e9;  // 0.1 s
    model.rounds = 40;
    model.duration = std::chrono::hours(1);
    const ClusterReport report = report_on(model);
    // Beside, each leaf takes a microsecond; the first rounds are those in which nodes join.
    BOOST_TEST(std::abs(report.round.median - 0.1 * static_cast<double>(nodes + 1)) < 5 * kNothing);
    BOOST_TEST(report.mean_parts.exchange > 0.99 * report.mean_parts.total());
    BOOST_TEST(report.bytes_in >= 40 * nodes * model.model_bytes / 2);
  }
}

BOOST_AUTO_TEST_CASE(latency_counts_twice_a_round) {
  ClusterModel model = weightless({{1, 1, 10}}, 1);
  model.latency = milliseconds(10);
  model.rounds = 20;
  const ClusterReport report = report_on(model);
  check_rounds(report, 0.1 + 2 * 0.01);
  BOOST_TEST(std::abs(report.mean_parts.exchange - 0.02) < kNothing);
}

// Two leaves in two jobs: the node adds two vectors (3 × 10 ms); the head measures the root (1 ×) and updates (7 ×).
BOOST_AUTO_TEST_CASE(vectors_take_the_memorys_time) {
  ClusterModel model = weightless({{1, 1, 10}}, 2);
  model.model_bytes = 100'000'000;
  model.memory_bytes_per_second = 1e10;
  model.rounds = 20;
  const ClusterReport report = report_on(model);
  check_rounds(report, 0.2 + 0.03 + 0.01 + 0.07);
  BOOST_TEST(std::abs(report.mean_parts.apply - 0.08) < kNothing);
}

// Of a round's messages three are on its way: the push, the root's report and the verdict.
BOOST_AUTO_TEST_CASE(messages_cost_the_head_time) {
  ClusterModel model = weightless({{1, 1, 10}}, 1);
  model.message_cost = milliseconds(1);
  model.rounds = 200;
  const ClusterReport report = report_on(model);
  BOOST_TEST(std::abs(report.round.median - 0.103) < kNothing);
  // Beats (10 a second) and two messages a round.
  BOOST_TEST(report.supervisor.messages > 2 * report.rounds);
  BOOST_TEST(report.supervisor.messages < 2 * report.rounds + 11 * static_cast<std::uint64_t>(report.seconds + 1));
}

BOOST_AUTO_TEST_CASE(shards_share_the_heads_arithmetic) {
  ClusterModel model = weightless({{1, 1, 10}}, 1);
  model.model_bytes = 4 * 65536 * 100;  // whole chunks for each shard
  model.memory_bytes_per_second = 1e9;
  model.rounds = 20;
  const double alone = report_on(model).mean_parts.apply;
  model.shards = 4;
  BOOST_TEST(std::abs(report_on(model).mean_parts.apply - alone / 4) < 1e-3 * alone);
}

BOOST_AUTO_TEST_SUITE_END()
