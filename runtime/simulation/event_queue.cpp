#include "runtime/simulation/event_queue.hpp"

#include <algorithm>
#include <tuple>

namespace fulmar::simulation {

bool EventQueue::later(const Event& a, const Event& b) {
  return std::tie(a.at, a.sequence) > std::tie(b.at, b.sequence);
}

void EventQueue::at(Time when, std::function<void()> act) {
  heap_.push_back({std::max(when, now_), sequence_++, std::move(act)});
  std::push_heap(heap_.begin(), heap_.end(), later);
}

bool EventQueue::step() {
  if (heap_.empty()) return false;
  std::pop_heap(heap_.begin(), heap_.end(), later);
  const Event event = std::move(heap_.back());
  heap_.pop_back();
  now_ = event.at;
  ++steps_;
  event.act();
  return true;
}

}  // namespace fulmar::simulation
