#include "runtime/core/session.hpp"

#include <set>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/core/effects.hpp"

namespace fulmar::core {
namespace {

namespace effect = session_effect;
namespace event = session_event;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Liveness kLiveness;
const Sender kSession{4, 17, 2};
const Sender kOther{4, 16, 2};
constexpr std::uint64_t kInstance = 99;

/// A node with a clock, and everything that its session has said, with the time.
struct Node {
  explicit Node(std::uint64_t instance = kInstance) : session({"nora", 3, instance, kLiveness}) {}

  SessionEffects step(const SessionEvent& happened) {
    SessionEffects effects = session.step(now, happened);
    for (const SessionEffect& one : effects) {
      if (std::holds_alternative<effect::SendJoin>(one)) joins.push_back(now);
      said.push_back(one);
    }
    return effects;
  }
  /// Ticks for so long; the head is heard at each, or never.
  void pass(Time duration, bool heard) {
    for (const Time end = now + duration; now < end;) {
      now += kLiveness.tick();
      if (heard) step(event::Heard{});
      step(event::Tick{});
    }
  }
  /// Ticks until the next Join, and returns it.
  Join next_join() {
    const std::size_t before = joins.size();
    while (joins.size() == before) pass(kLiveness.tick(), false);
    return all_of_kind<effect::SendJoin>(said).back().join;
  }
  void become_member(const Sender& identity = kSession) {
    const Join join = next_join();
    step(Welcome{identity, 100, join.attempt, join.instance});
  }

