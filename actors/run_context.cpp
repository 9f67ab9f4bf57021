#include "actors/run_context.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace fulmar::actors {

MutableBuffer extent_of(const RunContext& context, const MutableBuffer& flat, core::ShardId shard) {
  if (context.shards.shards() == 1) return flat;
  const core::Extent extent = context.shards.shard(shard);
  MutableBuffer part = context.pool.take(extent.size());
  const std::span<float> from = flat->values().subspan(extent.begin, extent.size());
  std::copy(from.begin(), from.end(), part->values().begin());
  return part;
}

SharedBuffer whole_of(const RunContext& context, const std::vector<SharedBuffer>& extents) {
  if (extents.size() == 1) return extents.front();
  MutableBuffer whole = context.pool.take(context.shards.parameters());
  for (core::ShardId shard = 0; shard < extents.size(); ++shard) {
    const std::span<const float> extent = extents[shard]->values();
    const std::size_t begin = context.shards.shard(shard).begin;
    std::copy(extent.begin(), extent.end(), whole->values().begin() + static_cast<std::ptrdiff_t>(begin));
  }
  return whole;
}

std::vector<std::size_t> shard_floats(const core::ShardMap& shards) {
  std::vector<std::size_t> floats;
  for (core::ShardId shard = 0; shard < shards.shards(); ++shard) floats.push_back(shards.shard(shard).size());
  return floats;
}

}  // namespace fulmar::actors
