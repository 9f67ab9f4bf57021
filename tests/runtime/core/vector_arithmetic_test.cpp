#include "runtime/core/vector_arithmetic.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/core/shard_map.hpp"
#include "runtime/vocabulary/random.hpp"

namespace fulmar::core {
namespace {

constexpr std::size_t kOffsets = 16;
constexpr std::size_t kLengthMax = 100;

/// Numbers of both signs over six decades, so that the order of a summation shows in its last bits.
std::vector<float> numbers(std::uint64_t sample, std::size_t count) {
  const RandomStream stream(3, Purpose::simulation, 0, sample);
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double decade = std::floor(6 * static_cast<double>(stream.uniform(2 * i + 1))) - 3;
    values[i] = static_cast<float>((2.0 * static_cast<double>(stream.uniform(2 * i)) - 1.0) * std::pow(10.0, decade));
  }
  return values;
}

/// Calls check(copy, values) for every length up to a hundred, with copies of the same values at all 16 offsets.
template <class Check>
void for_every_length_and_offset(Check check) {
  const std::vector<float> values = numbers(1, kLengthMax);
  for (std::size_t length = 0; length <= kLengthMax; ++length) {
    for (std::size_t offset = 0; offset < kOffsets; ++offset) {
      std::vector<float> shifted(offset + length);
      std::copy_n(values.begin(), length, shifted.begin() + static_cast<std::ptrdiff_t>(offset));
      check(std::span(shifted).subspan(offset), std::span(values).first(length));
    }
  }
}

std::uint64_t bits(double value) {
  return std::bit_cast<std::uint64_t>(value);
}

BOOST_AUTO_TEST_SUITE(vector_arithmetic)

// SUM-1. The truth is one float addition at a time, which volatile keeps out of the vector registers.
BOOST_AUTO_TEST_CASE(adding_is_element_by_element) {
  const std::vector<float> right = numbers(2, kLengthMax);
  for_every_length_and_offset([&](std::span<float> left, std::span<const float> original) {
    add(left, std::span(right).first(left.size()));
    for (std::size_t i = 0; i < left.size(); ++i) {
      volatile float truth = original[i];
      truth = truth + right[i];
      BOOST_REQUIRE_EQUAL(std::bit_cast<std::uint32_t>(left[i]), std::bit_cast<std::uint32_t>(float{truth}));
    }
  });
}

BOOST_AUTO_TEST_CASE(one_value_that_is_not_finite_is_found_anywhere) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::array<float, 4> bad = {kInfinity, -kInfinity, std::numeric_limits<float>::quiet_NaN(),
                                    std::bit_cast<float>(0xff800001u)};  // the last: a signalling NaN
  for_every_length_and_offset([&](std::span<float> values, std::span<const float>) {
    BOOST_REQUIRE(all_finite(values));
    if (values.empty()) return;
    const std::size_t at = values.size() * 5 / 7;
    for (const float value : bad) {
      const float kept = std::exchange(values[at], value);
      BOOST_REQUIRE(!all_finite(values));
      values[at] = kept;
    }
  });
}

BOOST_AUTO_TEST_CASE(the_largest_and_the_smallest_numbers_are_finite) {
  using Limits = std::numeric_limits<float>;
  const std::array<float, 6> extremes = {
      Limits::max(), Limits::lowest(), Limits::denorm_min(), -Limits::denorm_min(), 0.0f, -0.0f};
  BOOST_TEST(all_finite(extremes));
}

// SUM-2. The square of a float is exact in double; a hundred additions of positive numbers err by less than 100 half
// ulps, with 16 lanes by at most 7 + 4 of them.
BOOST_AUTO_TEST_CASE(the_squared_norm_is_right_and_the_same_at_every_alignment) {
  for_every_length_and_offset([](std::span<float> shifted, std::span<const float> values) {
    long double truth = 0;
    for (const float value : values) truth += static_cast<long double>(value) * static_cast<long double>(value);
    const double norm = squared_norm(shifted);
    BOOST_REQUIRE_EQUAL(bits(norm), bits(squared_norm(values)));
    BOOST_REQUIRE_LE(static_cast<double>(std::fabs(norm - truth)), 11 * 0x1p-53 * static_cast<double>(truth));
  });
}

// Σ of a hundred million squares would lose whole digits in float: 16384 random ones show a wrong accumulator.
BOOST_AUTO_TEST_CASE(the_squared_norm_of_a_chunk_is_accumulated_in_double) {
  const std::vector<float> values = numbers(4, kChunkFloats);
  long double truth = 0;
  for (const float value : values) truth += static_cast<long double>(value) * static_cast<long double>(value);
  // 1024 additions in a lane and 4 to join them, each half an ulp of what is there.
  BOOST_TEST(static_cast<double>(std::fabs(squared_norm(values) - truth)) <=
             1028 * 0x1p-53 * static_cast<double>(truth));
}

