#include "data/scores.hpp"

#include <cmath>
#include <utility>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::data {

ScoreSums& ScoreSums::operator+=(const ScoreSums& other) {
  weight += other.weight;
  squared_error += other.squared_error;
  cross += other.cross;
  predicted_variance += other.predicted_variance;
  true_variance += other.true_variance;
  return *this;
}

Score ScoreSums::score(bool with_acc) const {
  Score score;
  score.rmse = weight > 0 ? std::sqrt(squared_error / weight) : 0.0;
  const double variance = predicted_variance * true_variance;
  if (with_acc) score.acc = variance > 0 ? cross / std::sqrt(variance) : 0.0;
  return score;
}

ScoreAccumulator::ScoreAccumulator(std::vector<std::string> variables, std::span<const double> row_weights,
                                   bool with_acc)
    : variables_(std::move(variables)), row_weights_(row_weights), with_acc_(with_acc), sums_(variables_.size()) {}

void ScoreAccumulator::add(std::size_t variable, std::span<const float> prediction, std::span<const float> truth,
                           std::span<const float> climatology) {
  FULMAR_ASSERT(prediction.size() == truth.size() && truth.size() == climatology.size() &&
                    truth.size() % row_weights_.size() == 0,
                "a field of another size than the grid was scored");
  ScoreSums& sums = sums_[variable];
  const std::size_t columns = truth.size() / row_weights_.size();
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (std::isnan(truth[i]) || std::isnan(climatology[i])) continue;
    const double weight = row_weights_[i / columns];
    const auto predicted = static_cast<double>(prediction[i]), true_value = static_cast<double>(truth[i]);
    const auto expected = static_cast<double>(climatology[i]);
    const double error = predicted - true_value;
    sums.weight += weight;
    sums.squared_error += weight * error * error;
    sums.cross += weight * (predicted - expected) * (true_value - expected);
    sums.predicted_variance += weight * (predicted - expected) * (predicted - expected);
    sums.true_variance += weight * (true_value - expected) * (true_value - expected);
  }
}

Scores ScoreAccumulator::scores() const {
  Scores scores;
  ScoreSums overall;
  for (std::size_t v = 0; v < variables_.size(); ++v) {
    overall += sums_[v];
    scores.by_variable.push_back({variables_[v], 0, sums_[v].score(with_acc_)});
  }
  scores.overall = overall.score(with_acc_);
  return scores;
}

}  // namespace fulmar::data
