#include "actors/run_story.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/transport/datagram.hpp"

using namespace fulmar;
using actors::RunStory;
using monitoring::RunEvent;
using monitoring::Severity;

namespace {

core::RunShape shape_of(std::uint64_t leaves) {
  core::RunShape shape;
  shape.leaves = leaves;
  return shape;
}

/// A story of a run whose members come and go as in a Membership.
struct Told {
  explicit Told(std::uint64_t leaves = 64)
      : story(3, shape_of(leaves), [this](const RunEvent& event) { add(event); }) {}

  void add(const RunEvent& event) { events.push_back(event); }
  core::NodeId joins(const std::string& name, std::uint64_t instance, bool local = false) {
    const core::Sender session = members.admit({name, 2, instance, 1, local}, core::Time{});
    story.on_members(members);
    return session.node;
  }
  std::vector<std::string> texts_of(const std::string& kind) const {
    std::vector<std::string> texts;
    for (const RunEvent& event : events) {
      if (event.kind == kind) texts.push_back(event.text);
    }
    return texts;
  }
  RunEvent only(const std::string& kind) const {
    BOOST_REQUIRE_MESSAGE(texts_of(kind).size() == 1U, kind << " was told " << texts_of(kind).size() << " times");
    for (const RunEvent& event : events) {
      if (event.kind == kind) return event;
    }
    return {};
  }

