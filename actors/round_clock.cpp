#include "actors/round_clock.hpp"

#include <algorithm>
#include <utility>

namespace fulmar::actors {

void RoundClock::took(const core::BlockPushed& pushed, core::Time now) {
  const Arrival arrival{pushed.sender.node, now, pushed.compute_seconds};
  if (pushed.lease == 0) {
    round_[arrival.node] = arrival;
  } else {
    staged_[pushed.lease] = arrival;
  }
}

void RoundClock::ended(core::LeaseNumber lease) {
  granted_.erase(lease);
  staged_.erase(lease);
}

RoundTimes RoundClock::applied(core::LeaseNumber lease, core::Time begin, core::Time end) {
  RoundTimes times;
  if (lease == 0) {
    for (const auto& [node, arrival] : round_) {
      const auto late = admitted_.find(node);
      const core::Time start = late == admitted_.end() ? out_ : std::max(out_, late->second);
      times.nodes.push_back({node, parts_of(arrival, start, begin)});
    }
  } else if (const auto arrival = staged_.find(lease); arrival != staged_.end()) {
    times.nodes.push_back({arrival->second.node, parts_of(arrival->second, granted_.at(lease), begin)});
  }
  ended(lease);
  round_.clear();
  admitted_.clear();
  out_ = end;

  const auto nodes = static_cast<double>(std::max<std::size_t>(times.nodes.size(), 1));
  for (const NodeRoundParts& node : times.nodes) {
    times.parts.compute += node.parts.compute / nodes;
    times.parts.exchange += node.parts.exchange / nodes;
    times.parts.wait += node.parts.wait / nodes;
  }
  times.parts.apply = core::in_seconds(end - begin);
  return times;
}

monitoring::RoundParts RoundClock::parts_of(const Arrival& arrival, core::Time start, core::Time end) const {
  const double taken = std::max(0.0, core::in_seconds(arrival.at - start));
  const double compute = std::min(arrival.compute_seconds, taken);
  return {compute, taken - compute, core::in_seconds(end - std::max(arrival.at, start)), 0};
}

}  // namespace fulmar::actors
