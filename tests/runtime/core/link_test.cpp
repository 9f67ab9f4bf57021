#include "runtime/core/link.hpp"

#include <map>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/core/link_ends.hpp"

namespace fulmar::core {
namespace {

using std::chrono::milliseconds;

std::vector<Time> after_5_ms(const End&, const TestFrame&) {
  return {kStep};
}

BOOST_AUTO_TEST_SUITE(link)

// LINK-6
BOOST_AUTO_TEST_CASE(a_payload_and_its_acknowledgement_are_all_that_is_sent) {
  End a, b;
  a.send(Time(0));
  for (const TestFrame& frame : a.taken()) b.receive(kStep, frame);
  BOOST_TEST(b.delivered == numbers(1));
  BOOST_TEST(b.out.empty());  // it waits for the tick
  b.tick(kLiveness.tick());
  BOOST_TEST(b.out.size() == 1U);
  for (const TestFrame& frame : b.taken()) a.receive(kLiveness.tick(), frame);
  BOOST_TEST(a.link.unacknowledged() == 0U);
  for (Time now = kLiveness.tick(); now < std::chrono::seconds(10); now += kLiveness.tick()) {
    a.tick(now);
    b.tick(now);
  }
  BOOST_TEST(a.out.empty());
  BOOST_TEST(b.out.empty());
  BOOST_TEST(!a.link.broken().has_value());
}

BOOST_AUTO_TEST_CASE(what_is_sent_the_other_way_carries_the_acknowledgement) {
  End a, b;
  a.send(Time(0));
  for (const TestFrame& frame : a.taken()) b.receive(Time(0), frame);
  b.send(Time(0));
  BOOST_TEST(b.out.front().acknowledged == 1U);
  b.taken();
  b.tick(kLiveness.tick());
  BOOST_TEST(b.out.empty());
}

// LINK-1
BOOST_AUTO_TEST_CASE(reversed_and_repeated_frames_are_delivered_once_in_order) {
  End a, b;
  a.send(Time(0), 20);
  const TestLink::Frames frames = a.taken();
  for (auto frame = frames.rbegin(); frame != frames.rend(); ++frame) {
    b.receive(Time(0), *frame);
    b.receive(Time(0), *frame);
  }
  for (const TestFrame& frame : frames) b.receive(Time(0), frame);
  BOOST_TEST(b.delivered == numbers(20));
}

// LINK-2
BOOST_AUTO_TEST_CASE(no_more_than_the_window_is_under_way) {
  End a, b;
  a.send(Time(0), 300);
  TestLink::Frames frames = a.taken();
  BOOST_TEST(frames.size() == TestLink::kWindowMax);
  for (const TestFrame& frame : frames) b.receive(Time(0), frame);
  // A quarter of the window is acknowledged at once, so the sender need not wait for a tick.
  frames = b.taken();
  BOOST_TEST(frames.size() == 4U);
  BOOST_TEST(frames.front().acknowledged == TestLink::kAcknowledgeAtOnce);
  for (const TestFrame& frame : frames) a.receive(Time(0), frame);
  frames = a.taken();
  BOOST_TEST(frames.size() == 300 - TestLink::kWindowMax);
  for (const TestFrame& frame : frames) b.receive(Time(0), frame);
  BOOST_TEST(b.delivered == numbers(300));
}

// LINK-2
BOOST_AUTO_TEST_CASE(a_receiver_keeps_nothing_beyond_the_window) {
  End a, b;
  TestFrame frame;
  frame.payload = Numbered{7, 0};
  frame.sequence = TestLink::kWindowMax + 1;
  b.receive(Time(0), frame);
  a.send(Time(0), TestLink::kWindowMax);
  for (const TestFrame& sent : a.taken()) b.receive(Time(0), sent);
  BOOST_TEST(b.delivered == numbers(TestLink::kWindowMax));  // and not the one beyond it, which had come too early
}

// LINK-2
BOOST_AUTO_TEST_CASE(no_more_bytes_than_the_window_are_under_way) {
  End a(1000), b(1000);
  a.send(Time(0), 10, 300);
  TestLink::Frames frames = a.taken();
  BOOST_TEST(frames.size() == 3U);
  b.receive(Time(0), frames.front());
  BOOST_TEST(b.out.size() == 1U);  // a quarter of the window: acknowledged at once
  for (const TestFrame& frame : b.taken()) a.receive(Time(0), frame);
  BOOST_TEST(a.out.size() == 1U);
  a.send(Time(0), 1, 0);
  BOOST_TEST(a.taken().size() == 1U);  // it waits behind the others, although there is room for it
  a.tick(kLiveness.retry());
  frames = a.taken();
  BOOST_REQUIRE(frames.size() == 1U);
  BOOST_TEST(frames.front().probe->sent == 4U);  // only what is under way is asked after
}

// LINK-2
BOOST_AUTO_TEST_CASE(what_is_larger_than_the_window_travels_alone) {
  End a(1000), b(1000);
  a.send(Time(0), 1, 10);
  a.send(Time(0), 1, 5000);
  a.send(Time(0), 1, 0);
  for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
    const TestLink::Frames frames = a.taken();
    BOOST_REQUIRE(frames.size() == 1U);
    BOOST_TEST(frames.front().sequence == sequence);
    b.receive(Time(0), frames.front());
    b.tick(Time(0));
    for (const TestFrame& frame : b.taken()) a.receive(Time(0), frame);
  }
  BOOST_TEST(b.delivered == numbers(3));
}

// LINK-2: chunks of a tensor, as they are sent in production.
BOOST_AUTO_TEST_CASE(a_large_tensor_needs_no_tick_to_pass_through_the_window) {
  constexpr std::size_t kMebibyte = std::size_t{1} << 20;
  End a, b;
  a.send(Time(0), 100, kMebibyte);
  BOOST_TEST(a.out.size() == TestLink::kWindowBytes / kMebibyte);
  while (!a.out.empty()) {
    for (const TestFrame& frame : a.taken()) b.receive(Time(0), frame);
    for (const TestFrame& frame : b.taken()) a.receive(Time(0), frame);
  }
  BOOST_TEST(b.delivered == numbers(100));
  for (const auto& [sequence, times] : a.transmissions) BOOST_TEST(times == 1);
}

// LINK-2: what a hostile peer can make a receiver keep.
BOOST_AUTO_TEST_CASE(a_receiver_keeps_no_more_bytes_than_the_window) {
  End b(1000);
  TestFrame frame;
  for (const std::uint64_t sequence : std::vector<std::uint64_t>{2, 2, 3, 4, 5}) {
    frame.sequence = sequence;
    frame.payload = Numbered{sequence, 400};
    b.receive(Time(0), frame);
  }
  frame.sequence = 1;
  frame.payload = Numbered{1, 5000};
  b.receive(Time(0), frame);
  BOOST_TEST(b.delivered == numbers(3));  // 4 and 5 were too much, and count as lost
  frame.sequence = 5;
  frame.payload = Numbered{5, 1000};
  b.receive(Time(0), frame);  // what was delivered does not count any longer
  frame.sequence = 4;
  b.receive(Time(0), frame);
  BOOST_TEST(b.delivered.size() == 5U);
}

// LINK-3
BOOST_AUTO_TEST_CASE(a_full_queue_breaks_the_link) {
  End a;
  a.send(Time(0), TestLink::kUnacknowledgedMax);
  BOOST_TEST(!a.link.broken().has_value());
  a.send(Time(0));
  BOOST_REQUIRE(a.link.broken().has_value());
  BOOST_TEST(a.link.broken()->find("4096") != std::string::npos);
  a.taken();
  a.send(Time(0));
  a.tick(kLiveness.retry());
  BOOST_TEST(a.out.empty());
}

BOOST_AUTO_TEST_CASE(what_was_never_sent_cannot_be_acknowledged) {
  End a;
  a.send(Time(0), 3);
  TestFrame frame;
  frame.acknowledged = 4;
  a.receive(Time(0), frame);
  BOOST_TEST(a.link.unacknowledged() == 3U);
}

// LINK-4
BOOST_AUTO_TEST_CASE(a_slow_payload_is_not_sent_again_unless_the_peer_says_that_it_is_missing) {
  End a, b;
  a.send(Time(0));
  const TestLink::Frames slow = a.taken();
  TestLink::Frames probes;
  for (Time now{}; now <= milliseconds(500); now += kLiveness.tick()) {
    a.tick(now);
    for (TestFrame& frame : a.taken()) probes.push_back(std::move(frame));
  }
  BOOST_TEST(a.transmissions[1] == 1);
  BOOST_TEST(probes.size() == 5U);
  // The payload comes first after all, so that the answers to the probes find nothing missing.
  for (const TestFrame& frame : slow) b.receive(milliseconds(500), frame);
  for (const TestFrame& frame : probes) b.receive(milliseconds(500), frame);
  for (const TestFrame& frame : b.taken()) a.receive(milliseconds(505), frame);
  BOOST_TEST(a.transmissions[1] == 1);
  BOOST_TEST(a.link.unacknowledged() == 0U);
}

// LINK-4
BOOST_AUTO_TEST_CASE(only_what_is_missing_is_sent_again_and_once_however_often_the_peer_says_so) {
  End a, b;
  a.send(Time(0), 10);
  for (const TestFrame& frame : a.taken()) {
    if (frame.sequence != 3 && frame.sequence != 10) b.receive(Time(0), frame);
  }
  BOOST_TEST(b.delivered == numbers(2));
  a.tick(kLiveness.retry());
  a.tick(kLiveness.retry() * 2);
  for (const TestFrame& probe : a.taken()) b.receive(kLiveness.retry() * 2, probe);
  const TestLink::Frames answers = b.taken();
  BOOST_REQUIRE(answers.size() == 2U);
  BOOST_TEST(answers.front().answer->missing == (std::vector<std::uint64_t>{3, 10}));
  for (const TestFrame& answer : answers) a.receive(kLiveness.retry() * 2 + kStep, answer);
  for (const TestFrame& answer : answers) a.receive(kLiveness.retry() * 2 + kStep, answer);
  const TestLink::Frames again = a.taken();
  BOOST_TEST(again.size() == 2U);
  for (const TestFrame& frame : again) b.receive(kLiveness.retry() * 2 + kStep, frame);
  BOOST_TEST(b.delivered == numbers(10));
}

// LINK-4: over a network that keeps the order, whatever precedes a probe has arrived before it, or is lost.
BOOST_AUTO_TEST_CASE(a_long_delay_alone_makes_nothing_be_sent_again) {
  Pair pair([](const End&, const TestFrame&) { return std::vector<Time>{milliseconds(300)}; });
  for (int burst = 0; burst < 20; ++burst) {
    pair.first.send(pair.now, 10);
    pair.second.send(pair.now, 3);
    pair.run_until(pair.now + milliseconds(35));
  }
  pair.run_until(pair.now + std::chrono::seconds(2));
  BOOST_TEST(pair.second.delivered == numbers(200));
  BOOST_TEST(pair.first.delivered == numbers(60));
  for (const auto& [sequence, times] : pair.first.transmissions) BOOST_TEST(times == 1);
  for (const auto& [sequence, times] : pair.second.transmissions) BOOST_TEST(times == 1);
}

// LINK-5
BOOST_AUTO_TEST_CASE(a_cut_either_way_breaks_the_senders_link_in_time_and_for_good) {
  for (const bool to_second : {true, false}) {
    Pair pair(after_5_ms);
    pair.first.send(pair.now);
    pair.run_until(std::chrono::seconds(1));
    pair.fate = [&](const End& from, const TestFrame&) {
      return (&from == &pair.first) == to_second ? std::vector<Time>{} : std::vector<Time>{kStep};
    };
    const Time cut = pair.now;
    pair.first.send(cut);
    pair.run_until(cut + kLiveness.lost_after());
    BOOST_TEST(!pair.first.link.broken().has_value());
    pair.run_until(cut + kLiveness.lost_after() + kLiveness.tick());
    BOOST_REQUIRE(pair.first.link.broken().has_value());
    BOOST_TEST(pair.first.link.broken()->find("message 2 of 2") != std::string::npos);
    BOOST_TEST(!pair.second.link.broken().has_value());  // it has nothing to send
    pair.fate = after_5_ms;
    pair.first.send(pair.now);
    pair.second.send(pair.now);
    pair.run_until(pair.now + std::chrono::seconds(1));
    BOOST_TEST(pair.first.link.broken().has_value());
    BOOST_TEST(pair.first.delivered.empty());
    BOOST_TEST(pair.second.delivered.size() == (to_second ? 1U : 2U));
  }
}

// LINK-5
BOOST_AUTO_TEST_CASE(who_was_frozen_does_not_find_its_link_broken) {
  Pair pair(after_5_ms);
  pair.run_until(milliseconds(100));
  pair.first.send(pair.now, 5);
  pair.second.send(pair.now);  // so that the frozen one is missed, too
  pair.step();
  pair.frozen_until = std::chrono::seconds(10);
  pair.run_until(std::chrono::seconds(11));
  BOOST_TEST(!pair.first.link.broken().has_value());
  BOOST_TEST(pair.second.link.broken().has_value());
}

// LINK-5: as long as something new is acknowledged, a long queue is no reason to break.
BOOST_AUTO_TEST_CASE(slow_progress_is_progress) {
  Pair pair([](const End&, const TestFrame& frame) {
    // One payload every 500 ms gets through.
    return std::vector<Time>{frame.payload ? milliseconds(500) * static_cast<int>(frame.sequence) : kStep};
  });
  pair.first.send(pair.now, 8);
  pair.run_until(std::chrono::seconds(5));
  BOOST_TEST(!pair.first.link.broken().has_value());
  BOOST_TEST(pair.second.delivered == numbers(8));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
