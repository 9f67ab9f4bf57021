// How the flat parameter vector is cut: into chunks of a fixed size, and chunks into shards.
// Thread rule: immutable.
//
// SHARD-1: a shard boundary is a chunk boundary, so whatever is computed per chunk does not depend on the shard count.
#pragma once

#include <cstddef>
#include <cstdint>

namespace fulmar::core {

/// 64 KiB of float32: small enough to stay in a second-level cache beside its optimizer state, a multiple of 16 lanes.
inline constexpr std::size_t kChunkFloats = 16384;

/// Floats [begin, end) of the flat parameter vector.
struct Extent {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - begin; }
};

class ShardMap {
 public:
  /// `parameters`: floats of the flat vector; `shards` ≥ 1. Shards beyond the number of chunks are empty.
  ShardMap(std::size_t parameters, std::uint32_t shards, std::size_t chunk_floats = kChunkFloats);

  std::uint32_t shards() const { return shards_; }
  std::size_t parameters() const { return parameters_; }
  std::size_t chunks() const;               ///< of the whole vector
  Extent chunk(std::size_t index) const;    ///< the last one may be shorter
  Extent shard(std::uint32_t shard) const;  ///< contiguous; whole chunks, as evenly as chunks allow
  std::size_t first_chunk(std::uint32_t shard) const;
  std::size_t chunk_count(std::uint32_t shard) const;

 private:
  std::size_t parameters_ = 0;
  std::uint32_t shards_ = 1;
  std::size_t chunk_floats_ = kChunkFloats;
};

}  // namespace fulmar::core
