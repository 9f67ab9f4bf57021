#include "data/scores.hpp"

#include <cmath>
#include <limits>

#include <boost/test/unit_test.hpp>

using namespace fulmar::data;

BOOST_AUTO_TEST_SUITE(scores)

// Two rows of two points, weights ⅛ and ⅜ a point. Errors (2, 0; 0, −4): Σ w e² = 4/8 + 16·3/8 = 6.5.
BOOST_AUTO_TEST_CASE(rmse_weighs_by_area) {
  const std::vector<double> weights{0.125, 0.375};
  ScoreAccumulator scores({"t"}, weights, true);
  const std::vector<float> truth{1, 2, 3, 4}, prediction{3, 2, 3, 0}, climatology{0, 0, 0, 0};
  scores.add(0, prediction, truth, climatology);
  BOOST_TEST(scores.scores().overall.rmse == std::sqrt(6.5));
  BOOST_TEST(scores.scores().by_variable.at(0).variable == "t");
}

BOOST_AUTO_TEST_CASE(overall_is_the_mean_square_over_variables_and_times) {
  const std::vector<double> weights{1.0};
  ScoreAccumulator scores({"u", "v"}, weights, true);
  const std::vector<float> zero{0}, one{1}, three{3}, two{2};
  scores.add(0, one, zero, zero);
  scores.add(0, three, zero, zero);
  scores.add(1, two, zero, zero);
  scores.add(1, two, zero, zero);
  BOOST_TEST(scores.scores().by_variable[0].score.rmse == std::sqrt(5.0));
  BOOST_TEST(scores.scores().by_variable[1].score.rmse == 2.0);
  BOOST_TEST(scores.scores().overall.rmse == std::sqrt(4.5));
}

// Anomalies: predicted (1, 2), true (2, −1): 2 − 2 = 0 across; and (2, 4) against (1, 2) is a perfect correlation.
BOOST_AUTO_TEST_CASE(acc_correlates_anomalies_without_centring) {
  const std::vector<double> weights{0.5};
  const std::vector<float> climatology{10, 20};
  ScoreAccumulator orthogonal({"t"}, weights, true), parallel({"t"}, weights, true);
  orthogonal.add(0, std::vector<float>{11, 22}, std::vector<float>{12, 19}, climatology);
  parallel.add(0, std::vector<float>{12, 24}, std::vector<float>{11, 22}, climatology);
  BOOST_TEST(*orthogonal.scores().overall.acc == 0.0);
  BOOST_TEST(*parallel.scores().overall.acc == 1.0);
}

BOOST_AUTO_TEST_CASE(without_a_climatology_there_is_no_acc) {
  const std::vector<double> weights{1.0};
  ScoreAccumulator scores({"t"}, weights, false);
  scores.add(0, std::vector<float>{1}, std::vector<float>{2}, std::vector<float>{0});
  BOOST_TEST(!scores.scores().overall.acc.has_value());
}

BOOST_AUTO_TEST_CASE(missing_points_do_not_count) {
  const float missing = std::numeric_limits<float>::quiet_NaN();
  const std::vector<double> weights{0.25};
  ScoreAccumulator scores({"t"}, weights, true);
  scores.add(0, std::vector<float>{1, 9, missing, 3}, std::vector<float>{0, missing, 5, 0},
             std::vector<float>{0, 0, missing, 0});
  BOOST_TEST(scores.scores().overall.rmse == std::sqrt(5.0));
}

BOOST_AUTO_TEST_SUITE_END()
