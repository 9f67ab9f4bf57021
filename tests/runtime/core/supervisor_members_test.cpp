// Several nodes: how they come, are measured, fall silent, leave and die; what becomes of their work.
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/core/supervisor.hpp"
#include "tests/runtime/core/effects.hpp"

namespace fulmar::core {
namespace {

namespace effect = supervisor_effect;
namespace event = supervisor_event;

constexpr Term kTerm = 3;
using Blocks = std::vector<Block>;

/// Rounds of 8 leaves of one sample, no validation.
SupervisorSettings settings() {
  SupervisorSettings settings;
  settings.shape = {1, 800, 0, 1, 8};
  settings.term = kTerm;
  settings.end_version = 1000;
  return settings;
}

/// A supervisor with remote nodes on a clock that moves in ticks.
struct Cluster {
  explicit Cluster(const SupervisorSettings& with = settings()) : supervisor(with, {}) { said(supervisor.start(now)); }

  void said(const SupervisorEffects& effects) {
    for (const SupervisorEffect& one : effects) {
      if (const auto* send = std::get_if<effect::SendToWorker>(&one)) {
        if (const auto* plan = std::get_if<PlanChanged>(&send->message)) plans[send->node] = *plan;
        if (const auto* lease = std::get_if<RoundLease>(&send->message)) leases[send->node] = *lease;
      }
      heard.push_back(one);
    }
  }
  void step(const SupervisorEvent& happened) { said(supervisor.step(now, happened)); }
  void pass(Time time) {
    for (const Time until = now + time; now < until;) {
      now += Liveness{}.tick();
      step(event::Tick{});
    }
  }
  Sender join(std::uint64_t instance, std::uint64_t attempt = 0, std::uint32_t slots = 1) {
    step(Join{"node " + std::to_string(instance), slots, instance, attempt, false});
    return all_of_kind<effect::Admit>(heard).back().welcome.identity;
  }
  void beat(const Sender& sender, double speed) { step(Beat{sender, supervisor.state().version, speed}); }
  /// Joins, has its weights, is measured.
  Sender active(std::uint64_t instance, double speed) {
    const Sender sender = join(instance);
    beat(sender, 0);
    beat(sender, speed);
    step(event::Tick{});
    return sender;
  }
  void publish() {
    Verdict verdict;
    verdict.base = supervisor.state().version;
    verdict.loss_sum = verdict.weight_sum = 1;
    step(VerdictReached{verdict});
    step(ShardPublished{0, verdict.base + 1});
  }
  template <class Effect>
  std::vector<Effect> all() const {
    return all_of_kind<Effect>(heard);
  }
  std::string end_reason() const { return all<effect::EndRun>().empty() ? "" : all<effect::EndRun>().back().reason; }

