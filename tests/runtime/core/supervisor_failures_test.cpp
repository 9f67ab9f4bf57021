// What becomes of the work of nodes that die or are late, and which leaf is to blame.
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

BOOST_AUTO_TEST_SUITE(supervisor_failures)

// SUP-1, ROUND-1
BOOST_AUTO_TEST_CASE(what_a_lost_node_has_not_finished_is_leased_within_the_round) {
  SupervisedCluster cluster;
  const Sender first = cluster.active(1, 1);
  const Sender second = cluster.active(2, 1);
  cluster.publish();
  BOOST_TEST((cluster.plans.at(second.node).blocks == Blocks{{2, 1}}));
  cluster.step(event::MemberGone{second, "connection closed"});
  cluster.step(Late{0, 1, {{1, 0}, {0, 6}}, false});  // its leaf 7 and two of the first's have arrived
  BOOST_TEST(cluster.leases.at(first.node).base == 1U);
  BOOST_TEST((cluster.leases.at(first.node).blocks == Blocks{{2, 0}, {0, 6}}));
  BOOST_TEST(cluster.plans.at(first.node).from_version == 2U);
}

// For metrics: how long it took to notice, and then to have its work done by somebody else.
BOOST_AUTO_TEST_CASE(a_recovery_is_told_with_its_times) {
  using std::chrono::milliseconds;
  SupervisedCluster cluster;
  cluster.active(1, 1);
  const Sender second = cluster.active(2, 1);
  cluster.publish();
  cluster.now += milliseconds(30);
  cluster.step(event::MemberGone{second, "connection closed"});
  BOOST_TEST(cluster.all<effect::Recovered>().empty());
  cluster.now += milliseconds(4);
  cluster.step(Late{0, 1, {{2, 1}}, false});
  BOOST_REQUIRE(cluster.all<effect::Recovered>().size() == 1U);
  const effect::Recovered recovered = cluster.all<effect::Recovered>().front();
  BOOST_TEST(recovered.node == second.node);
  BOOST_TEST((recovered.detection == milliseconds(30)));
  BOOST_TEST((recovered.recovery == milliseconds(4)));
  cluster.step(Late{0, 1, {{2, 1}}, true});
  BOOST_TEST(cluster.all<effect::Recovered>().size() == 1U);  // it is told once
}

BOOST_AUTO_TEST_CASE(a_loss_is_recovered_from_only_when_somebody_can_take_the_work) {
  SupervisedCluster cluster;
  const Sender first = cluster.active(1, 1);
  cluster.publish();
  cluster.step(event::MemberGone{first, "connection closed"});
  cluster.step(Late{0, 1, {{2, 1}}, false});
  BOOST_TEST(cluster.all<effect::Recovered>().empty());
  const Time lost = cluster.now;
  cluster.pass(std::chrono::milliseconds(500));
  cluster.beat(cluster.join(2), 0);
  BOOST_REQUIRE(cluster.all<effect::Recovered>().size() == 1U);
  BOOST_TEST((cluster.all<effect::Recovered>().front().recovery == cluster.now - lost));
}

BOOST_AUTO_TEST_CASE(whoever_leaves_in_order_is_not_recovered_from) {
  SupervisedCluster cluster;
  cluster.active(1, 1);
  const Sender second = cluster.active(2, 1);
  cluster.step(Leave{second});
  cluster.step(Drained{second});
  cluster.step(Late{0, 0, {{3, 0}}, false});
  BOOST_TEST(cluster.all<effect::Recovered>().empty());
}

BOOST_AUTO_TEST_CASE(work_that_nobody_can_take_waits_for_the_next_who_joins) {
  SupervisedCluster cluster;
  const Sender first = cluster.active(1, 1);
  cluster.publish();
  cluster.step(event::MemberGone{first, "connection closed"});
  cluster.step(Late{0, 1, {{2, 1}}, false});
  BOOST_TEST(cluster.supervisor.holders(1, 5).empty());
  const Sender second = cluster.join(2);
  cluster.beat(second, 0);
  BOOST_TEST((cluster.leases.at(second.node).blocks == Blocks{{2, 1}}));
  BOOST_TEST(cluster.supervisor.holders(1, 5).size() == 1U);
}

