// A node's way through its sessions, with a test as the head.
#include "actors/node_run.hpp"

#include <chrono>
#include <future>
#include <mutex>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <caf/all.hpp>

#include "actors/node_actor.hpp"
#include "runtime/core/vector_arithmetic.hpp"
#include "tests/actors/listening_head.hpp"

namespace fulmar::actors::testing {
namespace {

constexpr core::Block kWholeRound{3, 0};  // of 8 leaves

/// What the user hears, in order.
class Listener final : public NodeObserver {
 public:
  void on_joined(core::NodeId node) override { add("joined as " + std::to_string(node)); }
  void on_lost(const std::string& cause) override { add("lost: " + cause); }
  void on_put_off(const std::string& reason) override { add("put off: " + reason); }
  void on_leaving() override { add("leaving"); }

  std::vector<std::string> heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  void add(std::string line) {
    const std::lock_guard lock(mutex_);
    heard_.push_back(std::move(line));
  }

  mutable std::mutex mutex_;
  std::vector<std::string> heard_;
};

/// A head, and a node that takes part on a thread of its own. The test says how the node's run ends.
struct Fixture {
  explicit Fixture(transport::Credentials credentials = ListeningHead::credentials())
      : head(context, directory.path()) {
    NodeStart start{context, head.endpoint(), {}, std::move(credentials), "node", 2, &listener};
    std::promise<RequestLeave> started;
    std::future<RequestLeave> way_to_leave = started.get_future();
    outcome = std::async(std::launch::async, [start = std::move(start), promise = std::move(started)]() mutable {
      return take_part(std::move(start), [&](RequestLeave request) { promise.set_value(std::move(request)); });
    });
    leave = way_to_leave.get();
  }

  NodeOutcome end() {
    const Result<NodeOutcome> ended = outcome.get();
    if (!ended) BOOST_FAIL(ended.error().message);
    return *ended;
  }

