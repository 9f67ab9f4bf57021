#include "runtime/core/failure_budget.hpp"

namespace fulmar::core {

FailureDecision FailureBudget::leaf_killed_slot(NodeId node, const LeafId& leaf, Version now, bool others) {
  std::erase_if(deaths_by_leaf_, [&](const auto& entry) { return entry.first.version + limits_.window_rounds < now; });
  Deaths& deaths = deaths_by_leaf_[leaf];
  ++deaths.slots;
  deaths.nodes.insert(node);
  if (deaths.slots >= limits_.deaths_per_leaf_max && (deaths.nodes.size() > 1 || !others)) {
    return {true, "this leaf has killed " + std::to_string(deaths.slots) + " slots", true};
  }
  return died(node, now);
}

FailureDecision FailureBudget::died(NodeId node, Version now) {
  std::erase_if(restarts_, [&](const auto& entry) { return entry.second.back() + limits_.window_rounds < now; });
  std::deque<Version>& restarts = restarts_[node];
  while (!restarts.empty() && restarts.front() + limits_.window_rounds < now) restarts.pop_front();
  restarts.push_back(now);
  const std::string count = std::to_string(restarts.size());
  if (restarts.size() > limits_.restarts_max) {
    return {true, count + " failures within " + std::to_string(limits_.window_rounds) + " rounds", false};
  }
  ++survived_;
  return {false,
          "failure " + count + " of " + std::to_string(limits_.restarts_max) + " within " +
              std::to_string(limits_.window_rounds) + " rounds",
          false};
}

}  // namespace fulmar::core