// ROUND-2
BOOST_AUTO_TEST_CASE(late_leaves_are_duplicated_at_idle_nodes_from_the_end) {
  SupervisedCluster cluster;
  const Sender slow = cluster.active(1, 1);
  const Sender quick = cluster.active(2, 1);
  cluster.publish();
  cluster.step(Late{0, 1, {{2, 0}}, true});
  BOOST_TEST((cluster.leases.at(quick.node).blocks == Blocks{{1, 1}, {2, 1}}));
  BOOST_TEST((cluster.leases.at(slow.node).blocks == Blocks{{1, 0}, {1, 1}}));
  BOOST_TEST(cluster.all<effect::Relieved>().at(0).duplicated == 2U);
}

// BLAME-1
BOOST_AUTO_TEST_CASE(a_leaf_that_kills_three_nodes_is_quarantined_by_name) {
  SupervisedCluster cluster;
  std::vector<Sender> nodes;
  for (std::uint64_t instance = 1; instance <= 5; ++instance) nodes.push_back(cluster.active(instance, 1));
  cluster.publish();
  // Leaf 1 kills whoever has it; all else is finished by the survivors.
  const auto die_holding_leaf_1 = [&] {
    const std::vector<Incarnation> holders = cluster.supervisor.holders(1, 1);
    BOOST_REQUIRE(holders.size() == 1U);
    for (const Sender& node : nodes) {
      if (node.incarnation == holders.front()) cluster.step(event::MemberGone{node, "connection closed"});
    }
  };
  die_holding_leaf_1();
  cluster.step(Late{0, 1, {{1, 0}}, false});
  die_holding_leaf_1();
  cluster.step(Late{0, 1, {{0, 1}}, false});
  BOOST_TEST(cluster.end_reason().empty());
  die_holding_leaf_1();
  cluster.step(Late{0, 1, {{0, 1}}, false});
  BOOST_TEST(cluster.end_reason().empty());  // they might return
  cluster.pass(Liveness{}.rejoin_max() + Liveness{}.value);
  std::string decision;
  for (const auto& record : cluster.all<effect::Record>()) {
    if (const auto* made = std::get_if<DecisionMade>(&record.record)) decision = made->reason;
  }
  const std::string sample = std::to_string(small_rounds().shape.leaf_samples(1, 1).at(0));
  BOOST_TEST(decision.starts_with("round 1, leaf 1 (training samples " + sample + ") is quarantined: nodes "));
  BOOST_TEST(cluster.all<effect::SendToAggregators>().size() > 0U);
}

// … and leaves of a round that the dead held beside it are not blamed in its place.
BOOST_AUTO_TEST_CASE(a_validation_leaf_that_kills_three_nodes_is_quarantined_by_name) {
  SupervisorSettings with = small_rounds();
  with.shape = {1, 8, 4, 1, 8};  // an epoch is a round; four validation leaves
  SupervisedCluster cluster(with);
  std::map<NodeId, Sender> nodes;
  for (std::uint64_t instance = 1; instance <= 6; ++instance) {
    const Sender sender = cluster.active(instance, 1);
    nodes[sender.node] = sender;
  }
  cluster.publish();
  // Validation leaf 2 kills whoever has it. Each also holds leaves of round 1, which are not finished.
  for (int death = 0; death < 3; ++death) {
    NodeId holder = 0;
    for (const auto& sent : cluster.all<effect::SendToWorker>()) {
      const auto* lease = std::get_if<ValidationLease>(&sent.message);
      if (lease == nullptr || !nodes.contains(sent.node)) continue;
      for (const Block& block : lease->blocks) {
        const bool has_it = block.index << block.level <= 2 && 2 < (block.index + 1) << block.level;
        if (has_it) holder = sent.node;
      }
    }
    BOOST_REQUIRE(holder != 0U);
    cluster.step(event::MemberGone{nodes.at(holder), "connection closed"});
    nodes.erase(holder);
    cluster.step(Late{0, 1, {{3, 0}}, false});
  }
  cluster.pass(Liveness{}.rejoin_max() + Liveness{}.value);
  BOOST_TEST(cluster.end_reason().starts_with("validation of version 1, leaf 2 (validation samples 2) is quarantined"));
}

