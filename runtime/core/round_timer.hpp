// How long a shard's rounds take, from the version they start from to their root, and whether the one under way takes
// longer than that.
// Thread rule: owned by one state machine; `now` is attended time.
//
// TIMER-1: while a round is late it is reported when what is missing has changed, and at most every Liveness::beat()
// when it has not.
#pragma once

#include <algorithm>
#include <optional>
#include <vector>

#include "runtime/core/block.hpp"
#include "runtime/core/liveness.hpp"

namespace fulmar::core {

class RoundTimer {
 public:
  explicit RoundTimer(Liveness liveness) : liveness_(liveness) {}

  /// A round begins, or begins anew for whoever comes after everybody was gone.
  void start(Time now) {
    started_ = now;
    reported_.reset();
  }

  /// Its root is there.
  void finish(Time now) {
    const Time limit = typical_ ? *typical_ * 2 : now - started_;
    const Time duration = std::min(now - started_, limit);
    typical_ = typical_ ? *typical_ + (duration - *typical_) / kSmoothing : duration;
  }

  bool is_late(Time now) const {
    const Time typical = typical_.value_or(liveness_.value);
    return now - started_ > typical * 5 / 4 + liveness_.late_margin();
  }

  /// Whether to report a late round that lacks `missing`; the answer yes counts as a report.
  bool reports(Time now, const std::vector<Block>& missing) {
    if (reported_ && reported_->missing == missing && now - reported_->at < liveness_.beat()) return false;
    reported_ = Report{now, missing};
    return true;
  }

 private:
  struct Report {
    Time at{};
    std::vector<Block> missing;
  };

  /// A round weighs a quarter, and as no more than twice what is usual: one odd round changes little, a changed cluster
  /// is learnt in some more.
  static constexpr int kSmoothing = 4;

  Liveness liveness_;
  Time started_{};
  std::optional<Time> typical_;  // unknown until a round was completed
  std::optional<Report> reported_;
};

}  // namespace fulmar::core
