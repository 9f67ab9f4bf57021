// How fast slots are said to be, and the end of a worker.
#include <chrono>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/core/worker_bench.hpp"

namespace fulmar::core {
namespace {

namespace effect = worker_effect;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// Rounds of 8 leaves of 1 sample, two to an epoch; 4 validation leaves.
const RunShape kShape{1, 16, 4, 1, 8};

/// Has round 0 and all 8 leaves: with one slot jobs of 2 leaves, with two or more of 1.
WorkerBench bench_with(std::uint32_t slots) {
  WorkerBench bench(kShape, slots);
  bench.step(PlanChanged{1, 0, {{3, 0}}});
  bench.step(VersionSlice{0, 0});
  return bench;
}

double speed_of(const WorkerBench& bench) {
  return bench.worker.beat(bench.now).leaves_per_second;
}

// Speeds follow from few operations on small numbers: all but the last digits of a double hold.
BOOST_AUTO_TEST_SUITE(worker_slots, *boost::unit_test::tolerance(1e-12))

// ---- speed

BOOST_AUTO_TEST_CASE(the_first_measurement_is_told_at_once_and_later_ones_are_smoothed) {
  WorkerBench bench = bench_with(1);
  BOOST_TEST(speed_of(bench) == 0.0);
  bench.now += seconds(2);
  BOOST_TEST(has<effect::SendBeat>(bench.finish(0)));
  BOOST_TEST(speed_of(bench) == 1.0);  // 2 leaves in 2 seconds
  bench.now += milliseconds(500);
  BOOST_TEST(!has<effect::SendBeat>(bench.finish(0)));  // 1 leaf in half a second
  BOOST_TEST(speed_of(bench) == 1.0 + (2.0 - 1.0) / 3);
}

BOOST_AUTO_TEST_CASE(slots_that_were_not_measured_count_like_the_mean_of_the_others) {
  WorkerBench bench = bench_with(3);
  bench.now += seconds(1);
  bench.finish(0);
  BOOST_TEST(speed_of(bench) == 3.0);
  bench.now += seconds(1);
  bench.finish(1);                                 // 1 leaf in 2 seconds
  BOOST_TEST(speed_of(bench) == 1.0 + 0.5 + 0.5);  // slot 2 has been at its leaf for two seconds
  bench.kill(2);
  BOOST_TEST(speed_of(bench) == 1.5);
  bench.step(RestartSlot{2});
  BOOST_TEST(speed_of(bench) == 1.5 + 0.75);
}

BOOST_AUTO_TEST_CASE(a_slot_keeps_its_speed_when_it_is_restarted) {
  WorkerBench bench = bench_with(1);
  bench.now += seconds(1);
  bench.finish(0);
  bench.kill(0);
  BOOST_TEST(speed_of(bench) == 0.0);
  bench.step(RestartSlot{0});
  BOOST_TEST(speed_of(bench) == 2.0);
}

BOOST_AUTO_TEST_CASE(a_hanging_job_lowers_the_speed_while_it_hangs) {
  WorkerBench bench = bench_with(1);
  bench.now += seconds(1);
  bench.finish(0);  // 2 leaves per second; the next job has one
  bench.now += milliseconds(500);
  BOOST_TEST(speed_of(bench) == 2.0);
  bench.now += milliseconds(1500);
  BOOST_TEST(speed_of(bench) == 0.5);
  bench.now += seconds(48);
  BOOST_TEST(speed_of(bench) == 0.02);
}

BOOST_AUTO_TEST_CASE(what_was_computed_of_an_abandoned_job_is_measured) {
  WorkerBench bench = bench_with(1);
  bench.step(VersionSlice{0, 1});
  bench.now += seconds(1);
  bench.finish(0, true, 1);
  BOOST_TEST(speed_of(bench) == 1.0);
  bench.now += seconds(1);
  bench.step(VersionSlice{0, 2});
  bench.finish(0, true, 0);  // stopped before its first leaf: it says nothing
  BOOST_TEST(speed_of(bench) == 1.0);
}

BOOST_AUTO_TEST_CASE(only_gradients_are_measured) {
  WorkerBench bench(kShape, 1);
  bench.step(VersionSlice{0, 2});
  bench.step(ValidationLease{2, {{2, 0}}});
  bench.now += seconds(1);
  BOOST_TEST(!has<effect::SendBeat>(bench.finish(0)));
  BOOST_TEST(speed_of(bench) == 0.0);
}

BOOST_AUTO_TEST_CASE(a_clock_that_stands_or_goes_back_measures_nothing) {
  WorkerBench bench = bench_with(1);
  bench.finish(0);
  BOOST_TEST(speed_of(bench) == 0.0);
  bench.now -= seconds(5);
  bench.finish(0);
  BOOST_TEST(speed_of(bench) == 0.0);
  for (int job = 0; job < 3; ++job) bench.finish(0);  // a leaf, and two combinations
  bench.now += seconds(1);
  bench.finish(0);
  BOOST_TEST(speed_of(bench) == 1.0);
  BOOST_TEST(bench.worker.beat(bench.now - seconds(9)).leaves_per_second == 1.0);
}

// ---- drain

BOOST_AUTO_TEST_CASE(an_idle_worker_is_drained_at_once_and_says_so_once) {
  WorkerBench bench(kShape, 2);
  bench.step(Drain{});
  BOOST_TEST(bench.drained == 1U);
  bench.step(Drain{});
  bench.step(VersionSlice{0, 0});
  BOOST_TEST(bench.drained == 1U);
}

BOOST_AUTO_TEST_CASE(a_draining_worker_pushes_its_parts_and_what_is_running_and_starts_nothing) {
  WorkerBench bench = bench_with(1);
  bench.finish(0);
  bench.step(Drain{});
  BOOST_TEST((bench.pushed == std::vector<Block>{{1, 0}}));
  BOOST_TEST(bench.drained == 0U);
  const std::size_t started = bench.started.size();
  bench.step(RoundLease{0, {{0, 7}}});
  bench.step(PlanChanged{2, 0, {{0, 7}}});
  bench.finish(0);
  BOOST_TEST((bench.pushed == std::vector<Block>{{1, 0}, {0, 2}}));
  BOOST_TEST(bench.drained == 1U);
  BOOST_TEST(bench.started.size() == started);
}

BOOST_AUTO_TEST_CASE(the_halves_of_a_combination_that_was_not_begun_are_pushed) {
  WorkerBench bench(kShape, 1);
  bench.step(PlanChanged{1, 0, {{1, 0}}});
  bench.step(VersionSlice{0, 2});
  bench.finish(0);
  bench.step(ValidationLease{2, {{2, 0}}});
  bench.finish(0);
  BOOST_TEST((bench.jobs[0]->kind == JobKind::validate));  // before the combination
  bench.step(Drain{});
  BOOST_TEST((bench.pushed == std::vector<Block>{{0, 0}, {0, 1}}));
  bench.finish_all();
  BOOST_TEST(bench.pushed.size() == 2U);
  BOOST_TEST(bench.drained == 1U);
}

BOOST_AUTO_TEST_CASE(a_slot_that_dies_while_draining_is_done) {
  WorkerBench bench = bench_with(2);
  bench.step(Drain{});
  bench.finish(0);
  BOOST_TEST(bench.drained == 0U);
  BOOST_TEST(has<effect::Tell>(bench.kill(1)));
  BOOST_TEST(bench.drained == 1U);
  BOOST_TEST(bench.step(RestartSlot{1}).empty());
}

BOOST_AUTO_TEST_CASE(a_running_validation_is_sent_before_it_is_drained) {
  WorkerBench bench(kShape, 1);
  bench.step(VersionSlice{0, 2});
  bench.step(ValidationLease{2, {{2, 0}}});
  bench.step(Drain{});
  BOOST_TEST(bench.drained == 0U);
  BOOST_TEST(has<effect::SendLosses>(bench.finish(0)));
  BOOST_TEST(bench.drained == 1U);
}

BOOST_AUTO_TEST_CASE(what_nobody_waits_for_does_not_hold_up_the_end) {
  WorkerBench bench = bench_with(1);
  bench.step(Drain{});
  BOOST_TEST(bench.drained == 0U);
  bench.step(VersionSlice{0, 1});  // round 0 is over
  BOOST_TEST(bench.drained == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
