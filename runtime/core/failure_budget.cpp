#include "runtime/core/failure_budget.hpp"

namespace fulmar::core {

FailureDecision FailureBudget::leaf_killed_slot(Version base, bool validation, std::uint64_t leaf, Version now) {
  std::erase_if(deaths_by_leaf_, [&](const auto& entry) { return entry.first.base + limits_.window_rounds < now; });
  const std::uint64_t deaths = ++deaths_by_leaf_[{base, validation, leaf}];
  if (deaths >= limits_.deaths_per_leaf_max) {
    return {true, "this leaf has killed " + std::to_string(deaths) + " slots"};
  }
  return died(now);
}

FailureDecision FailureBudget::died(Version now) {
  while (!restarts_.empty() && restarts_.front() + limits_.window_rounds < now) restarts_.pop_front();
  restarts_.push_back(now);
  const std::string count = std::to_string(restarts_.size());
  if (restarts_.size() > limits_.restarts_max) {
    return {true, count + " failures within " + std::to_string(limits_.window_rounds) + " rounds"};
  }
  ++survived_;
  return {false, "failure " + count + " of " + std::to_string(limits_.restarts_max) + " within " +
                     std::to_string(limits_.window_rounds) + " rounds"};
}

}  // namespace fulmar::core
