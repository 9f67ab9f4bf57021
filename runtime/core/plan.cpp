#include "runtime/core/plan.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

std::vector<Holding> plan_sync_round(std::vector<Capacity> members, const BlockTree& tree) {
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
  double total = 0;
  for (const Capacity& member : members) {
    FULMAR_ASSERT(member.speed > 0, "node " + std::to_string(member.node) + " has no speed");
    total += member.speed;
  }

  std::vector<Holding> holdings;
  double share_before = 0;
  std::uint64_t begin = 0;
  for (const Capacity& member : members) {
    share_before += member.speed;
    const bool last = &member == &members.back();
    // Cumulative rounding: no leaf is lost to rounding, whatever the speeds.
    const auto end =
        last ? tree.present()
             : static_cast<std::uint64_t>(std::floor(share_before / total * static_cast<double>(tree.present()) + 0.5));
    holdings.push_back({member.node, member.incarnation, tree.decompose(begin, end)});
    begin = std::max(begin, end);
  }
  return holdings;
}

}  // namespace fulmar::core
