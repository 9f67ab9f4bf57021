// Assignments that change while the round is under way.
#include <algorithm>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/core/worker_bench.hpp"

namespace fulmar::core {
namespace {

/// Rounds of 32 leaves of 1 sample; every second one is the last of an epoch and has 21.
const RunShape kShape{1, 53, 0, 1, 32};

using Blocks = std::vector<Block>;

Blocks gradients(const std::vector<Job>& jobs) {
  Blocks blocks;
  for (const Job& job : jobs) {
    if (job.kind == JobKind::gradient) blocks.push_back(job.block);
  }
  return blocks;
}

/// Has round `base` and the plan `plan`.
WorkerBench bench_with(const Blocks& plan, std::uint32_t slots = 1, Version base = 0) {
  WorkerBench bench(kShape, slots);
  bench.step(PlanChanged{1, 0, plan});
  bench.step(VersionSlice{0, base});
  return bench;
}

BOOST_AUTO_TEST_SUITE(worker_plan)

// ---- leases

// WORK-4
BOOST_AUTO_TEST_CASE(a_lease_is_computed_in_its_order_after_what_is_running) {
  WorkerBench bench = bench_with({{0, 4}, {0, 5}, {0, 6}});
  bench.step(RoundLease{0, {{0, 9}, {0, 5}, {0, 2}}});
  bench.finish_all();
  BOOST_TEST((gradients(bench.started) == Blocks{{0, 4}, {0, 9}, {0, 5}, {0, 2}}));
}

BOOST_AUTO_TEST_CASE(a_plan_is_computed_in_order_of_leaves) {
  WorkerBench bench = bench_with({{0, 6}, {1, 1}, {0, 4}});
  bench.finish_all();
  BOOST_TEST((gradients(bench.started) == Blocks{{0, 2}, {0, 3}, {0, 4}, {0, 6}} ||
              gradients(bench.started) == Blocks{{1, 1}, {0, 4}, {0, 6}}));
}

// A plan that was to come, and was replaced before it came into force.
BOOST_AUTO_TEST_CASE(a_newer_plan_replaces_those_from_later_versions) {
  WorkerBench bench = bench_with({{0, 4}});
  bench.step(PlanChanged{2, 2, {{0, 9}}});
  bench.step(PlanChanged{3, 0, {{0, 4}, {0, 5}}});
  bench.step(VersionSlice{0, 2});
  bench.pushed.clear();
  bench.finish_all();
  BOOST_TEST((std::ranges::count(bench.pushed, Block{0, 5}) == 1));
  BOOST_TEST((std::ranges::count(bench.pushed, Block{0, 9}) == 0));
}

BOOST_AUTO_TEST_CASE(a_lease_is_for_its_round_only) {
  WorkerBench bench = bench_with({{0, 4}});
  bench.step(RoundLease{0, {{0, 9}}});
  bench.step(VersionSlice{0, 2});
  bench.finish_all();
  BOOST_TEST((bench.pushed == Blocks{{0, 4}}));
}

BOOST_AUTO_TEST_CASE(a_lease_that_comes_before_its_version_waits_for_it) {
  WorkerBench bench = bench_with({{0, 4}});
  bench.step(RoundLease{2, {{0, 7}}});
  bench.step(RoundLease{2, {{0, 9}, {0, 8}}});  // in place of the one before
  bench.finish_all();
  BOOST_TEST((bench.pushed == Blocks{{0, 4}}));
  bench.step(VersionSlice{0, 2});
  bench.finish_all();
  BOOST_TEST((bench.pushed == Blocks{{0, 9}, {0, 8}}));
}

BOOST_AUTO_TEST_CASE(a_lease_of_a_round_that_is_over_changes_nothing) {
  WorkerBench bench = bench_with({{0, 4}}, 1, 2);
  BOOST_TEST(bench.step(RoundLease{0, {{0, 9}}}).empty());
  bench.finish_all();
  BOOST_TEST((bench.pushed == Blocks{{0, 4}}));
}

BOOST_AUTO_TEST_CASE(of_many_leases_the_newest_are_kept) {
  WorkerBench bench = bench_with({{0, 4}});
  for (Version base = 2; base <= 2 + 2 * kRoundLeasesMax; base += 2) bench.step(RoundLease{base, {{0, 9}}});
  bench.step(VersionSlice{0, 2});
  bench.finish_all();
  BOOST_TEST((bench.pushed == Blocks{{0, 4}}));
  bench.step(VersionSlice{0, 4});
  bench.finish_all();
  BOOST_TEST((bench.pushed == Blocks{{0, 9}}));
}

BOOST_AUTO_TEST_CASE(a_plan_does_not_override_the_lease_of_its_round) {
  WorkerBench bench = bench_with({{0, 4}});
  bench.step(RoundLease{0, {{0, 4}, {0, 9}}});
  bench.step(PlanChanged{2, 0, {{0, 20}}});
  bench.finish_all();
  BOOST_TEST((bench.pushed == Blocks{{0, 4}, {0, 9}}));
  bench.step(VersionSlice{0, 2});
  bench.finish_all();
  BOOST_TEST((bench.pushed == Blocks{{0, 20}}));
}

// A member that has no plan yet is given work by a lease alone.
BOOST_AUTO_TEST_CASE(a_lease_needs_no_plan) {
  WorkerBench bench(kShape, 1);
  bench.step(VersionSlice{0, 0});
  bench.step(RoundLease{0, {{0, 9}}});
  bench.finish_all();
  BOOST_TEST((bench.pushed == Blocks{{0, 9}}));
}

// ---- blocks that lie in others

// The last jobs are single leaves, so that all slots end within a leaf of each other; the first are not.
BOOST_AUTO_TEST_CASE(jobs_get_smaller_towards_the_end_of_a_round) {
  WorkerBench bench(kShape, 2);
  bench.step(PlanChanged{1, 0, {{5, 0}}});
  bench.step(VersionSlice{0, 0});
  bench.finish_all();
  std::vector<std::uint64_t> sizes;
  for (const Job& job : bench.started) {
    if (job.kind == JobKind::gradient) sizes.push_back(bench.leaves_of(job));
  }
  BOOST_TEST(std::is_sorted(sizes.rbegin(), sizes.rend()));
  BOOST_TEST(sizes.front() == 4U);
  BOOST_TEST(std::count(sizes.begin(), sizes.end(), 1U) >= 8);
}

BOOST_AUTO_TEST_CASE(a_finished_part_whose_sibling_is_not_ours_any_longer_is_pushed_as_it_is) {
  WorkerBench bench = bench_with({{3, 0}});  // jobs of 2, 1, 1, … leaves
  bench.finish(0);
  BOOST_TEST(bench.pushed.empty());
  bench.step(RoundLease{0, {{2, 1}}});
  BOOST_TEST((bench.pushed == Blocks{{1, 0}}));
  bench.finish_all();
  BOOST_TEST((bench.pushed == Blocks{{1, 0}, {0, 2}, {2, 1}}));  // (0, 2) was running
}

BOOST_AUTO_TEST_CASE(a_job_around_what_is_leased_is_pushed_whole_and_nothing_in_it_is_computed_again) {
  WorkerBench bench = bench_with({{5, 0}});  // jobs of 8 leaves
  BOOST_TEST((bench.started.back().block == Block{3, 0}));
  bench.step(RoundLease{0, {{1, 1}, {0, 12}, {0, 0}}});
  bench.finish_all();
  BOOST_TEST((bench.pushed == Blocks{{3, 0}, {0, 12}}));
}

BOOST_AUTO_TEST_CASE(a_combination_around_what_is_leased_is_pushed_whole) {
  WorkerBench bench = bench_with({{3, 0}});
  for (int job = 0; job < 4; ++job) bench.finish(0);  // (1, 0), (0, 2), (0, 3) and what the last two make
  BOOST_TEST((*bench.jobs[0] == Job{JobKind::combine, 0, {2, 0}, false, {1, 0, 0, 0}}));
  bench.step(RoundLease{0, {{1, 0}, {1, 3}}});
  bench.finish_all();
  BOOST_TEST((bench.pushed == Blocks{{2, 0}, {1, 3}}));
}

BOOST_AUTO_TEST_CASE(a_parent_of_what_was_pushed_is_computed_without_it) {
  WorkerBench bench = bench_with({{0, 5}});
  bench.finish_all();
  bench.step(RoundLease{0, {{3, 0}}});
  bench.finish_all();
  BOOST_TEST((bench.pushed == Blocks{{0, 5}, {2, 0}, {0, 4}, {1, 3}}));
}

BOOST_AUTO_TEST_CASE(a_job_becomes_a_part_of_a_larger_block) {
  WorkerBench bench = bench_with({{0, 4}});
  bench.step(RoundLease{0, {{1, 2}}});
  bench.finish_all();
  BOOST_TEST((bench.pushed == Blocks{{1, 2}}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
