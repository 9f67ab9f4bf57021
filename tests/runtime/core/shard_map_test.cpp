#include "runtime/core/shard_map.hpp"

#include <algorithm>

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

BOOST_AUTO_TEST_SUITE(shard_map)

BOOST_AUTO_TEST_CASE(chunks_cover_the_vector_once) {
  for (std::size_t parameters = 0; parameters <= 100; ++parameters) {
    const ShardMap map(parameters, 3, 16);
    std::size_t end = 0;
    for (std::size_t index = 0; index < map.chunks(); ++index) {
      BOOST_REQUIRE_EQUAL(map.chunk(index).begin, end);
      end = map.chunk(index).end;
      BOOST_REQUIRE_EQUAL(map.chunk(index).size(), std::min<std::size_t>(16, parameters - 16 * index));
    }
    BOOST_REQUIRE_EQUAL(end, parameters);
  }
}

// SHARD-1, and "as evenly as chunks allow": no two shards differ by more than one chunk.
BOOST_AUTO_TEST_CASE(shards_cover_the_vector_once_in_whole_chunks) {
  for (std::size_t parameters = 0; parameters <= 200; ++parameters) {
    for (std::uint32_t shards = 1; shards <= 20; ++shards) {
      const ShardMap map(parameters, shards, 16);
      std::size_t end = 0, chunks = 0, fewest = map.chunks(), most = 0;
      for (std::uint32_t shard = 0; shard < shards; ++shard) {
        BOOST_REQUIRE_EQUAL(map.shard(shard).begin, end);
        BOOST_REQUIRE_EQUAL(map.first_chunk(shard), chunks);
        end = map.shard(shard).end;
        chunks += map.chunk_count(shard);
        fewest = std::min(fewest, map.chunk_count(shard));
        most = std::max(most, map.chunk_count(shard));
        BOOST_REQUIRE(end % 16 == 0 || end == parameters);
      }
      BOOST_REQUIRE_EQUAL(end, parameters);
      BOOST_REQUIRE_EQUAL(chunks, map.chunks());
      BOOST_REQUIRE_LE(most - fewest, 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(shards_beyond_the_chunks_are_empty) {
  const ShardMap map(2 * kChunkFloats + 1, 5);
  BOOST_TEST(map.chunks() == 3);
  BOOST_TEST(map.shard(2).begin == 2 * kChunkFloats);
  BOOST_TEST(map.shard(2).size() == 1);
  for (const std::uint32_t shard : {3u, 4u}) {
    BOOST_TEST(map.chunk_count(shard) == 0);
    BOOST_TEST(map.shard(shard).begin == map.parameters());
    BOOST_TEST(map.shard(shard).size() == 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