// The level-by-level definition: value(k,i) = value(k−1,2i) + value(k−1,2i+1), absent subtrees copied.
BOOST_AUTO_TEST_CASE(a_tree_sum_is_the_sum_of_its_levels) {
  BOOST_TEST(tree_sum({}) == 0.0);
  for (std::size_t size = 1; size <= 130; ++size) {
    std::vector<double> level;
    for (const float value : numbers(size, size)) level.push_back(static_cast<double>(value) / 3);
    const double sum = tree_sum(level);
    while (level.size() > 1) {
      std::vector<double> next;
      for (std::size_t i = 0; i + 1 < level.size(); i += 2) next.push_back(level[i] + level[i + 1]);
      if (level.size() % 2 == 1) next.push_back(level.back());
      level = next;
    }
    BOOST_REQUIRE_EQUAL(bits(sum), bits(level.front()));
  }
}

// SHARD-1: every shard measures its own chunks, and the norm has the same bits for any number of shards.
BOOST_AUTO_TEST_CASE(the_norm_does_not_depend_on_the_shards) {
  const std::vector<float> gradient = numbers(5, 64 * 37 + 5);
  std::set<std::uint64_t> norms;
  for (std::uint32_t shards = 1; shards <= 5; ++shards) {
    const ShardMap map(gradient.size(), shards, 64);
    std::vector<double> chunk_norms(map.chunks());
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
      const std::vector<float> own(gradient.begin() + static_cast<std::ptrdiff_t>(map.shard(shard).begin),
                                   gradient.begin() + static_cast<std::ptrdiff_t>(map.shard(shard).end));
      for (std::size_t i = 0; i < map.chunk_count(shard); ++i) {
        const Extent chunk = map.chunk(map.first_chunk(shard) + i);
        chunk_norms[map.first_chunk(shard) + i] =
            squared_norm(std::span(own).subspan(chunk.begin - map.shard(shard).begin, chunk.size()));
      }
    }
    norms.insert(bits(tree_sum(chunk_norms)));
  }
  BOOST_TEST(norms.size() == 1);
}

BOOST_AUTO_TEST_CASE(a_digest_is_the_same_at_every_alignment) {
  for_every_length_and_offset([](std::span<float> shifted, std::span<const float> values) {
    BOOST_REQUIRE_EQUAL(digest(shifted), digest(values));
  });
}

// Two copies of a node are compared by the digests that different builds sent: the function must stay.
BOOST_AUTO_TEST_CASE(a_digest_is_the_same_for_ever) {
  std::vector<float> values(37);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 8;
  BOOST_TEST(digest(values) == 4024837505128677248u);
}

// Every single bit, and every pair of equal bits of the same lane (where FNV-like mixes let two signs cancel): all
// digests must differ. The 200,000 of them would share one by a chance of 1e-9.
BOOST_AUTO_TEST_CASE(every_flipped_bit_shows) {
  std::vector<float> values = numbers(6, 67);
  const auto flip = [&](std::size_t at, unsigned bit) {
    values[at] = std::bit_cast<float>(std::bit_cast<std::uint32_t>(values[at]) ^ (1u << bit));
  };
  std::vector<std::uint64_t> digests = {digest(values)};
  for (std::size_t one = 0; one < values.size(); ++one) {
    for (unsigned bit = 0; bit < 32; ++bit) {
      flip(one, bit);
      digests.push_back(digest(values));
      for (std::size_t other = one + 1; other < values.size(); ++other) {
        flip(other, bit);
        digests.push_back(digest(values));
        flip(other, bit);
      }
      flip(one, bit);
    }
  }
  std::sort(digests.begin(), digests.end());
  BOOST_TEST((std::adjacent_find(digests.begin(), digests.end()) == digests.end()));
}

BOOST_AUTO_TEST_CASE(every_exchange_of_two_values_and_every_length_shows) {
  std::vector<float> values = numbers(7, 50);
  std::set<std::uint64_t> digests = {digest(values)};
  std::size_t expected = 1;
  for (std::size_t one = 0; one < values.size(); ++one) {
    for (std::size_t other = one + 1; other < values.size(); ++other, ++expected) {
      std::swap(values[one], values[other]);
      digests.insert(digest(values));
      std::swap(values[one], values[other]);
    }
  }
  BOOST_TEST(digests.size() == expected);

  digests.clear();
  const std::vector<float> zeros(kLengthMax);
  for (std::size_t length = 0; length <= kLengthMax; ++length) digests.insert(digest(std::span(zeros).first(length)));
  BOOST_TEST(digests.size() == kLengthMax + 1);
}

BOOST_AUTO_TEST_CASE(zero_and_minus_zero_are_different_bits) {
  const std::array<float, 2> plus = {1.0f, 0.0f}, minus = {1.0f, -0.0f};
  BOOST_TEST(digest(plus) != digest(minus));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
