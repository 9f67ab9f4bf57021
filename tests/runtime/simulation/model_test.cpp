// What a cluster is made of: what is refused, chance, links, mailboxes, and what is measured.
#include <functional>

#include "runtime/simulation/chance.hpp"
#include "runtime/simulation/line.hpp"
#include "runtime/simulation/mailbox.hpp"
#include "runtime/simulation/recovery_log.hpp"
#include "runtime/simulation/remarks.hpp"
#include "runtime/simulation/round_times.hpp"
#include "tests/runtime/simulation/clusters.hpp"

BOOST_AUTO_TEST_SUITE(planner_parts)

using namespace fulmar::planner;
using std::chrono::milliseconds;
using std::chrono::seconds;

BOOST_AUTO_TEST_CASE(a_cluster_that_cannot_be_is_refused_with_the_value_and_what_it_may_be) {
  const std::vector<std::pair<std::function<void(ClusterModel&)>, std::vector<std::string>>> refused = {
      {[](auto& m) { m.leaves = 48; }, {"leaves", "48", "32 or 64"}},
      {[](auto& m) { m.leaves = 0; }, {"leaves", "0", "between 1"}},
      {[](auto& m) { m.policy = "async"; }, {"policy", "\"async\"", "\"sync\"", "yet"}},
      {[](auto& m) { m.nodes = {}; }, {"nodes", "0", "between 1"}},
      {[](auto& m) {
         m.nodes = {{4, 0, 1}};
       },
       {"slots", "0"}},
      {[](auto& m) {
         m.nodes = {{4, 1, 0}};
       },
       {"leaves per second", "0"}},
      {[](auto& m) { m.link_bytes_per_second = 0; }, {"bandwidth", "0", "greater"}},
      {[](auto& m) { m.silent_fraction = 1.5; }, {"silent", "1.5", "0 and 1"}},
      {[](auto& m) { m.liveness.value = milliseconds(1); }, {"liveness", "0.001 s", "0.02 s"}},
      {[](auto& m) { m.duration = Time(0); }, {"duration", "0 s"}},
  };
  for (const auto& [change, words] : refused) {
    ClusterModel model;
    change(model);
    const fulmar::Result<ClusterReport> report = simulate(model);
    BOOST_TEST_REQUIRE(!report.ok());
    for (const std::string& word : words) {
      BOOST_TEST(report.error().message.find(word) != std::string::npos, report.error().message << " lacks " << word);
    }
  }
  BOOST_TEST(check(ClusterModel{}).ok());
}

// Of n draws the mean deviates from 1 by 1/√n: five times that is one test in a million. The median is ln 2; the
// fraction below it deviates by 1/(2√n).
BOOST_AUTO_TEST_CASE(times_between_failures_are_exponential) {
  Chance chance(7, Use::fate, 3);
  constexpr int kDraws = 40'000;
  double sum = 0;
  int below_median = 0, above_three = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double drawn = std::chrono::duration<double>(chance.exponential(seconds(1))).count();
    sum += drawn;
    below_median += drawn < 0.6931472;
    above_three += drawn > 3;
  }
  BOOST_TEST(std::abs(sum / kDraws - 1) < 5.0 / 200);
  BOOST_TEST(std::abs(static_cast<double>(below_median) / kDraws - 0.5) < 5.0 / 400);
  BOOST_TEST(std::abs(static_cast<double>(above_three) / kDraws - 0.049787) < 5 * 0.2175 / 200);  // e⁻³
}

BOOST_AUTO_TEST_CASE(machines_fail_at_the_same_moments_whatever_else_is_changed) {
  Chance one(7, Use::fate, 3), same(7, Use::fate, 3), other_machine(7, Use::fate, 4), other_seed(8, Use::fate, 3);
  const double drawn = one.uniform();
  BOOST_TEST(drawn == same.uniform());
  BOOST_TEST(drawn != other_machine.uniform());
  BOOST_TEST(drawn != other_seed.uniform());
}