// A first lease that is the killer would kill every newcomer, together with what else is in it.
BOOST_AUTO_TEST_CASE(who_comes_while_a_leaf_is_suspect_gets_no_first_lease) {
  SupervisedCluster cluster;
  cluster.active(1, 1);
  for (std::uint64_t instance = 2; instance <= 3; ++instance) {
    const Sender next = cluster.join(instance, 0, 2);
    cluster.beat(next, 0);
    BOOST_TEST((cluster.plans.at(next.node).blocks == Blocks{{1, 0}}));
    cluster.step(event::MemberGone{next, "connection closed"});
    cluster.step(Late{0, 0, {{3, 0}}, false});
  }
  const Sender third = cluster.join(4, 0, 2);
  cluster.beat(third, 0);
  BOOST_TEST(!cluster.plans.contains(third.node));
  BOOST_TEST((cluster.supervisor.members().at(third.node).state == MemberState::active));
}

// Whoever returns was cut off, and has not died.
BOOST_AUTO_TEST_CASE(nodes_that_are_cut_off_and_return_convict_no_leaf) {
  SupervisedCluster cluster;
  for (std::uint64_t attempt = 0; attempt < 6; ++attempt) {
    std::vector<Sender> nodes;
    for (std::uint64_t instance = 1; instance <= 3; ++instance) {
      nodes.push_back(cluster.join(instance, attempt));
      cluster.beat(nodes.back(), 0);
      cluster.beat(nodes.back(), 1);
      cluster.step(event::Tick{});
    }
    for (const Sender& node : nodes) {
      cluster.step(event::MemberGone{node, "connection closed"});
      cluster.step(Late{0, 0, {{0, 3}}, false});
    }
    cluster.pass(std::chrono::seconds(1));
  }
  cluster.active(4, 1);
  cluster.publish();
  cluster.pass(Liveness{}.rejoin_max() * 2);
  BOOST_TEST(cluster.end_reason().empty());
  for (const auto& record : cluster.all<effect::Record>()) {
    BOOST_TEST(!std::holds_alternative<DecisionMade>(record.record));
  }
}

BOOST_AUTO_TEST_CASE(a_leaf_that_killed_a_slot_is_tried_elsewhere) {
  SupervisedCluster cluster;
  const Sender first = cluster.active(1, 1);
  const Sender second = cluster.active(2, 1);
  cluster.publish();
  cluster.step(SlotFailed{first, 0, true, {1, false, 2}, "bad memory"});
  BOOST_TEST((cluster.leases.at(first.node).blocks == Blocks{{1, 0}, {0, 3}}));
  BOOST_TEST((cluster.leases.at(second.node).blocks == Blocks{{0, 2}, {2, 1}}));
}

BOOST_AUTO_TEST_CASE(a_node_whose_slots_keep_dying_is_sent_away_while_others_are_there) {
  SupervisorSettings with = small_rounds();
  with.failures = {3, 2, 100};
  SupervisedCluster cluster(with);
  const Sender first = cluster.active(1, 1);
  cluster.active(2, 1);
  for (int death = 0; death < 3; ++death) cluster.step(SlotFailed{first, 0, false, {}, "bad memory"});
  BOOST_TEST((cluster.all<effect::Dismiss>().at(0).member == first));
  BOOST_TEST(!cluster.all<effect::Dismiss>().at(0).farewell.may_return);
  BOOST_TEST(cluster.end_reason().empty());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
