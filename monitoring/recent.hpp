// Figures of the last ten seconds or so: what is older counts exponentially less, and a round that takes longer than
// that counts alone. Thread rule: one thread at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>

#include "monitoring/figures.hpp"

namespace fulmar::monitoring {

/// What an age of so many seconds leaves of a figure's weight.
inline double faded(double seconds) {
  constexpr double kMemorySeconds = 10;
  return std::exp(-seconds / kMemorySeconds);
}

class RecentRate {
 public:
  /// A round of `seconds` has brought `amount`.
  void add(double amount, double seconds) {
    const double fade = faded(seconds);
    amount_ = amount_ * fade + amount;
    seconds_ = seconds_ * fade + seconds;
    rounds_ = rounds_ * fade + 1;
  }

  /// After a silence that is longer than rounds have been, the rate falls; 0 where nothing is known.
  double per_second(double silence_seconds) const {
    if (seconds_ <= 0) return 0;
    constexpr double kUsualRounds = 3;
    const double overdue = std::max(0.0, silence_seconds - kUsualRounds * seconds_ / rounds_);
    const double fade = faded(overdue);
    return amount_ * fade / (seconds_ * fade + overdue);
  }

 private:
  double amount_ = 0, seconds_ = 0, rounds_ = 0;
};

class RecentParts {
 public:
  void add(const RoundParts& parts) {
    const double fade = faded(sum(parts));
    sum_ = {.compute = sum_.compute * fade + parts.compute,
            .exchange = sum_.exchange * fade + parts.exchange,
            .wait = sum_.wait * fade + parts.wait,
            .apply = sum_.apply * fade + parts.apply};
  }

  /// Of the time, 0 to 1 each and 1 together; nothing where no time has passed.
  std::optional<RoundParts> fractions() const {
    const double all = sum(sum_);
    if (!(all > 0)) return std::nullopt;
    return RoundParts{.compute = sum_.compute / all,
                      .exchange = sum_.exchange / all,
                      .wait = sum_.wait / all,
                      .apply = sum_.apply / all};
  }

 private:
  static double sum(const RoundParts& parts) { return parts.compute + parts.exchange + parts.wait + parts.apply; }

  RoundParts sum_;
};

}  // namespace fulmar::monitoring
