#include "runtime/core/epoch_order.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

constexpr std::uint64_t kSeed = 17;

std::vector<std::uint64_t> whole_order(std::uint64_t seed, std::uint64_t epoch, std::uint64_t samples) {
  const EpochOrder order(seed, epoch, samples);
  std::vector<std::uint64_t> visited(samples);
  for (std::uint64_t position = 0; position < samples; ++position) visited[position] = order.sample_at(position);
  return visited;
}

/// ORDER-1, by marking: in range and never twice means, for as many positions as samples, every one.
bool is_bijection(const std::vector<std::uint64_t>& order) {
  std::vector<bool> seen(order.size(), false);
  for (const std::uint64_t sample : order) {
    if (sample >= order.size() || seen[sample]) return false;
    seen[sample] = true;
  }
  return true;
}

std::size_t agreements(const std::vector<std::uint64_t>& one, const std::vector<std::uint64_t>& other) {
  std::size_t same = 0;
  for (std::size_t i = 0; i < one.size(); ++i) same += std::size_t{one[i] == other[i]};
  return same;
}

double chi_square(const std::vector<double>& counts, double expected) {
  double sum = 0;
  for (const double count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

// The statistics are of fixed seeds, so that their limits (five to six standard deviations) are met or not for ever.
BOOST_AUTO_TEST_SUITE(epoch_order)

BOOST_AUTO_TEST_CASE(every_sample_is_visited_once) {
  for (std::uint64_t samples = 1; samples <= 2000; ++samples) {
    BOOST_REQUIRE_MESSAGE(is_bijection(whole_order(kSeed, samples % 3, samples)), samples << " samples");
  }
  BOOST_TEST(is_bijection(whole_order(kSeed, 0, 1'000'003)));
}

// 300,000 draws with replacement from 2³² would collide 10 times: none at all shows that the map is injective.
BOOST_AUTO_TEST_CASE(no_sample_of_a_large_epoch_is_visited_twice) {
  for (const std::uint64_t samples : {(std::uint64_t{1} << 32) - 1, std::uint64_t{1} << 32}) {
    const EpochOrder order(kSeed, 1, samples);
    std::vector<std::uint64_t> visited;
    for (std::uint64_t i = 0; i < 300'000; ++i) visited.push_back(order.sample_at(i * (samples / 300'000)));
    std::sort(visited.begin(), visited.end());
    BOOST_TEST(visited.back() < samples);
    BOOST_TEST((std::adjacent_find(visited.begin(), visited.end()) == visited.end()));
  }
}

BOOST_AUTO_TEST_CASE(the_largest_epochs_stay_in_range) {
  for (const std::uint64_t samples : {(std::uint64_t{1} << 62) + 1, std::numeric_limits<std::uint64_t>::max()}) {
    const EpochOrder order(kSeed, 0, samples);
    for (std::uint64_t i = 0; i < 1000; ++i) BOOST_REQUIRE_LT(order.sample_at(samples - 1 - i), samples);
  }
}

// Two random orders agree in one position on average (Poisson): more than ten is a chance of 1e-8.
BOOST_AUTO_TEST_CASE(epochs_and_seeds_have_orders_of_their_own) {
  const auto order = whole_order(kSeed, 0, 1000);
  BOOST_TEST((order == whole_order(kSeed, 0, 1000)));
  BOOST_TEST(agreements(order, whole_order(kSeed, 1, 1000)) <= 10);
  BOOST_TEST(agreements(order, whole_order(kSeed + 1, 0, 1000)) <= 10);
}

// The smallest networks have halves of one bit. 24 orders of 4 samples: 23 degrees of freedom, deviation √46.
BOOST_AUTO_TEST_CASE(all_orders_of_four_samples_are_equally_likely) {
  constexpr double kEpochs = 24'000;
  std::vector<std::uint64_t> order = {0, 1, 2, 3};
  std::vector<std::vector<std::uint64_t>> orders;
  do orders.push_back(order);
  while (std::next_permutation(order.begin(), order.end()));

  std::vector<double> counts(orders.size());
  for (std::uint64_t epoch = 0; epoch < static_cast<std::uint64_t>(kEpochs); ++epoch) {
    const auto found = std::lower_bound(orders.begin(), orders.end(), whole_order(kSeed, epoch, 4));
    ++counts[static_cast<std::size_t>(found - orders.begin())];
  }
  BOOST_TEST(chi_square(counts, kEpochs / 24) < 23 + 6 * std::sqrt(46.0));
}

// A table of position × sample whose rows and columns have fixed sums: (n − 1)² degrees of freedom.
BOOST_AUTO_TEST_CASE(every_sample_is_equally_likely_at_every_position) {
  constexpr std::uint64_t kEpochs = 5000;
  for (const std::uint64_t samples : {std::uint64_t{3}, std::uint64_t{10}, std::uint64_t{37}}) {
    std::vector<double> counts(samples * samples);
    for (std::uint64_t epoch = 0; epoch < kEpochs; ++epoch) {
      const auto order = whole_order(kSeed, epoch, samples);
      for (std::uint64_t position = 0; position < samples; ++position) ++counts[position * samples + order[position]];
    }
    const auto n = static_cast<double>(samples);
    const double freedom = (n - 1) * (n - 1);
    // The cells of a permutation are correlated: the statistic of n/(n−1) independent tables of (n−1)².
    const double statistic = chi_square(counts, static_cast<double>(kEpochs) / n) * (n - 1) / n;
    BOOST_TEST(std::fabs(statistic - freedom) < 6 * std::sqrt(2 * freedom), samples << " samples: " << statistic);
  }
}

// A random permutation moves a sample by (n² − 1) / 3n on average; one sample by that ± 0.236 n, the mean of n by
// ± 0.236 √n. Neighbours must be as far apart from each other: an order of runs would read the data in runs.
BOOST_AUTO_TEST_CASE(samples_are_moved_as_far_as_chance_moves_them) {
  constexpr std::uint64_t kSamples = 10'000;
  const auto order = whole_order(kSeed, 2, kSamples);
  double moved = 0, apart = 0;
  for (std::uint64_t i = 0; i + 1 < kSamples; ++i) {
    moved += std::fabs(static_cast<double>(order[i]) - static_cast<double>(i));
    apart += std::fabs(static_cast<double>(order[i]) - static_cast<double>(order[i + 1]));
  }
  const double n = kSamples;
  BOOST_TEST(std::fabs(moved / n - n / 3) < 5 * 0.236 * std::sqrt(n));
  // Neighbouring distances share a sample, which widens the deviation by less than a half.
  BOOST_TEST(std::fabs(apart / n - n / 3) < 1.5 * 5 * 0.236 * std::sqrt(n));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
