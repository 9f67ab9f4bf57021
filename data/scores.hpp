// Root mean square error and anomaly correlation of predicted fields.
//
// RMSE = sqrt(mean over times and variables of Σ w e²); ACC = Σ w p'·f' / sqrt(Σ w p'² · Σ w f'²), pooled over times,
// uncentred, where p' and f' are the prediction's and the truth's anomalies from the training climatology.
// Where points are missing, the weights of those that are there count as the whole.
// Thread rule: one thread at a time.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/task.hpp"

namespace fulmar::data {

/// The sums of one variable at one lead, or of all of them.
struct ScoreSums {
  double weight = 0, squared_error = 0;
  double cross = 0, predicted_variance = 0, true_variance = 0;

  ScoreSums& operator+=(const ScoreSums& other);
  Score score(bool with_acc) const;
};

class ScoreAccumulator {
 public:
  /// `row_weights`: [rows]. `with_acc`: there is a climatology to correlate anomalies from.
  ScoreAccumulator(std::vector<std::string> variables, std::span<const double> row_weights, bool with_acc);

  /// One field of `variable`. Points where the truth or the climatology is NaN do not count.
  void add(std::size_t variable, std::span<const float> prediction, std::span<const float> truth,
           std::span<const float> climatology);

  Scores scores() const;

 private:
  std::vector<std::string> variables_;
  std::span<const double> row_weights_;
  bool with_acc_;
  std::vector<ScoreSums> sums_;  ///< by variable
};

}  // namespace fulmar::data
