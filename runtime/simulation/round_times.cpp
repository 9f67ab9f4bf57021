#include "runtime/simulation/round_times.hpp"

#include <algorithm>

namespace fulmar::planner {
void RoundTimes::accepted(const PushTrace& push) {
  computed_[push.node] = push.sent - push.held;
  last_ = push;
}

void RoundTimes::published(Time now) {
  if (began_) {
    Time by_all{};
    for (const auto& [node, time] : computed_) by_all += time;
    const Time mean = by_all / static_cast<Time::rep>(computed_.size());
    const Time of_last = last_.sent - last_.held;
    const Time compute = std::min(mean, of_last);  // less than the mean: it was last because of its way
    totals_.push_back(core::in_seconds(now - *began_));
    sums_.compute += core::in_seconds(compute);
    sums_.wait += core::in_seconds(of_last - compute);
    sums_.exchange += core::in_seconds(last_.held - *began_ + last_.arrived - last_.sent);
    sums_.apply += core::in_seconds(now - last_.arrived);
  }
  began_ = now;
  computed_.clear();
}

RoundParts RoundTimes::mean_parts() const {
  if (totals_.empty()) return {};
  const auto rounds = static_cast<double>(totals_.size());
  return {sums_.compute / rounds, sums_.wait / rounds, sums_.exchange / rounds, sums_.apply / rounds};
}

}  // namespace fulmar::planner
