#include "data/climatology.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace fulmar::data {
namespace {

std::size_t month_index(const FieldCache& fields, std::size_t time) {
  return static_cast<std::size_t>(fields.dataset().dates()[time].month - 1);
}

/// The mean of fields, point by point, over the values that are not NaN.
class PointwiseMean {
 public:
  void add(std::span<const float> field) {
    sums_.resize(field.size());
    counts_.resize(field.size());
    for (std::size_t i = 0; i < field.size(); ++i) {
      if (std::isnan(field[i])) continue;
      sums_[i] += static_cast<double>(field[i]);
      ++counts_[i];
    }
  }

  std::vector<float> mean() const {
    std::vector<float> means(sums_.size());
    for (std::size_t i = 0; i < means.size(); ++i)
      means[i] = counts_[i] == 0 ? std::numeric_limits<float>::quiet_NaN()
                                 : static_cast<float>(sums_[i] / static_cast<double>(counts_[i]));
    return means;
  }

 private:
  std::vector<double> sums_;
  std::vector<std::uint32_t> counts_;
};

struct WeightedSum {
  double sum = 0, weight = 0;
  double mean() const { return weight > 0 ? sum / weight : 0.0; }
};

}  // namespace

Result<Climatology> Climatology::fit(const FieldCache& fields, const std::vector<std::size_t>& training_times,
                                     AnomalyKind kind, const Regridding& regridding,
                                     std::span<const double> row_weights) {
  Climatology fitted;
  fitted.kind_ = kind;
  if (auto means = fitted.fit_means(fields, training_times, regridding, row_weights); !means) return means.error();
  if (kind == AnomalyKind::none) fitted.flatten_to_mean();
  if (auto scales = fitted.fit_scales(fields, training_times, row_weights); !scales) return scales.error();
  return fitted;
}

std::span<const float> Climatology::fine(std::size_t variable, int month) const {
  return years_[variable][static_cast<std::size_t>(month - 1)].fine;
}

std::span<const float> Climatology::coarse(std::size_t variable, int month) const {
  return years_[variable][static_cast<std::size_t>(month - 1)].coarse;
}

Result<void> Climatology::fit_means(const FieldCache& fields, const std::vector<std::size_t>& times,
                                    const Regridding& regridding, std::span<const double> row_weights) {
  const std::size_t variables = fields.dataset().variables().size();
  const std::size_t columns = fields.dataset().grid().columns();
  years_.resize(variables);
  scales_.resize(variables);
  std::vector<float> coarse(regridding.coarse_size());
  for (std::size_t v = 0; v < variables; ++v) {
    std::array<PointwiseMean, 12> fine_means, coarse_means;
    WeightedSum total;
    for (const std::size_t time : times) {
      auto field = fields.field(v, time);
      if (!field) return field.error();
      regridding.block_means(**field, coarse);
      fine_means[month_index(fields, time)].add(**field);
      coarse_means[month_index(fields, time)].add(coarse);
      for (std::size_t i = 0; i < (*field)->size(); ++i) {
        const float value = (**field)[i];
        if (std::isnan(value)) continue;
        total.sum += row_weights[i / columns] * static_cast<double>(value);
        total.weight += row_weights[i / columns];
      }
    }
    scales_[v].mean = total.mean();
    for (std::size_t m = 0; m < 12; ++m) years_[v][m] = {fine_means[m].mean(), coarse_means[m].mean()};
  }
  return {};
}

/// Without monthly means every month expects the same constant. A point missing in all training times stays missing.
void Climatology::flatten_to_mean() {
  for (std::size_t v = 0; v < years_.size(); ++v) {
    const auto mean = static_cast<float>(scales_[v].mean);
    Monthly flat;
    for (const Monthly& monthly : years_[v]) {
      for (const auto& [from, to] : {std::pair(&monthly.fine, &flat.fine), std::pair(&monthly.coarse, &flat.coarse)}) {
        if (to->empty()) to->assign(from->size(), std::numeric_limits<float>::quiet_NaN());
        for (std::size_t i = 0; i < from->size(); ++i)
          if (!std::isnan((*from)[i])) (*to)[i] = mean;
      }
    }
    years_[v].fill(flat);
  }
}

Result<void> Climatology::fit_scales(const FieldCache& fields, const std::vector<std::size_t>& times,
                                     std::span<const double> row_weights) {
  const GriddedDataset& dataset = fields.dataset();
  const std::size_t variables = dataset.variables().size();
  std::vector<WeightedSum> deviations(variables), anomalies(variables);
  for (std::size_t v = 0; v < variables; ++v)
    for (const std::size_t time : times) {
      auto field = fields.field(v, time);
      if (!field) return field.error();
      const std::span<const float> expected = years_[v][month_index(fields, time)].fine;
      for (std::size_t i = 0; i < expected.size(); ++i) {
        const double value = static_cast<double>((**field)[i]);
        if (std::isnan(value)) continue;
        const double weight = row_weights[i / dataset.grid().columns()];
        const double deviation = value - scales_[v].mean, anomaly = value - static_cast<double>(expected[i]);
        deviations[v].sum += weight * deviation * deviation;
        anomalies[v].sum += weight * anomaly * anomaly;
        deviations[v].weight += weight;
        anomalies[v].weight += weight;
      }
    }
  for (std::size_t v = 0; v < variables; ++v) {
    WeightedSum deviation, anomaly;  // over the variables of the same unit
    for (std::size_t u = 0; u < variables; ++u) {
      if (dataset.unit(u) != dataset.unit(v)) continue;
      deviation.sum += deviations[u].sum;
      deviation.weight += deviations[u].weight;
      anomaly.sum += anomalies[u].sum;
      anomaly.weight += anomalies[u].weight;
    }
    scales_[v].deviation = std::sqrt(deviation.mean());
    scales_[v].anomaly_rms = std::sqrt(anomaly.mean());
    if (!(scales_[v].anomaly_rms > 0))
      return Error{"[data] train: " + dataset.variables()[v] +
                   " does not vary from its mean over the training period (" + std::to_string(times.size()) +
                   " times); give a longer period or another variable"};
  }
  return {};
}

}  // namespace fulmar::data
