// A worker under unit leases: bases, revocation, draining.
#include <boost/test/unit_test.hpp>

#include "runtime/core/worker.hpp"
#include "tests/runtime/core/effects.hpp"

namespace fulmar::core {
namespace {

namespace effect = worker_effect;

/// Units of two leaves of one sample; one slot, two shards.
struct Bench {
  Bench() { step(Welcome{{1, 10, 1}, 100, 0}); }

  WorkerEffects step(const WorkerEvent& happened) {
    WorkerEffects effects = worker.step(now, happened);
    for (const effect::StartJob& start : all_of_kind<effect::StartJob>(effects)) job = start.job;
    for (const effect::Push& push : all_of_kind<effect::Push>(effects)) pushed.push_back(push);
    return effects;
  }
  /// Of both shards.
  void slices(Version version, LeaseNumber lease) {
    step(VersionSlice{0, version, lease});
    step(VersionSlice{1, version, lease});
  }
  /// Brings back what is running until nothing is.
  void finish_all() {
    while (job) {
      const Job done = *std::exchange(job, std::nullopt);
      const std::uint64_t leaves = done.kind == JobKind::gradient ? shape.tree(0).leaf_count(done.block) : 0;
      step(worker_event::JobDone{0, done, {}, false, leaves});
    }
  }

  RunShape shape{1, 100, 0, 1, 2};
  Worker worker{{shape, 1, 2}};
  Time now{};
  std::optional<Job> job;
  std::vector<effect::Push> pushed;
};

BOOST_FIXTURE_TEST_SUITE(worker_leased_units, Bench)

// WORK-6
BOOST_AUTO_TEST_CASE(a_unit_is_computed_from_the_base_of_its_lease) {
  slices(4, 0);
  BOOST_TEST(!job.has_value());  // there is no plan
  step(UnitLease{1, 9, 4});
  BOOST_TEST(!job.has_value());  // it has the weights, but the shards have not sent them for the lease
  step(VersionSlice{0, 4, 1});
  BOOST_TEST(!job.has_value());
  step(VersionSlice{1, 4, 1});
  BOOST_REQUIRE(job.has_value());
  BOOST_TEST((job->version == 4 && job->work.unit == 9 && job->work.base == 4 && job->work.lease == 1));
  finish_all();
  BOOST_REQUIRE(pushed.size() == 1);
  BOOST_TEST((pushed[0].block == Block{1, 0} && pushed[0].work.lease == 1 && pushed[0].work.base == 4));
}

BOOST_AUTO_TEST_CASE(a_newer_version_does_not_disturb_a_leased_unit) {
  step(UnitLease{1, 0, 0});
  slices(0, 1);
  slices(1, 0);
  slices(2, 0);
  finish_all();
  BOOST_REQUIRE(pushed.size() == 1);
  BOOST_TEST((pushed[0].work.base == 0 && pushed[0].work.unit == 0));
}

BOOST_AUTO_TEST_CASE(slices_may_come_before_their_lease) {
  slices(3, 7);
  BOOST_TEST(!job.has_value());
  step(UnitLease{7, 5, 3});
  BOOST_REQUIRE(job.has_value());
  BOOST_TEST((job->work.unit == 5 && job->version == 3));
}

BOOST_AUTO_TEST_CASE(what_a_revoked_lease_made_is_not_pushed_and_its_base_is_forgotten) {
  slices(0, 0);
  step(UnitLease{1, 0, 0});
  slices(0, 1);
  slices(1, 0);
  const Job running = *job;
  const WorkerEffects effects = step(LeaseRevoked{1});
  BOOST_REQUIRE(has<effect::ForgetVersion>(effects));
  BOOST_TEST(all_of_kind<effect::ForgetVersion>(effects).front().version == 0);
  BOOST_TEST(has<effect::AbandonBefore>(effects));
  step(worker_event::JobDone{0, running, {}, false, 1});
  BOOST_TEST(pushed.empty());
  step(VersionSlice{0, 0, 1});  // late, for a lease that is over
  step(UnitLease{2, 0, 1});
  slices(1, 2);
  finish_all();
  BOOST_REQUIRE(pushed.size() == 1);
  BOOST_TEST((pushed[0].work.lease == 2 && pushed[0].work.base == 1));
}

// Found by the simulator: a node that hears late of its leases must not keep a base for each.
BOOST_AUTO_TEST_CASE(of_leases_that_it_has_not_heard_of_the_newest_base_alone_is_kept) {
  std::size_t forgotten = 0;
  for (Version version = 1; version <= 10; ++version) {
    for (const ShardId shard : {0U, 1U}) {
      forgotten += all_of_kind<effect::ForgetVersion>(step(VersionSlice{shard, version, version})).size();
    }
  }
  BOOST_TEST(forgotten == 9);
  step(UnitLease{4, 4, 4});  // over, as lease 10 shows
  BOOST_TEST(!job.has_value());
  step(UnitLease{10, 10, 10});
  BOOST_REQUIRE(job.has_value());
  BOOST_TEST(job->version == 10);
}

BOOST_AUTO_TEST_CASE(a_draining_worker_finishes_the_unit_that_it_has_begun_and_begins_no_other) {
  step(UnitLease{1, 0, 0});
  slices(0, 1);
  BOOST_TEST(!has<effect::SayDrained>(step(Drain{})));
  BOOST_REQUIRE(job.has_value());
  finish_all();
  BOOST_TEST(pushed.size() == 1);
  step(UnitLease{2, 1, 0});
  slices(0, 2);
  BOOST_TEST(!job.has_value());
}

BOOST_AUTO_TEST_CASE(a_draining_worker_whose_unit_has_not_begun_says_so_at_once) {
  step(UnitLease{1, 0, 0});
  BOOST_TEST(has<effect::SayDrained>(step(Drain{})));
  slices(0, 1);
  BOOST_TEST(!job.has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
