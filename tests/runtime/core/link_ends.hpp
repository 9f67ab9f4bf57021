// Two ends of a link, and what lies between them.
// Thread rule: owned by one test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <numeric>
#include <utility>
#include <vector>

#include "runtime/core/link.hpp"

namespace fulmar::core {

/// What the tests send: a number, and how many bytes it counts for.
struct Numbered {
  std::uint64_t number = 0;
  std::size_t bytes = 0;
};
inline std::size_t size_bytes(const Numbered& payload) {
  return payload.bytes;
}

using TestLink = Link<Numbered>;
using TestFrame = Frame<Numbered>;

inline const Liveness kLiveness;
inline constexpr Time kStep = std::chrono::milliseconds(5);

/// The numbers from 1 to `last`, in which order they are sent.
inline std::vector<std::uint64_t> numbers(std::uint64_t last) {
  std::vector<std::uint64_t> all(last);
  std::iota(all.begin(), all.end(), 1);
  return all;
}

/// A link, what it has delivered, and what it wants transmitted.
struct End {
  explicit End(std::size_t window_bytes = TestLink::kWindowBytes) : link(kLiveness, window_bytes) {}

  void send(Time now, std::uint64_t count = 1, std::size_t bytes = 0) {
    for (; count > 0; --count) put_out(link.send(now, Numbered{++sent, bytes}));
  }
  void receive(Time now, const TestFrame& frame) {
    TestLink::Received received = link.receive(now, frame);
    for (const Numbered& payload : received.delivered) delivered.push_back(payload.number);
    put_out(std::move(received.frames));
  }
  void tick(Time now) { put_out(link.tick(now)); }

  void put_out(TestLink::Frames frames) {
    for (TestFrame& frame : frames) {
      if (frame.payload) ++transmissions[frame.sequence];
      out.push_back(std::move(frame));
    }
  }
  TestLink::Frames taken() { return std::exchange(out, {}); }

  TestLink link;
  std::uint64_t sent = 0;
  std::vector<std::uint64_t> delivered;
  TestLink::Frames out;
  std::map<std::uint64_t, int> transmissions;  // by sequence
};

/// Two ends, and between them a network with a delay and a fate for each frame; each end ticks when it should.
struct Pair {
  /// How often, and after how long, a frame arrives.
  using Fate = std::function<std::vector<Time>(const End& from, const TestFrame&)>;

  explicit Pair(Fate what_happens, std::size_t window_bytes = TestLink::kWindowBytes)
      : fate(std::move(what_happens)), first(window_bytes), second(window_bytes) {}

  void run_until(Time end) {
    for (; now < end; now += kStep) step();
  }
  void step() {
    for (End* to : {&first, &second}) {
      if (now < frozen_until && to == &first) continue;
      if (now.count() % kLiveness.tick().count() == 0) to->tick(now);
      auto& queue = under_way[to];
      while (!queue.empty() && queue.begin()->first <= now) {
        const TestFrame frame = queue.begin()->second;
        queue.erase(queue.begin());
        to->receive(now, frame);
      }
    }
    transmit(first, second);
    transmit(second, first);
  }
  void transmit(End& from, End& to) {
    for (const TestFrame& frame : from.taken()) {
      for (const Time delay : fate(from, frame)) under_way[&to].emplace(now + delay, frame);
    }
  }

  Fate fate;
  Time now{};
  Time frozen_until{};  // the first end
  End first, second;
  std::map<End*, std::multimap<Time, TestFrame>> under_way;
};

}  // namespace fulmar::core