  ScratchDirectory directory;
  std::shared_ptr<const RunContext> context = context_of({});
  ListeningHead head;
  Listener listener;
  RequestLeave leave;
  std::future<Result<NodeOutcome>> outcome;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(node_run_test)

BOOST_AUTO_TEST_CASE(a_node_computes_its_plan_and_leaves_when_it_is_asked_to) {
  Fixture node;
  const core::Sender session = node.head.admit(node.head.next_join());
  node.head.say(session, core::PlanChanged{1, 0, {kWholeRound}});
  node.head.send_version(session, 0, zeros());
  BOOST_TEST(node.head.hear<core::VersionHeld>().first.version == 0U);

  const auto [pushed, heard] = node.head.hear<core::BlockPushed>();
  BOOST_TEST((pushed.sender == session && heard.session == session && heard.channel == core::channel_of(0)));
  BOOST_TEST((pushed.block == kWholeRound && pushed.base == 0 && pushed.weight_sum == 8));
  BOOST_TEST(pushed.digest == core::digest(std::as_const(*heard.delivery.tensor).values()));

  node.leave();
  BOOST_TEST((node.head.hear<core::Leave>().first.sender == session));
  node.head.say(session, core::Drain{});
  BOOST_TEST((node.head.hear<core::Drained>().first.sender == session));
  node.head.close(session, {"it left", false});
  BOOST_TEST(!node.end().failed);
  BOOST_TEST(node.listener.heard() == (std::vector<std::string>{"joined as 1", "leaving"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(it_beats_while_it_is_a_member) {
  Fixture node;
  const core::Sender session = node.head.admit(node.head.next_join());
  for (int beats = 0; beats < 3; ++beats) BOOST_TEST((node.head.hear<core::Beat>().first.sender == session));
  node.head.close(session, {"reached version 24", false});
  const NodeOutcome outcome = node.end();
  BOOST_TEST(!outcome.failed);
  BOOST_TEST(outcome.reason == "reached version 24");
}

BOOST_AUTO_TEST_CASE(what_the_head_must_not_say_ends_the_session_and_the_node_comes_back) {
  Fixture node;
  const ListeningHead::Asked first = node.head.next_join();
  const core::Sender session = node.head.admit(first);
  node.head.say(session, core::RestartSlot{2});  // of two
  BOOST_TEST((node.head.next_gone() == session));
  const ListeningHead::Asked second = node.head.next_join();
  BOOST_TEST(second.join.instance == first.join.instance);
  BOOST_TEST(second.join.attempt == first.join.attempt + 1);
  node.head.close(node.head.admit(second), {"enough", false});
  node.end();
  BOOST_TEST_REQUIRE(node.listener.heard().size() >= 2U);
  BOOST_TEST(node.listener.heard()[1].starts_with("lost: the head says what it must not: slot 2 of 2"),
             node.listener.heard()[1]);
}

BOOST_AUTO_TEST_CASE(a_refusal_for_good_ends_it_in_its_own_words) {
  Fixture node;
  node.head.refuse(node.head.next_join(), {"this run is full", false});
  const NodeOutcome outcome = node.end();
  BOOST_TEST(outcome.failed);
  BOOST_TEST(outcome.reason == "this run is full");
  BOOST_TEST(node.listener.heard().empty());
}

BOOST_AUTO_TEST_CASE(other_data_are_refused_by_the_head_too) {
  Fixture node({"other data", ListeningHead::credentials().determinism_class});
  const NodeOutcome outcome = node.end();
  BOOST_TEST(outcome.failed);
  BOOST_TEST(outcome.reason.find("data") != std::string::npos, outcome.reason);
}

BOOST_AUTO_TEST_CASE(a_refusal_that_may_pass_is_told_once_and_asked_after) {
  Fixture node;
  const ListeningHead::Asked first = node.head.next_join();
  node.head.refuse(first, {"not now", true});
  const ListeningHead::Asked second = node.head.next_join();
  BOOST_TEST(second.join.attempt == first.join.attempt);
  node.head.refuse(second, {"not now", true});
  node.head.close(node.head.admit(node.head.next_join()), {"enough", false});
  BOOST_TEST(!node.end().failed);
  BOOST_TEST(node.listener.heard() == (std::vector<std::string>{"put off: not now", "joined as 1"}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(who_leaves_before_it_was_admitted_is_gone_at_once) {
  Fixture node;
  node.head.next_join();
  node.leave();
  BOOST_TEST(!node.end().failed);
}

// PART-1, as far as the transport does not see to it already: mail that still waits for the node's actor.
BOOST_AUTO_TEST_CASE(mail_of_another_session_goes_nowhere) {
  const ScratchDirectory directory;
  const std::shared_ptr<const RunContext> context = context_of({});
  ListeningHead head(context, directory.path());
  Listener listener;
  auto network = transport::NodeTransport::make({head.endpoint(),
                                                 {},
                                                 *transport::parse_run_id(context->manifest.run_id),
                                                 context->supervision.liveness,
                                                 ListeningHead::credentials(),
                                                 {context->shards.parameters()}},
                                                context->pool);
  BOOST_REQUIRE(network.ok());
  caf::actor_system_config config;
  caf::actor_system system(config);
  caf::scoped_actor self(system);
  const caf::actor node = self->spawn(
      node_actor, context,
      NodeActorStart{{"node", 1, 5, context->supervision.liveness}, network->get(), &listener, caf::actor(self)});
  NodeMailbox mailbox(node);
  (*network)->start(mailbox);
  self->send(node, TickDue{});

  const core::Sender session = head.admit(head.next_join());
  head.hear<core::Beat>();  // it has begun
  const core::Sender former{session.node, session.incarnation + 7, session.term};
  self->send(node, DeliveryMail{former, {core::Drain{}, nullptr}});
  self->send(node, ShardMail{0, {core::VersionHeld{former, 3}, nullptr, nullptr}});
  self->send(node, ShardMail{0, {core::VersionHeld{session, 4}, nullptr, nullptr}});
  BOOST_TEST(head.hear<core::VersionHeld>().first.version == 4U);

  head.close(session, {"enough", false});
  self->receive([](const NodeOutcome& outcome) { BOOST_TEST(outcome.reason == "enough"); });
  BOOST_TEST(listener.heard() == std::vector<std::string>{"joined as 1"}, boost::test_tools::per_element());
  (*network)->stop();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::actors::testing
