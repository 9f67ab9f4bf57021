#include "runtime/core/shard_map.hpp"

#include <algorithm>
#include <string>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

ShardMap::ShardMap(std::size_t parameters, std::uint32_t shards, std::size_t chunk_floats)
    : parameters_(parameters), shards_(shards), chunk_floats_(chunk_floats) {
  FULMAR_ASSERT(shards > 0, "a vector of " + std::to_string(parameters) + " parameters in 0 shards");
  FULMAR_ASSERT(chunk_floats > 0, "a vector of " + std::to_string(parameters) + " parameters in chunks of 0 floats");
}

std::size_t ShardMap::chunks() const {
  return parameters_ / chunk_floats_ + (parameters_ % chunk_floats_ != 0 ? 1 : 0);
}

Extent ShardMap::chunk(std::size_t index) const {
  FULMAR_ASSERT(index < chunks(), "chunk " + std::to_string(index) + " of " + std::to_string(chunks()));
  const std::size_t begin = index * chunk_floats_;
  return {begin, begin + std::min(chunk_floats_, parameters_ - begin)};
}

Extent ShardMap::shard(std::uint32_t shard) const {
  const std::size_t count = chunk_count(shard);
  if (count == 0) return {parameters_, parameters_};
  const std::size_t first = first_chunk(shard);
  return {chunk(first).begin, chunk(first + count - 1).end};
}

std::size_t ShardMap::first_chunk(std::uint32_t shard) const {
  FULMAR_ASSERT(shard < shards_, "shard " + std::to_string(shard) + " of " + std::to_string(shards_));
  return shard * (chunks() / shards_) + std::min<std::size_t>(shard, chunks() % shards_);
}

// The first (chunks modulo shards) shards hold one chunk more than the others.
std::size_t ShardMap::chunk_count(std::uint32_t shard) const {
  FULMAR_ASSERT(shard < shards_, "shard " + std::to_string(shard) + " of " + std::to_string(shards_));
  return chunks() / shards_ + (shard < chunks() % shards_ ? 1 : 0);
}

}  // namespace fulmar::core
