// Virtual time: what is to happen, in the order of its moments; at one moment in the order in which it was planned.
// Thread rule: one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "runtime/core/liveness.hpp"

namespace fulmar::simulation {

using core::Time;

class EventQueue {
 public:
  Time now() const { return now_; }
  std::uint64_t steps() const { return steps_; }
  std::size_t size() const { return heap_.size(); }

  /// Plans `act` for `when`, or for now if that is past.
  void at(Time when, std::function<void()> act);
  void after(Time delay, std::function<void()> act) { at(now_ + delay, std::move(act)); }
  /// Lets the next thing happen. False when nothing is planned.
  bool step();

 private:
  struct Event {
    Time at;
    std::uint64_t sequence;
    std::function<void()> act;
  };
  static bool later(const Event& a, const Event& b);

  Time now_{};
  std::uint64_t sequence_ = 0, steps_ = 0;
  std::vector<Event> heap_;
};

}  // namespace fulmar::simulation