  core::Membership members{3, core::Liveness{}};
  std::vector<RunEvent> events;
  RunStory story;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(run_story)

BOOST_AUTO_TEST_CASE(a_node_that_joins_is_told_once, *boost::unit_test::timeout(10)) {
  Told told;
  told.joins("ada", 11);
  told.story.on_members(told.members);
  const RunEvent event = told.only("node_joined");
  BOOST_TEST(event.text == "node 1 (ada) joined with 2 slots");
  BOOST_TEST(event.node_name == "ada");
  BOOST_TEST(event.node.value() == 1U);
  BOOST_TEST(event.term == 3U);
}

BOOST_AUTO_TEST_CASE(who_leaves_is_told_with_the_reason) {
  Told told;
  const core::NodeId node = told.joins("ada", 11);
  told.members.start_draining(node, "it was asked to leave");
  told.story.on_members(told.members);
  BOOST_TEST(told.only("node_draining").text == "node 1 (ada) is about to leave");
  BOOST_TEST(told.only("node_draining").reason == "it was asked to leave");
  told.story.on_record(core::NodeLeft{node, 1, told.members.at(node).leaving});
  BOOST_TEST(told.only("node_left").text == "node 1 (ada) left (it was asked to leave)");
}

BOOST_AUTO_TEST_CASE(a_node_that_comes_back_is_told_as_returned) {
  Told told;
  const core::NodeId node = told.joins("ada", 11);
  told.members.remove(node);
  told.story.on_members(told.members);
  told.joins("ada", 11);
  BOOST_TEST(told.texts_of("node_joined").size() == 1U);
  BOOST_TEST(told.only("node_returned").text == "node 1 (ada) is back with 2 slots");
}

BOOST_AUTO_TEST_CASE(the_heads_own_worker_is_no_news_while_it_is_well) {
  Told told;
  told.joins("head", 1, true);
  BOOST_TEST((told.only("node_joined").severity == Severity::detail));
}

BOOST_AUTO_TEST_CASE(a_lost_node_is_told_with_its_cause_and_what_became_of_its_leaves) {
  Told told;
  told.joins("ada", 11);
  const core::NodeId lost = told.joins("bob", 12);
  told.members.remove(lost);
  told.story.on_record(core::NodeFailed{lost, 2, "its connection is closed"});
  told.story.on_members(told.members);
  told.story.on_recovery({lost, 0.001, 0.040, 3, false, {1}});
  const RunEvent failed = told.only("node_lost");
  BOOST_TEST(failed.text == "node 2 (bob) was lost (its connection is closed); what it had is computed anew");
  BOOST_TEST(failed.reason == "its connection is closed");
  BOOST_TEST((failed.severity == Severity::warning));
  const RunEvent moved = told.only("leaves_moved");
  BOOST_TEST(moved.text == "the 3 leaves of node 2 (bob) went to node 1 (ada), 41 ms after its last word");
  BOOST_TEST(moved.seconds.value() == 0.041);
}

BOOST_AUTO_TEST_CASE(of_many_takers_the_first_few_are_named) {
  Told told;
  for (std::uint64_t i = 0; i < 6; ++i) told.joins("n" + std::to_string(i), 100 + i);
  told.story.on_recovery({9, 0.5, 0.734, 1, false, {1, 2, 3, 4, 5, 6}});
  BOOST_TEST(
      told.only("leaves_moved").text ==
      "the 1 leaf of node 9 went to node 1 (n0), node 2 (n1), node 3 (n2), node 4 (n3) and 2 more, 1.2 s after its "
      "last word");
}

BOOST_AUTO_TEST_CASE(a_lost_unit_is_leased_anew_by_nobody_in_particular) {
  Told told;
  told.story.on_recovery({3, 0.0, 0.003, 8, true, {}});
  BOOST_TEST(told.only("leaves_moved").text == "the 8 leaves of node 3 will be leased anew, 3 ms after its last word");
}

BOOST_AUTO_TEST_CASE(names_of_those_who_have_gone_are_not_kept_for_ever) {
  Told told;
  const core::NodeId stays = told.joins("stays", 1);
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const core::NodeId node = told.joins("passes", 100 + i);
    told.members.remove(node);
    told.story.on_members(told.members);
  }
  BOOST_TEST(told.texts_of("node_joined").size() == 10'001U);  // who stays was not greeted again
  told.events.clear();
  told.story.on_record(core::NodeFailed{stays, 1, "lightning"});
  told.story.on_record(core::NodeFailed{2, 2, "lightning"});
  BOOST_TEST(told.texts_of("node_lost").at(0) == "node 1 (stays) was lost (lightning); what it had is computed anew");
  BOOST_TEST(told.texts_of("node_lost").at(1) == "node 2 was lost (lightning); what it had is computed anew");
}

BOOST_AUTO_TEST_CASE(a_determinism_alarm_is_an_error_and_other_decisions_are_not) {
  Told told;
  told.story.on_record(core::DecisionMade{4, "early stop", "patience"});
  told.story.on_record(core::DecisionMade{5, std::string(core::kDeterminismAlarm), "nodes 1 and 2 differ"});
  BOOST_TEST((told.only("decision").severity == Severity::note));
  const RunEvent alarm = told.only("determinism_alarm");
  BOOST_TEST((alarm.severity == Severity::error));
  BOOST_TEST(alarm.reason == "nodes 1 and 2 differ");
}

BOOST_AUTO_TEST_CASE(a_checkpoint_is_told_with_the_time_it_took) {
  Told told;
  told.story.on_checkpoint(core::CheckpointKind::full, true, 0.25, 1000);
  told.story.on_record(core::CheckpointWritten{12, core::CheckpointKind::full, "ab"});
  BOOST_TEST(told.only("checkpoint_written").seconds.value() == 0.25);
  told.story.on_record(core::CheckpointFailed{13, "No space left on device"});
  BOOST_TEST(told.only("checkpoint_failed").text ==
             "no checkpoint of version 13, the run goes on: No space left on device");
}

BOOST_AUTO_TEST_CASE(idle_slots_are_told_once_as_a_note_and_once_as_a_warning) {
  Told told(8);
  transport::Status status;
  status.policy = "sync";
  for (std::uint32_t slots = 1; slots <= 12; ++slots) {
    status.nodes = {{"ada", 1, "active", slots, 0, 0, 0, 0, 0}};
    told.story.on_status(status);
  }
  BOOST_REQUIRE(told.texts_of("advice").size() == 2U);
  BOOST_TEST((told.events.at(0).severity == Severity::note));
  BOOST_TEST((told.events.at(1).severity == Severity::warning));
  BOOST_TEST(told.events.at(1).text.starts_with("9 slots and policy.leaves = 8: 1 slot will be idle"));
}

BOOST_AUTO_TEST_CASE(idle_nodes_are_told_once_for_each_policy) {
  Told told;
  transport::Status status;
  status.policy = "bounded:1";
  status.nodes.assign(5, {"ada", 1, "active", 1, 0, 0, 0, 0, 0});
  for (int i = 0; i < 3; ++i) told.story.on_status(status);
  BOOST_TEST(told.texts_of("advice").size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_run_that_is_resumed_says_what_is_recomputed) {
  Told fresh;
  fresh.story.begin(0, 0);
  BOOST_TEST(fresh.only("run_started").text == "the run begins");
  Told resumed;
  resumed.story.begin(120, 133);
  BOOST_TEST(resumed.only("run_resumed").text ==
             "the run goes on from version 120; versions up to 133 are recomputed from the journal");
}

BOOST_AUTO_TEST_SUITE_END()
