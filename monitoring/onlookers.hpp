// Whether somebody watches a run on its status page, so that a head that has ended can stay until they have seen how.
// Thread rule: thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

namespace fulmar::monitoring {

class Onlookers {
 public:
  using Clock = std::chrono::steady_clock;

  /// Somebody asks for the run's state.
  void look(Clock::time_point now);
  /// What is seen from now on is the end.
  void end();
  /// Returns when the end was seen, after `at_most`, or at once where nobody has looked for a while.
  void wait_until_seen(Clock::time_point now, std::chrono::milliseconds at_most);

 private:
  static constexpr auto kStays = std::chrono::seconds(5);  // a page asks every second

  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Clock::time_point> looked_;
  bool over_ = false;
  bool seen_ = false;
};

}  // namespace fulmar::monitoring
