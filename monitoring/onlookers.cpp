#include "monitoring/onlookers.hpp"

namespace fulmar::monitoring {

void Onlookers::look(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  looked_ = now;
  seen_ = over_;
  changed_.notify_all();
}

void Onlookers::end() {
  const std::lock_guard lock(mutex_);
  over_ = true;
}

void Onlookers::wait_until_seen(Clock::time_point now, std::chrono::milliseconds at_most) {
  std::unique_lock lock(mutex_);
  const bool watched = looked_ && now - *looked_ < kStays;
  if (watched) changed_.wait_for(lock, at_most, [this] { return seen_; });
}

}  // namespace fulmar::monitoring
