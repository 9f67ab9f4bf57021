// Somebody who handles one message after the other, on one thread of the head: how long that takes, and how busy it
// keeps it. Messages wait in the order in which they came.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "runtime/core/liveness.hpp"
#include "runtime/simulation/event_queue.hpp"

namespace fulmar::planner {

using core::Time;

class Mailbox {
 public:
  /// `cost`: of taking one message in.
  Mailbox(simulation::EventQueue& queue, Time cost) : queue_(queue), cost_(cost) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void post(std::function<void()> message);
  /// The same for a look at the clock, which is no message.
  void wake(std::function<void()> look);

  // For whoever handles a message.
  /// Works for so long before it does anything else.
  void spend(Time work) { spent_ += work; }
  /// Does something when the work so far is done.
  void then(std::function<void()> act) { queue_.after(spent_, std::move(act)); }

  std::uint64_t messages() const { return messages_; }
  Time busy() const { return busy_; }

 private:
  void add(std::function<void()> handle);
  void take_next();

  simulation::EventQueue& queue_;
  Time cost_;
  std::deque<std::function<void()>> waiting_;
  bool handling_ = false;
  Time spent_{};  // in handling the present message, beside its cost
  Time busy_{};
  std::uint64_t messages_ = 0;
};

}  // namespace fulmar::planner
