#include "runtime/core/worker.hpp"

#include <set>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/vocabulary/random.hpp"
#include "tests/runtime/core/effects.hpp"

namespace fulmar::core {
namespace {

namespace effect = worker_effect;
namespace event = worker_event;

/// Rounds of 8 leaves of 1 sample, the second and last of an epoch of 5; 4 validation leaves.
const RunShape kShape{1, 13, 4, 1, 8};

/// A worker whose slots bring back what they are told to.
struct Bench {
  explicit Bench(std::uint32_t slots, std::uint32_t shards = 1) : worker({kShape, slots, shards}), jobs(slots) {
    step(Welcome{{1, 10, 1}, 100});
  }

  WorkerEffects step(const WorkerEvent& happened) {
    WorkerEffects effects = worker.step(happened);
    for (const auto& start : all_of_kind<effect::StartJob>(effects)) {
      BOOST_TEST(!jobs.at(start.slot).has_value(), "a busy slot got a job");
      jobs.at(start.slot) = start.job;
      started.push_back(start.job);
    }
    for (const auto& push : all_of_kind<effect::Push>(effects)) pushed.push_back(push.block);
    return effects;
  }
  WorkerEffects finish(SlotId slot) {
    const Job job = jobs.at(slot).value();
    jobs[slot].reset();
    return step(event::JobDone{slot, job, {}, false});
  }
  WorkerEffects kill(SlotId slot) {
    jobs.at(slot).reset();
    return step(event::SlotDied{slot, true, {0, false, 0}, "boom"});
  }
  bool finish_one() {
    for (SlotId slot = 0; slot < jobs.size(); ++slot) {
      if (jobs[slot]) return finish(slot), true;
    }
    return false;
  }