  Supervisor supervisor;
  Time now = std::chrono::seconds(1);
  SupervisorEffects heard;
  std::map<NodeId, PlanChanged> plans;
  std::map<NodeId, RoundLease> leases;
};

BOOST_AUTO_TEST_SUITE(supervisor_members)

// The measured first lease: on work that somebody else holds too.
BOOST_AUTO_TEST_CASE(a_node_is_measured_before_it_gets_a_share) {
  Cluster cluster;
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

BOOST_AUTO_TEST_CASE(many_that_join_at_once_cost_one_plan) {
  Cluster cluster;
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
  Cluster cluster;
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
  Cluster cluster;
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
  Cluster cluster;
  cluster.active(1, 1);
  cluster.now += std::chrono::hours(1);
  cluster.step(event::Tick{});
  BOOST_TEST(cluster.all<effect::Dismiss>().empty());
}

// SUP-1, ROUND-1
BOOST_AUTO_TEST_CASE(what_a_lost_node_has_not_finished_is_leased_within_the_round) {
  Cluster cluster;
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

BOOST_AUTO_TEST_CASE(work_that_nobody_can_take_waits_for_the_next_who_joins) {
  Cluster cluster;
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
  Cluster cluster;
  const Sender slow = cluster.active(1, 1);
  const Sender quick = cluster.active(2, 1);
  cluster.publish();
  cluster.step(Late{0, 1, {{2, 0}}, true});
  BOOST_TEST((cluster.leases.at(quick.node).blocks == Blocks{{1, 1}, {2, 1}}));
  BOOST_TEST((cluster.leases.at(slow.node).blocks == Blocks{{1, 0}, {1, 1}}));
  BOOST_TEST(cluster.all<effect::Relieved>().at(0).duplicated == 2U);
}

BOOST_AUTO_TEST_CASE(a_new_plan_is_made_when_it_pays_and_not_before) {
  Cluster cluster;
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
  Cluster cluster;
  const Sender first = cluster.active(1, 1);
  const Sender second = cluster.active(2, 1);
  cluster.step(Leave{second});
  BOOST_TEST((cluster.plans.at(first.node).blocks == Blocks{{3, 0}}));
  cluster.step(Drained{second});
  BOOST_TEST((cluster.all<effect::Dismiss>().at(0).member == second));
  BOOST_TEST(!cluster.all<effect::Dismiss>().at(0).farewell.may_return);
  for (const auto& record : cluster.all<effect::Record>()) {
    BOOST_TEST(!std::holds_alternative<NodeFailed>(record.record));
  }
  BOOST_TEST(cluster.supervisor.failures_survived() == 0U);
}

// BLAME-1
BOOST_AUTO_TEST_CASE(a_leaf_that_kills_three_nodes_is_quarantined_by_name) {
  Cluster cluster;
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
  const std::string sample = std::to_string(settings().shape.leaf_samples(1, 1).at(0));
  BOOST_TEST(decision.starts_with("round 1, leaf 1 (training samples " + sample + ") is quarantined: nodes "));
  BOOST_TEST(cluster.all<effect::SendToAggregators>().size() > 0U);
}

// … and leaves of a round that the dead held beside it are not blamed in its place.
BOOST_AUTO_TEST_CASE(a_validation_leaf_that_kills_three_nodes_is_quarantined_by_name) {
  SupervisorSettings with = settings();
  with.shape = {1, 8, 4, 1, 8};  // an epoch is a round; four validation leaves
  Cluster cluster(with);
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
  Cluster cluster;
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
  Cluster cluster;
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

// A plan that was to come counts from now on: everybody has to hear of it.
BOOST_AUTO_TEST_CASE(a_plan_that_counts_earlier_than_the_last_is_sent_although_it_is_the_same) {
  Cluster cluster;
  const Sender slow = cluster.active(1, 0.01);
  const Sender quick = cluster.active(2, 100);
  BOOST_TEST((cluster.plans.at(quick.node).blocks == Blocks{{3, 0}}));
  BOOST_TEST(cluster.plans.at(quick.node).from_version == 1U);
  cluster.step(event::MemberGone{slow, "connection closed"});
  BOOST_TEST((cluster.plans.at(quick.node).blocks == Blocks{{3, 0}}));
  BOOST_TEST(cluster.plans.at(quick.node).from_version == 0U);
}

BOOST_AUTO_TEST_CASE(a_node_too_slow_for_a_share_goes_on_trying_and_gets_one_when_it_is_quicker) {
  Cluster cluster;
  const Sender slow = cluster.active(1, 0.01);
  cluster.active(2, 100);
  BOOST_TEST((cluster.plans.at(slow.node).blocks == Blocks{{0, 0}}));  // somebody else holds that too
  cluster.publish();
  cluster.beat(slow, 100);
  cluster.step(event::Tick{});
  BOOST_TEST((cluster.plans.at(slow.node).blocks == Blocks{{2, 0}}));
}

BOOST_AUTO_TEST_CASE(a_leaf_that_killed_a_slot_is_tried_elsewhere) {
  Cluster cluster;
  const Sender first = cluster.active(1, 1);
  const Sender second = cluster.active(2, 1);
  cluster.publish();
  cluster.step(SlotFailed{first, 0, true, {1, false, 2}, "bad memory"});
  BOOST_TEST((cluster.leases.at(first.node).blocks == Blocks{{1, 0}, {0, 3}}));
  BOOST_TEST((cluster.leases.at(second.node).blocks == Blocks{{0, 2}, {2, 1}}));
}

BOOST_AUTO_TEST_CASE(a_node_whose_slots_keep_dying_is_sent_away_while_others_are_there) {
  SupervisorSettings with = settings();
  with.failures = {3, 2, 100};
  Cluster cluster(with);
  const Sender first = cluster.active(1, 1);
  cluster.active(2, 1);
  for (int death = 0; death < 3; ++death) cluster.step(SlotFailed{first, 0, false, {}, "bad memory"});
  BOOST_TEST((cluster.all<effect::Dismiss>().at(0).member == first));
  BOOST_TEST(!cluster.all<effect::Dismiss>().at(0).farewell.may_return);
  BOOST_TEST(cluster.end_reason().empty());
}

BOOST_AUTO_TEST_CASE(a_head_that_was_superseded_writes_nothing_more) {
  Cluster cluster;
  cluster.active(1, 1);
  cluster.heard.clear();
  cluster.step(event::Superseded{9});
  BOOST_TEST(cluster.heard.size() == 1U);
  BOOST_TEST(cluster.end_reason() == "another head has taken over in term 9; this one, of term 3, stops");
}

// SUP-6
BOOST_AUTO_TEST_CASE(in_a_steady_state_a_round_makes_the_supervisor_say_nothing_to_members) {
  Cluster cluster;
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
