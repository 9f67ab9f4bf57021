#include "runtime/core/sequencer.hpp"

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

Attempt attempt(LeaseNumber lease, Unit unit, Version base) {
  return {lease, 1, 10, unit, base};
}

struct TwoShards {
  /// Of one shard; true: now every shard has.
  bool stage(ShardId shard, LeaseNumber lease) { return sequencer.staged({shard, 0, true, 1, 1, {1.0}, lease}); }
  bool stage(LeaseNumber lease) {
    stage(0, lease);
    return stage(1, lease);
  }
  /// Whose lease has its turn; 0: nobody's.
  LeaseNumber turn(Version base) {
    const auto next = sequencer.take_turn(base, std::nullopt);
    return next ? next->attempt.lease : 0;
  }

  Sequencer sequencer{2, AppliedUnits(0), nullptr};
};

BOOST_FIXTURE_TEST_SUITE(sequencer, TwoShards)

// SEQ-1
BOOST_AUTO_TEST_CASE(an_attempt_has_its_turn_when_every_shard_has_staged_it_once) {
  sequencer.granted(attempt(1, 0, 0));
  BOOST_TEST(!stage(0, 1));
  BOOST_TEST(!stage(0, 1));  // the same shard again
  BOOST_TEST(turn(0) == 0);
  BOOST_TEST(stage(1, 1));
  BOOST_TEST(sequencer.waits(1));
  const auto next = sequencer.take_turn(0, std::nullopt);
  BOOST_REQUIRE(next.has_value());
  BOOST_TEST((next->attempt == attempt(1, 0, 0)));
  BOOST_TEST(next->reports.size() == 2);
  BOOST_TEST(!sequencer.waits(1));
  BOOST_TEST(turn(1) == 0);
}

BOOST_AUTO_TEST_CASE(turns_come_in_the_order_in_which_attempts_became_complete) {
  for (const LeaseNumber lease : {1U, 2U, 3U}) sequencer.granted(attempt(lease, lease - 1, 0));
  stage(0, 1);
  BOOST_TEST(stage(3));
  BOOST_TEST(stage(2));
  BOOST_TEST(stage(1, 1));
  BOOST_TEST(turn(0) == 3);
  BOOST_TEST(turn(1) == 2);
  BOOST_TEST(turn(2) == 1);
}

// SEQ-2
BOOST_AUTO_TEST_CASE(an_attempt_is_void_or_complete_and_never_both) {
  sequencer.granted(attempt(1, 0, 0));
  sequencer.granted(attempt(2, 1, 0));
  stage(0, 1);
  BOOST_TEST(sequencer.end_lease(1));
  BOOST_TEST(!sequencer.end_lease(1));
  BOOST_TEST(!stage(1, 1));  // too late
  BOOST_TEST(turn(0) == 0);
  BOOST_TEST(stage(2));
  BOOST_TEST(!sequencer.end_lease(2));  // it will have its turn
  BOOST_TEST(turn(0) == 2);
  BOOST_TEST(!sequencer.end_lease(7));
}

// REPLAY-1
BOOST_AUTO_TEST_CASE(a_prescribed_order_goes_before_the_order_of_completion) {
  sequencer = Sequencer(2, AppliedUnits(0),
                        std::make_shared<const PrescribedOrder>(0, std::vector<PrescribedUpdate>{{1, 0}, {0, 0}}));
  sequencer.granted(attempt(1, 0, 0));
  sequencer.granted(attempt(2, 1, 0));
  stage(1);
  BOOST_TEST(turn(0) == 0);
  stage(2);
  BOOST_TEST(turn(0) == 2);
  BOOST_TEST(turn(1) == 1);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
