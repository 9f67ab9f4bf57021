#include "data/downscale_baselines.hpp"

#include <cmath>
#include <optional>

#include "data/local_ridge.hpp"
#include "data/scores.hpp"

namespace fulmar::data {
namespace {

/// The coarse anomalies of the inputs, one after the other.
std::vector<float> ridge_predictors(const PairedFields& pairs, const FieldPair& pair) {
  std::vector<float> predictors;
  for (const std::size_t input : pairs.inputs()) {
    const std::span<const float> anomaly = pairs.coarse_anomaly(pair, input);
    predictors.insert(predictors.end(), anomaly.begin(), anomaly.end());
  }
  return predictors;
}

Result<LocalRidge> fit_ridge(const PairedFields& pairs) {
  LocalRidge ridge(pairs.regridding(), pairs.grid().periodic, pairs.inputs().size(), pairs.target_count());
  const std::size_t points = pairs.grid().size();
  std::vector<float> anomalies(pairs.target_count() * points);
  for (const std::size_t time : pairs.splits().times(Split::train)) {
    const auto pair = pairs.at(time);
    if (!pair) return pair.error();
    for (std::size_t i = 0; i < anomalies.size(); ++i) {
      const std::size_t target = i / points, point = i % points;
      const float anomaly = (*pair->fine[target])[point] - pairs.climatology().fine(target, pair->month)[point];
      anomalies[i] = std::isnan(anomaly) ? 0.0f : anomaly;
    }
    ridge.add(ridge_predictors(pairs, *pair), anomalies);
  }
  ridge.solve();
  return ridge;
}

}  // namespace

Result<std::vector<std::pair<std::string, Scores>>> downscale_baselines(const PairedFields& pairs, Split split) {
  const Regridding& regridding = pairs.regridding();
  const bool with_climatology = pairs.climatology().kind() != AnomalyKind::none;
  const std::size_t points = pairs.grid().size();
  const ScoreAccumulator empty(pairs.target_names(), pairs.row_weights(), with_climatology);
  ScoreAccumulator nearest = empty, bilinear = empty, base = empty, ridge = empty;
  std::optional<LocalRidge> fitted;
  if (with_climatology) {
    auto fit = fit_ridge(pairs);
    if (!fit) return fit.error();
    fitted.emplace(*std::move(fit));
  }

  std::vector<float> coarse(regridding.coarse_size()), fine(points), ridge_fine(pairs.target_count() * points);
  for (const std::size_t time : pairs.splits().times(split)) {
    const auto pair = pairs.at(time);
    if (!pair) return pair.error();
    if (fitted) fitted->predict(ridge_predictors(pairs, *pair), ridge_fine);
    for (std::size_t target = 0; target < pairs.target_count(); ++target) {
      const std::span<const float> expected = pairs.climatology().fine(target, pair->month);
      const auto add = [&](ScoreAccumulator& scores) { scores.add(target, fine, *pair->fine[target], expected); };
      pairs.coarse_field(*pair, target, coarse);
      regridding.nearest(coarse, fine);
      add(nearest);
      regridding.bilinear(coarse, fine);
      add(bilinear);
      if (!fitted) continue;
      pairs.expected_fine(*pair, target, true, fine);
      add(base);
      for (std::size_t i = 0; i < points; ++i) fine[i] = expected[i] + ridge_fine[target * points + i];
      add(ridge);
    }
  }

  std::vector<std::pair<std::string, Scores>> baselines;
  baselines.emplace_back("nearest", nearest.scores());
  baselines.emplace_back("bilinear", bilinear.scores());
  if (with_climatology) {
    baselines.emplace_back("climatology+bilinear", base.scores());
    baselines.emplace_back("climatology+ridge", ridge.scores());
  }
  return baselines;
}

}  // namespace fulmar::data
