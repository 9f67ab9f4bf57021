#include "runtime/vocabulary/random.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar {
namespace {

using Words = std::array<std::uint32_t, 4>;

// Every statistic below is of a fixed stream: the limits (five standard deviations and more) are met or not for ever.
std::vector<std::uint32_t> many_words(std::uint64_t sample, std::size_t count) {
  std::vector<std::uint32_t> words(count);
  RandomStream(11, Purpose::simulation, 3, sample).fill(0, words);
  return words;
}

/// Set bits, in standard deviations from the half that independent fair bits would set.
double deviation_of_bits(double set_bits, double bits) {
  return (set_bits - bits / 2) / (std::sqrt(bits) / 2);
}

BOOST_AUTO_TEST_SUITE(random)

// Random123 1.14, tests/kat_vectors, "philox4x32 10".
BOOST_AUTO_TEST_CASE(the_published_vectors_hold) {
  BOOST_TEST((philox4x32({0, 0, 0, 0}, {0, 0}) == Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t kOnes = 0xffffffff;
  BOOST_TEST((philox4x32({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}) ==
              Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  BOOST_TEST((philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
              Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

// A run is reproducible only while these stay: whoever changes them changes every run.
BOOST_AUTO_TEST_CASE(a_stream_is_the_same_for_ever) {
  const Words words = RandomStream(42, Purpose::dropout, 7, 1234).words(5);
  BOOST_TEST((words == Words{0x88b7efb1, 0xf8afa838, 0x2d7dca20, 0xed455655}));
}

BOOST_AUTO_TEST_CASE(fill_is_words_one_after_another) {
  const RandomStream stream(1, Purpose::dropout, 2, 3);
  // Across the carry into the upper half of the counter, and round its end.
  const std::array<std::uint64_t, 4> starts = {0, 12345, (std::uint64_t{1} << 32) - 3,
                                               std::numeric_limits<std::uint64_t>::max() - 4};
  for (const std::uint64_t first : starts) {
    std::vector<std::uint32_t> expected;
    for (std::uint64_t block = 0; expected.size() < 700; ++block) {
      for (const std::uint32_t word : stream.words(first + block)) expected.push_back(word);
    }
    for (std::size_t size = 0; size <= 600; ++size) {
      constexpr std::uint32_t kUntouched = 0xabad1dea;
      std::vector<std::uint32_t> filled(size + 1, kUntouched);
      stream.fill(first, std::span(filled).first(size));
      BOOST_REQUIRE(std::equal(filled.begin(), filled.end() - 1, expected.begin()));
      BOOST_REQUIRE_EQUAL(filled.back(), kUntouched);
    }
  }
}

// RANDOM-1. 37,500 streams would share a first half block by a chance of 4e-11.
BOOST_AUTO_TEST_CASE(every_stream_is_another_one) {
  std::vector<std::uint64_t> first_words;
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{1} << 32}) {
    for (std::uint32_t purpose = 1; purpose <= 5; ++purpose) {
      for (std::uint64_t version = 0; version < 50; ++version) {
        for (std::uint64_t sample = 0; sample < 50; ++sample) {
          const Words words = RandomStream(seed, Purpose{purpose}, version, sample).words(0);
          first_words.push_back((std::uint64_t{words[0]} << 32) | words[1]);
        }
      }
    }
  }
  std::sort(first_words.begin(), first_words.end());
  BOOST_TEST((std::adjacent_find(first_words.begin(), first_words.end()) == first_words.end()));
}

BOOST_AUTO_TEST_CASE(uniform_numbers_are_the_upper_24_bits) {
  const RandomStream stream(5, Purpose::dropout, 0, 0);
  for (std::uint64_t index = 0; index < 1000; ++index) {
    const float value = stream.uniform(index);
    BOOST_REQUIRE(value >= 0.0f && value < 1.0f);
    BOOST_REQUIRE_EQUAL(static_cast<double>(value) * 0x1p24, stream.words(index / 4)[index % 4] / 256);
  }
}

BOOST_AUTO_TEST_CASE(half_of_the_bits_are_set) {
  double set = 0;
  const auto words = many_words(0, 1 << 20);
  for (const std::uint32_t word : words) set += std::popcount(word);
  BOOST_TEST(std::fabs(deviation_of_bits(set, 32.0 * static_cast<double>(words.size()))) < 5);
}

// Chi-square with 255 degrees of freedom: mean 255, standard deviation √510 = 22.6; too even is as suspicious.
BOOST_AUTO_TEST_CASE(bytes_are_uniform) {
  std::array<double, 256> counts{};
  const auto words = many_words(1, 1 << 20);
  for (const std::uint32_t word : words) {
    for (int shift = 0; shift < 32; shift += 8) ++counts[(word >> shift) & 0xff];
  }
  const double expected = 4.0 * static_cast<double>(words.size()) / 256;
  double chi_square = 0;
  for (const double count : counts) chi_square += (count - expected) * (count - expected) / expected;
  BOOST_TEST(std::fabs(chi_square - 255) < 5 * 22.6);
}

// The counters of neighbours differ by one bit or a few: what one bit does must look like chance.
BOOST_AUTO_TEST_CASE(neighbours_are_independent) {
  const std::size_t count = 1 << 18;
  const auto one = many_words(2, count), other = many_words(3, count);
  double between_samples = 0, between_words = 0, between_blocks = 0;
  for (std::size_t i = 0; i + 4 < count; ++i) {
    between_samples += std::popcount(one[i] ^ other[i]);
    between_words += std::popcount(one[i] ^ one[i + 1]);
    between_blocks += std::popcount(one[i] ^ one[i + 4]);
  }
  const double bits = 32.0 * (static_cast<double>(count) - 4);
  BOOST_TEST(std::fabs(deviation_of_bits(between_samples, bits)) < 5);
  BOOST_TEST(std::fabs(deviation_of_bits(between_words, bits)) < 5);
  BOOST_TEST(std::fabs(deviation_of_bits(between_blocks, bits)) < 5);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar
