// Several nodes: how they come, are measured, get a share, fall silent and leave.
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/core/supervised_cluster.hpp"

namespace fulmar::core {
namespace {

namespace effect = supervisor_effect;
namespace event = supervisor_event;

BOOST_AUTO_TEST_SUITE(supervisor_members)

// The measured first lease: on work that somebody else holds too.
BOOST_AUTO_TEST_CASE(a_node_is_measured_before_it_gets_a_share) {
  SupervisedCluster cluster;
  const Sender first = cluster.active(1, 1);
  BOOST_TEST((cluster.plans.at(first.node).blocks == Blocks{{3, 0}}));
  const Sender second = cluster.join(2, 0, 2);
  BOOST_TEST(!cluster.plans.contains(second.node));  // its weights are still on their way
  cluster.beat(second, 0);
  BOOST_TEST((cluster.plans.at(second.node).blocks == Blocks{{1, 0}}));  // a leaf for each slot
  BOOST_TEST((cluster.plans.at(first.node).blocks == Blocks{{3, 0}}));
  cluster.beat(second, 3);
  cluster.step(event::Tick{});
  BOOST_TEST((cluster.plans.at(first.node).blocks == Blocks{{1, 0}}));
  BOOST_TEST((cluster.plans.at(second.node).blocks == Blocks{{1, 1}, {2, 1}}));
  BOOST_TEST(cluster.plans.at(second.node).from_version == 1U);  // at a round boundary
}

// For status.
BOOST_AUTO_TEST_CASE(a_members_share_and_silence_can_be_asked) {
  SupervisedCluster cluster;
  const Sender first = cluster.active(1, 1);
  BOOST_TEST(cluster.supervisor.share_of(first.node) == 1.0);
  const Sender second = cluster.join(2);
  BOOST_TEST(cluster.supervisor.share_of(second.node) == 0.0);
  cluster.beat(second, 0);
  cluster.beat(second, 3);
  cluster.step(event::Tick{});
  BOOST_TEST(cluster.supervisor.share_of(first.node) == 0.25);
  BOOST_TEST(cluster.supervisor.share_of(second.node) == 0.75);
  BOOST_TEST((cluster.supervisor.silence_of(second.node) == Time{}));
  cluster.pass(Liveness{}.tick() * 3);
  BOOST_TEST((cluster.supervisor.silence_of(second.node) == Liveness{}.tick() * 3));
  cluster.step(Leave{second});
  BOOST_TEST(cluster.supervisor.share_of(first.node) == 1.0);
  BOOST_TEST(cluster.supervisor.share_of(second.node) == 0.0);
}

BOOST_AUTO_TEST_CASE(whoever_says_that_it_has_no_slot_has_one) {
  SupervisedCluster cluster;
  const Sender first = cluster.join(1, 0, 0);
  cluster.beat(first, 0);
  BOOST_TEST(cluster.supervisor.members().at(first.node).slots == 1U);
  BOOST_TEST((cluster.plans.at(first.node).blocks == Blocks{{3, 0}}));
}

BOOST_AUTO_TEST_CASE(many_that_join_at_once_cost_one_plan) {
  SupervisedCluster cluster;
  cluster.active(1, 1);
  const auto plans = [&] {
    std::size_t count = 0;
    for (const auto& record : cluster.all<effect::Record>()) {
      if (std::holds_alternative<PlanRecorded>(record.record)) ++count;
    }
    return count;
  };
  const std::size_t before = plans();
  for (std::uint64_t instance = 2; instance < 9; ++instance) {
    const Sender sender = cluster.join(instance);
    cluster.beat(sender, 0);
    cluster.beat(sender, 1);
  }
  cluster.step(event::Tick{});
  BOOST_TEST(plans() == before + 1);
}

// MEMBER-2
BOOST_AUTO_TEST_CASE(the_same_request_twice_is_one_session_and_a_later_one_replaces_it) {
  SupervisedCluster cluster;
  const Sender first = cluster.join(7, 1);
  cluster.step(Join{"node 7", 1, 7, 1, false});
  BOOST_TEST(cluster.all<effect::Admit>().size() == 1U);
  BOOST_TEST((cluster.all<effect::Greet>().at(0).welcome.identity == first));
  const Sender second = cluster.join(7, 2);
  BOOST_TEST(second.node == first.node);
  BOOST_TEST(second.incarnation > first.incarnation);
  BOOST_TEST((cluster.all<effect::Dismiss>().at(0).member == first));
  cluster.step(Join{"node 7", 1, 7, 1, false});  // from before: it arrives late
  BOOST_TEST(cluster.all<effect::Admit>().size() == 2U);
}

// LIVE-1
BOOST_AUTO_TEST_CASE(a_silent_node_is_lost_within_liveness_and_the_next_plan_is_without_it) {
  SupervisedCluster cluster;
  const Sender first = cluster.active(1, 1);
  const Sender second = cluster.active(2, 1);
  const Time silent_since = cluster.now;
  while (cluster.all<effect::Dismiss>().empty() && cluster.now < silent_since + 2 * Liveness{}.value) {
    cluster.pass(Liveness{}.tick());
    cluster.beat(first, 1);
  }
  BOOST_TEST((cluster.all<effect::Dismiss>().at(0).member == second));
  BOOST_TEST(cluster.all<effect::Dismiss>().at(0).farewell.may_return);
  BOOST_TEST((cluster.now - silent_since).count() <= Liveness{}.value.count());
  BOOST_TEST((cluster.plans.at(first.node).blocks == Blocks{{3, 0}}));
}

BOOST_AUTO_TEST_CASE(a_jump_of_the_clock_loses_nobody) {
  SupervisedCluster cluster;
  cluster.active(1, 1);
  cluster.now += std::chrono::hours(1);
  cluster.step(event::Tick{});
  BOOST_TEST(cluster.all<effect::Dismiss>().empty());
}

BOOST_AUTO_TEST_CASE(a_new_plan_is_made_when_it_pays_and_not_before) {
  SupervisedCluster cluster;
  const Sender first = cluster.active(1, 1);
  const Sender second = cluster.active(2, 1);
  BOOST_TEST((cluster.plans.at(first.node).blocks == Blocks{{2, 0}}));
  cluster.beat(second, 1.04);
  cluster.step(event::Tick{});
  BOOST_TEST((cluster.plans.at(first.node).blocks == Blocks{{2, 0}}));
  cluster.beat(second, 3);
  cluster.step(event::Tick{});
  BOOST_TEST((cluster.plans.at(first.node).blocks == Blocks{{1, 0}}));
}

BOOST_AUTO_TEST_CASE(a_node_that_wants_to_leave_is_out_of_the_next_plan_and_no_failure) {
  SupervisedCluster cluster;
  const Sender first = cluster.active(1, 1);
  const Sender second = cluster.active(2, 1);
  cluster.step(Leave{second});
  BOOST_TEST((cluster.plans.at(first.node).blocks == Blocks{{3, 0}}));
  cluster.step(Drained{second});
  BOOST_TEST((cluster.all<effect::Dismiss>().at(0).member == second));
  BOOST_TEST(!cluster.all<effect::Dismiss>().at(0).farewell.may_return);
  BOOST_TEST(cluster.all<effect::Dismiss>().at(0).farewell.reason == "it wanted to leave");
  for (const auto& record : cluster.all<effect::Record>()) {
    BOOST_TEST(!std::holds_alternative<NodeFailed>(record.record));
  }
  BOOST_TEST(cluster.supervisor.failures_survived() == 0U);
}

BOOST_AUTO_TEST_CASE(a_node_that_was_asked_to_leave_is_told_that) {
  SupervisedCluster cluster;
  cluster.active(1, 1);
  const Sender second = cluster.active(2, 1);
  cluster.step(event::DrainRequested{second.node});
  cluster.step(Leave{second});  // it says so as well: what came first counts
  cluster.step(Drained{second});
  BOOST_TEST(cluster.all<effect::Dismiss>().at(0).farewell.reason == "it was asked to leave");
}

// A plan that was to come counts from now on: everybody has to hear of it.
BOOST_AUTO_TEST_CASE(a_plan_that_counts_earlier_than_the_last_is_sent_although_it_is_the_same) {
  SupervisedCluster cluster;
  const Sender slow = cluster.active(1, 0.01);
  const Sender quick = cluster.active(2, 100);
  BOOST_TEST((cluster.plans.at(quick.node).blocks == Blocks{{3, 0}}));
  BOOST_TEST(cluster.plans.at(quick.node).from_version == 1U);
  cluster.step(event::MemberGone{slow, "connection closed"});
  BOOST_TEST((cluster.plans.at(quick.node).blocks == Blocks{{3, 0}}));
  BOOST_TEST(cluster.plans.at(quick.node).from_version == 0U);
}

BOOST_AUTO_TEST_CASE(a_node_too_slow_for_a_share_goes_on_trying_and_gets_one_when_it_is_quicker) {
  SupervisedCluster cluster;
  const Sender slow = cluster.active(1, 0.01);
  cluster.active(2, 100);
  BOOST_TEST((cluster.plans.at(slow.node).blocks == Blocks{{0, 0}}));  // somebody else holds that too
  cluster.publish();
  cluster.beat(slow, 100);
  cluster.step(event::Tick{});
  BOOST_TEST((cluster.plans.at(slow.node).blocks == Blocks{{2, 0}}));
}

BOOST_AUTO_TEST_CASE(a_head_that_was_superseded_writes_nothing_more) {
  SupervisedCluster cluster;
  cluster.active(1, 1);
  cluster.heard.clear();
  cluster.step(event::Superseded{9});
  BOOST_TEST(cluster.heard.size() == 1U);
  BOOST_TEST(cluster.end_reason() == "another head has taken over in term 9; this one, of term 3, stops");
}

// SUP-6
BOOST_AUTO_TEST_CASE(in_a_steady_state_a_round_makes_the_supervisor_say_nothing_to_members) {
  SupervisedCluster cluster;
  for (std::uint64_t instance = 1; instance <= 8; ++instance) cluster.active(instance, 1);
  cluster.publish();
  cluster.heard.clear();
  for (int round = 0; round < 5; ++round) cluster.publish();
  BOOST_TEST(cluster.all<effect::SendToWorker>().empty());
  BOOST_TEST(cluster.heard.size() == 5U);  // a report each
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
