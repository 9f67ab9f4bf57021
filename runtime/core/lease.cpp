#include "runtime/core/lease.hpp"

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {
namespace {

template <class Ends>
std::vector<Block> free_where(std::map<Block, std::optional<Lease>>& open, Ends ends) {
  std::vector<Block> freed;
  for (auto& [block, lease] : open) {
    if (!lease || !ends(*lease)) continue;
    lease.reset();
    freed.push_back(block);
  }
  return freed;
}

}  // namespace

LeaseTable::LeaseTable(const std::vector<Block>& blocks) {
  for (const Block& block : blocks) open_.emplace(block, std::nullopt);
}

std::vector<Block> LeaseTable::free_blocks() const {
  std::vector<Block> blocks;
  for (const auto& [block, lease] : open_) {
    if (!lease) blocks.push_back(block);
  }
  return blocks;
}

void LeaseTable::grant(const Block& block, const Lease& lease) {
  const auto found = open_.find(block);
  FULMAR_ASSERT(found != open_.end() && !found->second, "LEASE-1: block " + to_string(block) + " is not free");
  found->second = lease;
}

bool LeaseTable::finish(const Block& block) {
  return open_.erase(block) > 0;
}

void LeaseTable::renew(Incarnation incarnation, Time deadline) {
  for (auto& [block, lease] : open_) {
    if (lease && lease->incarnation == incarnation) lease->deadline = deadline;
  }
}

std::vector<Block> LeaseTable::end_incarnation(Incarnation incarnation) {
  return free_where(open_, [&](const Lease& lease) { return lease.incarnation == incarnation; });
}

std::vector<Block> LeaseTable::expire(Time now) {
  return free_where(open_, [&](const Lease& lease) { return lease.deadline <= now; });
}

}  // namespace fulmar::core
