#include "runtime/core/lease.hpp"

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

LeaseTable::LeaseTable(const std::vector<Block>& blocks) {
  for (const Block& block : blocks) open_.emplace(block, Unfinished{});
}

std::vector<Block> LeaseTable::free_blocks() const {
  std::vector<Block> blocks;
  for (const auto& [block, unfinished] : open_) {
    if (!unfinished.lease) blocks.push_back(block);
  }
  return blocks;
}

void LeaseTable::grant(const Block& block, const Lease& lease) {
  const auto found = open_.find(block);
  FULMAR_ASSERT(found != open_.end() && !found->second.lease, "LEASE-1: block " + to_string(block) + " is not free");
  found->second.lease = lease;
  ++found->second.grants;
}

void LeaseTable::split(const Block& block, const std::vector<Block>& parts) {
  const auto whole = open_.extract(block);
  FULMAR_ASSERT(!whole.empty() && !whole.mapped().lease, "LEASE-1: block " + to_string(block) + " is not free");
  for (const Block& part : parts) open_.emplace(part, whole.mapped());
}

std::uint32_t LeaseTable::grants(const Block& block) const {
  const auto found = open_.find(block);
  return found == open_.end() ? 0 : found->second.grants;
}

bool LeaseTable::finish(const Block& block) {
  return open_.erase(block) > 0;
}

template <class Ends>
std::vector<Block> LeaseTable::free_where(Ends ends) {
  std::vector<Block> freed;
  for (auto& [block, unfinished] : open_) {
    if (!unfinished.lease || !ends(*unfinished.lease)) continue;
    unfinished.lease.reset();
    freed.push_back(block);
  }
  return freed;
}

std::vector<Block> LeaseTable::end_incarnation(Incarnation incarnation) {
  return free_where([&](const Lease& lease) { return lease.incarnation == incarnation; });
}

std::vector<Block> LeaseTable::expire(Time now) {
  return free_where([&](const Lease& lease) { return lease.deadline <= now; });
}

}  // namespace fulmar::core
