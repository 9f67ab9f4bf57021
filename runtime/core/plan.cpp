#include "runtime/core/plan.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <queue>
#include <utility>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {
namespace {

/// A boundary may lie so far from its fair place, as a fraction of the shares beside it.
constexpr double kBoundaryShift = 0.1;

std::uint64_t whole(double leaves) {
  return static_cast<std::uint64_t>(std::floor(leaves));
}

/// How many leaves are done after so long: whole steps of all slots.
std::uint64_t done_within(double seconds, const Pace& pace) {
  return whole(seconds * pace.leaves_per_second / pace.slots) * pace.slots;
}

/// The number in [low, high] that the highest power of two divides; of those, the one next to `fair`.
std::uint64_t most_aligned(std::uint64_t low, std::uint64_t high, std::uint64_t fair) {
  if (low == 0) return 0;
  // The highest bit in which low − 1 and high differ is the alignment that some number between them has.
  const std::uint64_t step = std::bit_floor((low - 1) ^ high);
  const std::uint64_t below = fair / step * step;
  for (const std::uint64_t candidate : {below, below + step}) {
    if (low <= candidate && candidate <= high && fair <= candidate + step / 2) return candidate;
  }
  return high / step * step;
}

/// Where each share ends, given how many leaves each should have.
std::vector<std::uint64_t> boundaries(const std::vector<std::uint64_t>& counts, const std::vector<Pace>& paces) {
  double seconds = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) seconds = std::max(seconds, paces[i].seconds_for(counts[i]));
  std::vector<std::uint64_t> limits;
  std::uint64_t present = 0, capacity_after = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    limits.push_back(std::max(counts[i], done_within(seconds * (1 + kPlanSlack), paces[i])));
    present += counts[i];
    capacity_after += limits.back();
  }

  std::vector<std::uint64_t> ends;
  std::uint64_t begin = 0, fair = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    fair += counts[i];
    capacity_after -= limits[i];
    const bool last = i + 1 == counts.size();
    const std::uint64_t beside = last ? 0 : std::min(counts[i], counts[i + 1]);
    const std::uint64_t shift = whole(kBoundaryShift * static_cast<double>(beside));
    const std::uint64_t needed = present > capacity_after ? present - capacity_after : 0;
    const std::uint64_t low = std::max({begin, needed, fair - shift});
    const std::uint64_t high = std::min({begin + limits[i], present, fair + shift});
    ends.push_back(last ? present : low <= high ? most_aligned(low, high, fair) : std::max(begin, fair));
    begin = ends.back();
  }
  return ends;
}

}  // namespace

std::vector<std::uint64_t> apportion(std::uint64_t count, const std::vector<Pace>& paces) {
  double total = 0;
  for (const Pace& pace : paces) total += pace.leaves_per_second;
  std::vector<std::uint64_t> counts;
  std::uint64_t left = count;
  for (const Pace& pace : paces) {
    counts.push_back(std::min(left, done_within(static_cast<double>(count) / total, pace)));
    left -= counts.back();
  }
  // What is left goes, one by one, to whoever would be done with it first.
  using Next = std::pair<double, std::size_t>;
  std::priority_queue<Next, std::vector<Next>, std::greater<>> next;
  if (left > 0) {
    for (std::size_t i = 0; i < paces.size(); ++i) next.emplace(paces[i].seconds_for(counts[i] + 1), i);
  }
  for (; left > 0 && !next.empty(); --left) {
    const std::size_t i = next.top().second;
    next.pop();
    ++counts[i];
    next.emplace(paces[i].seconds_for(counts[i] + 1), i);
  }
  return counts;
}

std::vector<Holding> plan_sync_round(std::vector<Capacity> members, const BlockTree& tree) {
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.node < b.node; });
  std::vector<Pace> paces;
  for (const Capacity& member : members) {
    FULMAR_ASSERT(member.pace.leaves_per_second > 0, "node " + std::to_string(member.node) + " has no speed");
    paces.push_back(member.pace);
  }
  const std::vector<std::uint64_t> ends = boundaries(apportion(tree.present(), paces), paces);
  std::vector<Holding> holdings;
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    holdings.push_back({members[i].node, members[i].incarnation, tree.decompose(begin, ends[i])});
    begin = ends[i];
  }
  return holdings;
}

std::uint64_t leaves_of(const Holding& holding, const BlockTree& tree) {
  std::uint64_t leaves = 0;
  for (const Block& block : holding.blocks) leaves += tree.leaf_count(block);
  return leaves;
}

double predicted_seconds(const std::vector<Holding>& plan, const std::vector<Capacity>& members,
                         const BlockTree& tree) {
  std::map<Incarnation, Pace> paces;
  for (const Capacity& member : members) paces[member.incarnation] = member.pace;
  double seconds = 0;
  for (const Holding& holding : plan) {
    const std::uint64_t leaves = leaves_of(holding, tree);
    if (leaves == 0) continue;
    const auto pace = paces.find(holding.incarnation);
    if (pace == paces.end()) return std::numeric_limits<double>::infinity();
    seconds = std::max(seconds, pace->second.seconds_for(leaves));
  }
  return plan.empty() ? std::numeric_limits<double>::infinity() : seconds;
}

}  // namespace fulmar::core