BOOST_AUTO_TEST_CASE(what_is_sent_over_a_line_waits_for_what_is_on_it) {
  Line line(1e6);
  const Line::Passage first = line.pass(seconds(1), 500'000);
  BOOST_TEST((first.first == seconds(1) && first.last == milliseconds(1500)));
  const Line::Passage second = line.pass(milliseconds(1200), 1'000'000);
  BOOST_TEST((second.first == milliseconds(1500) && second.last == milliseconds(2500)));
  BOOST_TEST((line.busy(seconds(2)) == seconds(1)));  // as far as that is past
  BOOST_TEST(line.bytes() == 1'500'000);
}

BOOST_AUTO_TEST_CASE(a_mailbox_handles_one_message_at_a_time) {
  fulmar::simulation::EventQueue queue;
  Mailbox mailbox(queue, milliseconds(1));
  std::vector<Time> handled, done;
  for (int i = 0; i < 3; ++i) {
    mailbox.post([&] {
      handled.push_back(queue.now());
      mailbox.spend(milliseconds(10));
      mailbox.then([&] { done.push_back(queue.now()); });
    });
  }
  while (queue.step()) {
  }
  BOOST_TEST((handled == std::vector<Time>{milliseconds(1), milliseconds(12), milliseconds(23)}));
  BOOST_TEST((done == std::vector<Time>{milliseconds(11), milliseconds(22), milliseconds(33)}));
  BOOST_TEST(mailbox.messages() == 3);
  BOOST_TEST((mailbox.busy() == milliseconds(33)));
}

BOOST_AUTO_TEST_CASE(the_parts_of_a_round_add_up_to_it) {
  RoundTimes times;
  times.published(seconds(10));
  times.accepted({1, seconds(11), seconds(15), seconds(16)});  // computed for 4 s
  times.accepted({2, seconds(12), seconds(20), seconds(22)});  // for 8 s, the last
  times.published(seconds(23));
  const RoundParts parts = times.mean_parts();
  BOOST_TEST(parts.compute == 6);
  BOOST_TEST(parts.wait == 2);
  BOOST_TEST(parts.exchange == 2 + 2);
  BOOST_TEST(parts.apply == 1);
  BOOST_TEST(parts.total() == times.totals().median);
}

BOOST_AUTO_TEST_CASE(a_recovery_is_from_the_failure_to_the_new_lease) {
  RecoveryLog log;
  log.failed(5, seconds(10));
  log.noticed(5, seconds(11));
  log.leased(seconds(12));
  log.failed(6, seconds(20));
  log.noticed(6, seconds(23));
  log.published();
  log.published();  // nothing of it was missing
  log.leased(seconds(40));
  log.noticed(7, seconds(41));  // it lives
  const Recoveries found = log.recoveries();
  BOOST_TEST(found.failures == 2);
  BOOST_TEST(found.noticed.count == 2);
  BOOST_TEST(found.noticed.max == 3);
  BOOST_TEST(found.leased.count == 1);
  BOOST_TEST(found.leased.median == 2);
  BOOST_TEST(found.no_work == 1);
}

BOOST_AUTO_TEST_CASE(a_spread_names_values_that_occurred) {
  std::vector<double> values;
  for (int i = 100; i >= 1; --i) values.push_back(i);
  const Spread found = spread(values);
  BOOST_TEST(found.count == 100);
  BOOST_TEST(found.median == 50);
  BOOST_TEST(found.p95 == 95);
  BOOST_TEST(found.max == 100);
  BOOST_TEST(spread({}).count == 0);
}

BOOST_AUTO_TEST_CASE(a_report_says_what_holds_a_cluster_back) {
  const auto remark_on = [](const ClusterModel& model) {
    std::string all;
    for (const std::string& remark : remarks(model, report_on(model))) all += remark + "\n";
    return all;
  };
  ClusterModel model = weightless({{4, 1, 10}}, 16);
  BOOST_TEST(remark_on(model) == "");
  model.leaves = 8;
  BOOST_TEST(remark_on(model).find("at least 4 a slot are needed, 16 leaves") != std::string::npos);
  model = weightless({{4, 1, 10}}, 16);
  model.head_bytes_per_second = 1e6;
  model.model_bytes = 1'000'000;
  BOOST_TEST(remark_on(model).find("on their way") != std::string::npos);
  model = weightless({{4, 1, 10}}, 16);
  model.model_bytes = 100'000'000;
  model.memory_bytes_per_second = 1e9;
  BOOST_TEST(remark_on(model).find("more shards") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
