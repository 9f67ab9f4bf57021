#include "runtime/core/worker.hpp"

#include <set>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/core/effects.hpp"
#include "tests/runtime/core/worker_bench.hpp"

namespace fulmar::core {
namespace {

namespace effect = worker_effect;

/// Rounds of 8 leaves of 1 sample, the second and last of an epoch of 5; 4 validation leaves.
const RunShape kShape{1, 13, 4, 1, 8};

struct Bench : WorkerBench {
  explicit Bench(std::uint32_t slots, std::uint32_t shards = 1, bool welcomed = true)
      : WorkerBench(kShape, slots, shards, welcomed) {}
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
  bench.finish_all();
  BOOST_TEST((std::set<Block>(bench.pushed.begin(), bench.pushed.end()) == std::set<Block>{{2, 0}, {1, 2}}));
  BOOST_TEST(bench.pushed.size() == 2U);
}

BOOST_AUTO_TEST_CASE(a_short_round_has_what_is_present_of_the_plan) {
  Bench bench(1);
  bench.step(PlanChanged{1, 0, {{2, 1}}});
  bench.step(VersionSlice{0, 1});  // 5 of 8 leaves
  bench.finish_all();
  BOOST_TEST((bench.pushed == std::vector<Block>{{0, 4}}));
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
  BOOST_TEST(all_of_kind<effect::AbandonBefore>(effects).at(0).work == 2U);
  BOOST_TEST(all_of_kind<effect::ReleaseVectors>(effects).at(0).work == 2U);
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

// ---- what is acknowledged

BOOST_AUTO_TEST_CASE(each_complete_version_is_acknowledged_in_order) {
  Bench bench(1, 2);
  BOOST_TEST(!has<effect::AcknowledgeVersion>(bench.step(VersionSlice{0, 0})));
  for (const Version version : {0U, 1U, 2U}) {
    if (version > 0) bench.step(VersionSlice{0, version});
    const auto said = all_of_kind<effect::AcknowledgeVersion>(bench.step(VersionSlice{1, version}));
    BOOST_REQUIRE(said.size() == 1U);
    BOOST_TEST((said[0].held.sender == bench.identity));
    BOOST_TEST(said[0].held.version == version);
  }
}

BOOST_AUTO_TEST_CASE(what_was_complete_before_the_welcome_is_acknowledged_after_it) {
  Bench bench(1, 1, false);
  for (const Version version : {2U, 5U}) {
    const WorkerEffects effects = bench.step(VersionSlice{0, version});
    BOOST_TEST(!has<effect::AcknowledgeVersion>(effects));
    BOOST_TEST(!has<effect::SendBeat>(effects));
  }
  const WorkerEffects effects = bench.step(Welcome{bench.identity, 100, 0});
  const auto said = all_of_kind<effect::AcknowledgeVersion>(effects);
  BOOST_REQUIRE(said.size() == 2U);
  BOOST_TEST((said[0].held.sender == bench.identity));
  BOOST_TEST(said[0].held.version == 2U);
  BOOST_TEST(said[1].held.version == 5U);
  BOOST_TEST(has<effect::SendBeat>(effects));
  BOOST_TEST(bench.worker.beat(bench.now).holds.value() == 5U);
}

BOOST_AUTO_TEST_CASE(the_first_complete_version_is_told_by_a_beat_at_once) {
  Bench bench(1);
  BOOST_TEST(!bench.worker.beat(bench.now).holds.has_value());
  BOOST_TEST(has<effect::SendBeat>(bench.step(VersionSlice{0, 3})));
  BOOST_TEST(!has<effect::SendBeat>(bench.step(VersionSlice{0, 4})));
  BOOST_TEST((bench.worker.beat(bench.now).sender == bench.identity));
  BOOST_TEST(bench.worker.beat(bench.now).holds.value() == 4U);
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
  bench.finish_all();
  BOOST_TEST(bench.started.size() == 4U);
}

// One shard's channel stalls, and validated versions go to everybody: what was released need not be put together.
BOOST_AUTO_TEST_CASE(parts_of_released_versions_are_forgotten_when_a_newer_one_is_on_its_way) {
  const RunShape every_round{1, 4, 4, 1, 4};  // an epoch is a round: each version is validated
  WorkerBench bench(every_round, 1, 2);
  bench.step(VersionSlice{0, 1});
  bench.step(VersionSlice{0, 2});
  BOOST_TEST((all_of_kind<worker_effect::ForgetVersion>(bench.step(ReleaseVersion{1})).size() == 1U));
  BOOST_TEST(!has<worker_effect::ForgetVersion>(bench.step(ReleaseVersion{2})));  // a round may ask for it
  BOOST_TEST(has<worker_effect::ForgetVersion>(bench.step(VersionSlice{0, 3})));
  bench.step(VersionSlice{1, 1});
  bench.step(VersionSlice{1, 3});
  BOOST_TEST(bench.version.value() == 3U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
