#include "monitoring/decimated_history.hpp"

#include <boost/test/unit_test.hpp>

namespace fulmar::monitoring {
namespace {

struct Point {
  std::uint64_t version = 0;
};
using History = DecimatedHistory<Point>;

History of_versions(std::uint64_t last, std::uint64_t step = 1) {
  History history;
  for (std::uint64_t version = 1; version <= last; version += step) history.add({version});
  return history;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(decimated_history)

BOOST_AUTO_TEST_CASE(a_short_run_is_kept_whole) {
  const History history = of_versions(History::kPointsMax);
  BOOST_TEST(history.points().size() == History::kPointsMax);
  BOOST_TEST(history.stride() == 1U);
}

// HISTORY-1 to HISTORY-4
BOOST_AUTO_TEST_CASE(a_long_run_is_thinned_evenly) {
  for (const std::uint64_t last : {601ULL, 1'200ULL, 1'201ULL, 12'345ULL, 1'000'000ULL}) {
    const History history = of_versions(last);
    const std::vector<Point>& points = history.points();
    BOOST_TEST(points.size() <= History::kPointsMax);
    BOOST_TEST(points.size() >= History::kPointsMax / 2);
    BOOST_TEST(points.front().version == 1U);
    BOOST_TEST(points.back().version == last);
    for (std::size_t i = 2; i + 1 < points.size(); ++i) {
      BOOST_TEST(points[i].version - points[i - 1].version == history.stride());
    }
    BOOST_TEST(points[points.size() - 2].version < last);
    BOOST_TEST(last - points[points.size() - 2].version <= history.stride());
  }
}

BOOST_AUTO_TEST_CASE(a_series_with_gaps_is_bounded_too) {
  const History history = of_versions(10'000'000, 1000);
  BOOST_TEST(history.points().size() <= History::kPointsMax);
  BOOST_TEST(history.points().front().version == 1U);
  BOOST_TEST(history.points().back().version == 9'999'001U);
}

BOOST_AUTO_TEST_CASE(a_run_that_goes_back_forgets_what_is_no_longer_so) {
  History history = of_versions(100);
  history.add({90});
  BOOST_TEST(history.points().size() == 90U);
  BOOST_TEST(history.points().back().version == 90U);
  history.add({1});
  BOOST_TEST(history.points().size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::monitoring