  Worker worker;
  std::vector<std::optional<Job>> jobs;
  std::vector<Job> started;
  std::vector<Block> pushed;
};

BOOST_AUTO_TEST_SUITE(worker)

// WORK-3
BOOST_AUTO_TEST_CASE(work_starts_when_the_slices_of_all_shards_are_there) {
  Bench bench(1, 2);
  bench.step(PlanChanged{1, 0, {{3, 0}}});
  BOOST_TEST(!has<effect::AssembleVersion>(bench.step(VersionSlice{0, 0})));
  BOOST_TEST(!has<effect::AssembleVersion>(bench.step(VersionSlice{0, 0})));
  BOOST_TEST(bench.started.empty());
  BOOST_TEST(has<effect::AssembleVersion>(bench.step(VersionSlice{1, 0})));
  BOOST_TEST(bench.started.size() == 1U);
}

BOOST_AUTO_TEST_CASE(each_block_of_the_plan_is_pushed_once_and_whole) {
  Bench bench(2);
  bench.step(PlanChanged{1, 0, {{2, 0}, {1, 2}}});
  bench.step(VersionSlice{0, 0});
  while (bench.finish_one()) {
  }
  BOOST_TEST((std::set<Block>(bench.pushed.begin(), bench.pushed.end()) == std::set<Block>{{2, 0}, {1, 2}}));
  BOOST_TEST(bench.pushed.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_short_round_has_what_is_present_of_the_plan) {
  Bench bench(1);
  bench.step(PlanChanged{1, 0, {{2, 1}}});
  bench.step(VersionSlice{0, 1});  // 5 of 8 leaves
  while (bench.finish_one()) {
  }
  BOOST_TEST((bench.pushed == std::vector<Block>{{0, 4}}));
}

// WORK-1, WORK-2: slots die, plans change, jobs end in any order; still, what the last plan asks for is pushed, and no
// leaf twice.
BOOST_AUTO_TEST_CASE(no_block_is_lost_or_pushed_twice_under_deaths_and_changes_of_plan) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const RandomStream stream(seed, Purpose::simulation, 0, 0);
    std::uint64_t draw = 0;
    const auto below = [&](std::uint64_t n) { return stream.words(draw++)[0] % n; };
    Bench bench(static_cast<std::uint32_t>(1 + below(3)));
    const Version base = below(2);
    const BlockTree tree = kShape.tree(base);
    std::vector<Block> plan;
    const auto replan = [&] {
      const std::uint64_t begin = below(8), end = begin + 1 + below(8 - begin);
      plan = BlockTree(8, 8).decompose(begin, end);
      bench.step(PlanChanged{1, base, plan});
    };
    replan();
    bench.step(VersionSlice{0, base});
    for (int i = 0; i < 25; ++i) {
      const auto slot = static_cast<SlotId>(below(bench.jobs.size()));
      if (below(6) == 0) replan();
      if (below(5) == 0) bench.step(RestartSlot{slot});
      if (!bench.jobs[slot]) continue;
      below(4) == 0 ? bench.kill(slot) : bench.finish(slot);
    }
    for (SlotId slot = 0; slot < bench.jobs.size(); ++slot) bench.step(RestartSlot{slot});
    while (bench.finish_one()) {
    }

    std::vector<int> times(8);
    for (const Block& block : bench.pushed) {
      for (std::uint64_t leaf = tree.first_leaf(block); leaf < tree.end_leaf(block); ++leaf) ++times[leaf];
    }
    for (std::uint64_t leaf = 0; leaf < 8; ++leaf) BOOST_TEST(times[leaf] <= 1, "WORK-2, seed " << seed);
    for (const Block& block : plan) {
      if (!tree.contains(block)) continue;
      for (std::uint64_t leaf = tree.first_leaf(block); leaf < tree.end_leaf(block); ++leaf) {
        BOOST_TEST(times[leaf] == 1, "WORK-1, seed " << seed << ", leaf " << leaf);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(a_dead_slot_is_told_and_gets_no_work_until_it_is_restarted) {
  Bench bench(1);
  bench.step(PlanChanged{1, 0, {{0, 3}}});
  bench.step(VersionSlice{0, 0});
  const auto told = all_of_kind<effect::Tell>(bench.kill(0));
  BOOST_REQUIRE(told.size() == 1U);
  BOOST_TEST(std::get<SlotFailed>(told[0].message).cause == "boom");
  BOOST_TEST(!bench.jobs[0].has_value());
  const WorkerEffects effects = bench.step(RestartSlot{0});
  BOOST_TEST(std::holds_alternative<effect::SpawnSlot>(effects.at(0)));
  BOOST_TEST(bench.jobs[0].has_value());
  BOOST_TEST(bench.step(RestartSlot{0}).empty());
}

BOOST_AUTO_TEST_CASE(a_new_version_ends_the_round_under_way) {
  Bench bench(1);
  bench.step(PlanChanged{1, 0, {{3, 0}}});
  bench.step(VersionSlice{0, 0});
  const WorkerEffects effects = bench.step(VersionSlice{0, 1});
  BOOST_TEST(all_of_kind<effect::AbandonBefore>(effects).at(0).version == 1U);
  BOOST_TEST(all_of_kind<effect::ReleaseVectors>(effects).at(0).base == 1U);
  BOOST_TEST(all_of_kind<effect::ForgetVersion>(effects).at(0).version == 0U);
  BOOST_TEST(!has<effect::KeepVector>(bench.finish(0)));  // of round 0
  BOOST_TEST(bench.jobs[0]->version == 1U);
}

BOOST_AUTO_TEST_CASE(no_round_beyond_the_end_is_computed) {
  Bench bench(1);
  bench.step(PlanChanged{1, 0, {{3, 0}}});
  bench.step(EndAt{1});
  bench.step(VersionSlice{0, 1});
  BOOST_TEST(bench.started.empty());
}

// ---- validation

BOOST_AUTO_TEST_CASE(a_validated_version_is_kept_until_it_is_released) {
  Bench bench(1);
  bench.step(VersionSlice{0, 2});
  BOOST_TEST(!has<effect::ForgetVersion>(bench.step(VersionSlice{0, 3})));
  bench.step(ValidationLease{2, {{2, 0}}});
  BOOST_TEST((bench.jobs[0] == Job{JobKind::validate, 2, {0, 0}, false}));
  BOOST_TEST(has<effect::SendLosses>(bench.finish(0)));
  BOOST_TEST(has<effect::ForgetVersion>(bench.step(ReleaseVersion{2})));
}

// A release may overtake the slices of another shard: they are not kept for ever.
BOOST_AUTO_TEST_CASE(what_was_released_before_it_arrived_is_forgotten) {
  Bench bench(1, 2);
  for (const Version version : {3U, 4U}) {
    for (const ShardId shard : {0U, 1U}) bench.step(VersionSlice{shard, version});
  }
  bench.step(VersionSlice{0, 2});
  BOOST_TEST(has<effect::ForgetVersion>(bench.step(ReleaseVersion{2})));
  const WorkerEffects effects = bench.step(VersionSlice{1, 2});
  BOOST_TEST(!has<effect::AssembleVersion>(effects));
  BOOST_TEST(has<effect::ForgetVersion>(effects));
}

BOOST_AUTO_TEST_CASE(a_lease_that_comes_back_is_not_computed_twice) {
  Bench bench(1);
  bench.step(VersionSlice{0, 2});
  for (int i = 0; i < 3; ++i) bench.step(ValidationLease{2, {{2, 0}}});
  while (bench.finish_one()) {
  }
  BOOST_TEST(bench.started.size() == 4U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
