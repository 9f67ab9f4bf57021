#include "runtime/simulation/cluster_report.hpp"

#include <algorithm>

namespace fulmar::planner {

Spread spread(std::vector<double> seconds) {
  if (seconds.empty()) return {};
  std::sort(seconds.begin(), seconds.end());
  const std::size_t count = seconds.size();
  const auto quantile = [&](std::size_t percent) { return seconds[(count * percent + 99) / 100 - 1]; };
  return {count, quantile(50), quantile(95), seconds.back()};
}

}  // namespace fulmar::planner