  NodeSession session;
  Time now{};
  std::vector<Time> joins;
  SessionEffects said;
};

BOOST_AUTO_TEST_SUITE(session)

BOOST_AUTO_TEST_CASE(the_first_tick_asks_to_take_part) {
  Node node;
  const auto joins = all_of_kind<effect::SendJoin>(node.step(event::Tick{}));
  BOOST_REQUIRE(joins.size() == 1U);
  BOOST_TEST(joins[0].join.name == "nora");
  BOOST_TEST(joins[0].join.slots == 3U);
  BOOST_TEST(joins[0].join.instance == 99U);
  BOOST_TEST(joins[0].join.attempt == 1U);
  BOOST_TEST(!joins[0].join.local);
}

// SESSION-5
BOOST_AUTO_TEST_CASE(it_asks_again_and_again_with_pauses_that_double_up_to_the_largest) {
  Node node;
  node.pass(seconds(60), false);
  BOOST_TEST(node.joins.size() > 15U);
  Time longest = kLiveness.rejoin_first();
  for (std::size_t i = 1; i < node.joins.size(); ++i) {
    const Time pause = node.joins[i] - node.joins[i - 1];
    BOOST_TEST((pause >= longest / 2));
    BOOST_TEST((pause <= longest + kLiveness.tick()));
    longest = std::min(2 * longest, kLiveness.rejoin_max());
  }
  for (const auto& sent : all_of_kind<effect::SendJoin>(node.said)) BOOST_TEST(sent.join.attempt == 1U);
}

// SESSION-5
BOOST_AUTO_TEST_CASE(nodes_that_lost_their_head_together_do_not_return_together) {
  std::set<Time> returns;
  for (std::uint64_t instance = 1; instance <= 64; ++instance) {
    Node node(instance);
    node.pass(seconds(20), false);
    returns.insert(node.joins.back());
  }
  BOOST_TEST(returns.size() > 16U);  // of some 40 ticks in half of rejoin_max
}

// SESSION-1
BOOST_AUTO_TEST_CASE(a_welcome_begins_the_session_once) {
  Node node;
  node.next_join();
  const auto begun = all_of_kind<effect::BeginSession>(node.step(Welcome{kSession, 100, 1, kInstance}));
  BOOST_REQUIRE(begun.size() == 1U);
  BOOST_TEST((begun[0].welcome.identity == kSession));
  BOOST_TEST(begun[0].welcome.end_version == 100U);
  BOOST_TEST((node.session.state() == SessionState::member));
  BOOST_TEST(node.step(Welcome{kSession, 100, 1, kInstance}).empty());  // the answer to a Join that was sent twice
  node.pass(seconds(5), true);
  BOOST_TEST(node.joins.size() == 1U);
}

// SESSION-2
BOOST_AUTO_TEST_CASE(a_welcome_to_an_earlier_attempt_is_ignored) {
  Node node;
  node.become_member();
  node.step(event::Gone{kSession});
  BOOST_TEST(node.next_join().attempt == 2U);
  BOOST_TEST(node.step(Welcome{kSession, 100, 1, kInstance}).empty());
  BOOST_TEST((node.session.state() == SessionState::joining));
  BOOST_TEST(node.step(Welcome{kSession, 100, 2, kInstance + 1}).empty());  // to a process that had this address before
  BOOST_TEST(has<effect::BeginSession>(node.step(Welcome{{4, 18, 2}, 100, 2, kInstance})));
}

// SESSION-4
BOOST_AUTO_TEST_CASE(a_member_beats_and_nobody_else_does) {
  Node node;
  node.pass(seconds(1), false);
  BOOST_TEST(!has<effect::SendBeat>(node.said));
  node.become_member();
  node.said.clear();
  node.pass(seconds(1), true);
  BOOST_TEST(all_of_kind<effect::SendBeat>(node.said).size() == 10U);
  node.step(event::LeaveRequested{});  // it is a member until it is dismissed
  node.said.clear();
  node.pass(seconds(1), true);
  BOOST_TEST(all_of_kind<effect::SendBeat>(node.said).size() == 10U);
  node.step(event::Dismissed{kSession, {"it asked to leave", false}});
  node.said.clear();
  node.pass(seconds(1), true);
  BOOST_TEST(node.said.empty());
}

// SESSION-4
BOOST_AUTO_TEST_CASE(a_silent_head_ends_the_session_in_time_and_the_node_returns_as_another) {
  Node node;
  node.become_member();
  node.pass(seconds(3), true);
  node.said.clear();
  node.pass(kLiveness.lost_after() - kLiveness.tick(), false);
  BOOST_TEST(!has<effect::EndSession>(node.said));
  node.pass(kLiveness.tick(), false);
  const auto ended = all_of_kind<effect::EndSession>(node.said);
  BOOST_REQUIRE(ended.size() == 1U);
  BOOST_TEST(ended[0].cause.find("silent") != std::string::npos);
  BOOST_TEST((node.session.state() == SessionState::joining));
  BOOST_TEST(node.next_join().attempt == 2U);

  // The silence before the new session does not count against it.
  node.pass(seconds(3), false);
  node.step(Welcome{kOther, 100, 2, kInstance});
  node.pass(kLiveness.lost_after() - kLiveness.tick(), false);
  BOOST_TEST((node.session.state() == SessionState::member));
}

// SESSION-4
BOOST_AUTO_TEST_CASE(who_was_frozen_does_not_take_the_head_for_lost) {
  Node node;
  node.become_member();
  node.pass(seconds(1), true);
  node.now += seconds(30);
  BOOST_TEST(!has<effect::EndSession>(node.step(event::Tick{})));
  node.pass(seconds(1), true);
  BOOST_TEST((node.session.state() == SessionState::member));
}

// SESSION-5: the first pause is short; a session that lasted makes it short again, one that did not does not.
BOOST_AUTO_TEST_CASE(sessions_that_do_not_last_are_asked_for_more_and_more_slowly) {
  Node node;
  std::vector<Time> pauses;
  for (int time = 0; time < 8; ++time) {
    node.become_member();
    const Time ended = node.now;
    node.step(event::Gone{kSession});
    node.next_join();
    pauses.push_back(node.now - ended);
    node.step(Welcome{kSession, 100, static_cast<std::uint64_t>(2 * time + 2), kInstance});
    node.step(event::Gone{kSession});
  }
  BOOST_TEST((pauses.front() <= 2 * kLiveness.rejoin_first() + kLiveness.tick()));
  BOOST_TEST((pauses.back() >= kLiveness.rejoin_max() / 2));

  node.become_member();
  node.pass(kLiveness.rejoin_max(), true);
  const Time ended = node.now;
  node.step(event::Gone{kSession});
  node.next_join();
  BOOST_TEST((node.now - ended <= kLiveness.rejoin_first() + kLiveness.tick()));
}

// SESSION-1
BOOST_AUTO_TEST_CASE(whatever_ends_a_session_says_why_and_leads_to_the_next) {
  const std::vector<SessionEvent> ends{event::Gone{kSession}, event::Broken{kSession, "cut"},
                                       event::Dismissed{kSession, {"cut", true}}};
  for (const SessionEvent& end : ends) {
    Node node;
    node.become_member();
    const SessionEffects effects = node.step(end);
    BOOST_REQUIRE(effects.size() == 1U);
    BOOST_TEST(!all_of_kind<effect::EndSession>(effects).at(0).cause.empty());
    BOOST_TEST(node.step(end).empty());  // once
    BOOST_TEST(node.next_join().attempt == 2U);
  }
}

// SESSION-3
BOOST_AUTO_TEST_CASE(what_is_said_of_another_session_is_ignored) {
  Node node;
  node.become_member();
  const std::vector<SessionEvent> late{event::Gone{kOther}, event::Broken{kOther, "cut"},
                                       event::Dismissed{kOther, {"lost", true}},
                                       event::Dismissed{kOther, {"drained", false}}};
  for (const SessionEvent& one : late) BOOST_TEST(node.step(one).empty());
  BOOST_TEST((node.session.state() == SessionState::member));
}

BOOST_AUTO_TEST_CASE(who_is_dismissed_for_good_does_not_return) {
  Node node;
  node.become_member();
  const SessionEffects effects = node.step(event::Dismissed{kSession, {"the run is complete", false}});
  BOOST_REQUIRE(effects.size() == 2U);
  BOOST_TEST(std::get<effect::EndSession>(effects[0]).cause == "the run is complete");
  BOOST_TEST(std::get<effect::Over>(effects[1]).reason == "the run is complete");
  BOOST_TEST((node.session.state() == SessionState::over));
}

// The Farewell of a session may come after the head's loss was noticed, or refuse another.
BOOST_AUTO_TEST_CASE(who_asks_again_may_be_told_not_to_return) {
  Node node;
  node.become_member();
  node.step(event::Gone{kSession});
  BOOST_TEST(node.step(event::Dismissed{kSession, {"lost", true}}).empty());
  const SessionEffects effects = node.step(event::Dismissed{kSession, {"the run is complete", false}});
  BOOST_REQUIRE(effects.size() == 1U);
  BOOST_TEST(has<effect::Over>(effects));
}

BOOST_AUTO_TEST_CASE(who_leaves_before_it_was_welcomed_is_over_at_once) {
  Node node;
  node.next_join();
  const SessionEffects effects = node.step(event::LeaveRequested{});
  BOOST_REQUIRE(effects.size() == 1U);
  BOOST_TEST(has<effect::Over>(effects));
  BOOST_TEST(node.step(Welcome{kSession, 100, 1, kInstance}).empty());
}

BOOST_AUTO_TEST_CASE(who_leaves_says_so_once_and_waits_to_be_dismissed) {
  Node node;
  node.become_member();
  BOOST_TEST(has<effect::SendLeave>(node.step(event::LeaveRequested{})));
  BOOST_TEST((node.session.state() == SessionState::leaving));
  BOOST_TEST(node.step(event::LeaveRequested{}).empty());
  node.pass(seconds(20), true);
  BOOST_TEST((node.session.state() == SessionState::leaving));
  const SessionEffects effects = node.step(event::Dismissed{kSession, {"it asked to leave", false}});
  BOOST_REQUIRE(effects.size() == 2U);
  BOOST_TEST(has<effect::EndSession>(effects));
  BOOST_TEST(has<effect::Over>(effects));
}

// SESSION-1
BOOST_AUTO_TEST_CASE(who_leaves_does_not_return_however_its_session_ends) {
  const std::vector<SessionEvent> ends{event::Gone{kSession}, event::Broken{kSession, "cut"},
                                       event::Dismissed{kSession, {"lost", true}}};
  for (const SessionEvent& end : ends) {
    Node node;
    node.become_member();
    node.step(event::LeaveRequested{});
    BOOST_TEST(node.step(end).size() == 2U);
    BOOST_TEST((node.session.state() == SessionState::over));
  }
  Node node;
  node.become_member();
  node.step(event::LeaveRequested{});
  node.said.clear();
  node.pass(seconds(10), false);
  BOOST_TEST(all_of_kind<effect::EndSession>(node.said).size() == 1U);
  BOOST_TEST(all_of_kind<effect::Over>(node.said).size() == 1U);
  BOOST_TEST(!has<effect::SendJoin>(node.said));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
