#include "data/paired_fields.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "data/climatology_cache.hpp"
#include "runtime/vocabulary/nearest_name.hpp"

namespace fulmar::data {
namespace {

/// Fitting to less than this takes less than a second.
constexpr std::size_t kWorthKeepingBytes = std::size_t{64} << 20;

Result<AnomalyKind> parse_anomalies(const std::string& written) {
  if (written == "none") return AnomalyKind::none;
  if (written == "month") return AnomalyKind::month;
  const std::vector<std::string> choices{"none", "month"};
  return unknown_choice("[task] anomalies", written, choices);
}

Result<void> check_variables(const DataSpec& data) {
  if (data.targets.empty()) return Error{"[data] targets is empty; name the variables to predict"};
  for (const auto& [key, names] : {std::pair("targets", &data.targets), std::pair("inputs", &data.inputs)})
    for (std::size_t i = 0; i < names->size(); ++i)
      if (std::find(names->begin(), names->begin() + static_cast<std::ptrdiff_t>(i), (*names)[i]) !=
          names->begin() + static_cast<std::ptrdiff_t>(i))
        return Error{std::string("[data] ") + key + " names \"" + (*names)[i] + "\" twice; name it once"};
  return {};
}

/// The targets, then the inputs that are no targets.
std::vector<std::string> all_variables(const DataSpec& data) {
  std::vector<std::string> all = data.targets;
  for (const std::string& input : data.inputs)
    if (std::find(all.begin(), all.end(), input) == all.end()) all.push_back(input);
  return all;
}

/// Every month that is asked about must have been seen in training.
Result<void> check_months(const Splits& splits, const std::vector<Date>& dates) {
  std::array<bool, 13> trained{};
  for (const std::size_t time : splits.times(Split::train)) trained[static_cast<std::size_t>(dates[time].month)] = true;
  for (const Split split : {Split::validation, Split::test})
    for (const std::size_t time : splits.times(split)) {
      const Date date = dates[time];
      if (trained[static_cast<std::size_t>(date.month)]) continue;
      return Error{std::string("[data] ") + name(split) + " holds " + to_string(date) + ", but train holds no month " +
                   std::to_string(date.month) +
                   " to take a climatology from; lengthen train to whole years, or set [task] anomalies = \"none\""};
    }
  return {};
}

}  // namespace

PairedFields::PairedFields(GriddedDataset dataset, std::size_t cache_bytes, std::size_t factor)
    : fields_(std::move(dataset), cache_bytes),
      regridding_(grid().rows(), grid().columns(), factor, grid().periodic),
      row_weights_(fulmar::data::row_weights(grid())) {}

Result<std::unique_ptr<const PairedFields>> PairedFields::open(const DataSpec& data, const TaskSpec& task) {
  const auto anomalies = parse_anomalies(task.anomalies);
  if (!anomalies) return anomalies.error();
  if (task.factor < 2)
    return Error{"[task] factor = " + std::to_string(task.factor) + " coarsens nothing; give 2 or more"};
  if (auto checked = check_variables(data); !checked) return checked.error();
  auto dataset = GriddedDataset::open(data.paths, all_variables(data), {data.latitude, data.longitude});
  if (!dataset) return dataset.error();
  if (auto fits = check_divisible(dataset->grid(), task.factor); !fits) return fits.error();
  auto splits = Splits::assign(data, dataset->dates());
  if (!splits) return splits.error();
  if (*anomalies == AnomalyKind::month)
    if (auto months = check_months(*splits, dataset->dates()); !months) return months.error();

  std::unique_ptr<PairedFields> pairs(new PairedFields(*std::move(dataset), data.cache_bytes, task.factor));
  pairs->splits_ = *std::move(splits);
  pairs->target_count_ = data.targets.size();
  const std::vector<std::string>& names = pairs->dataset().variables();
  for (const std::string& input : data.inputs.empty() ? data.targets : data.inputs)
    pairs->inputs_.push_back(static_cast<std::size_t>(std::find(names.begin(), names.end(), input) - names.begin()));
  auto climatology = pairs->fit_climatology(*anomalies);
  if (!climatology) return climatology.error();
  pairs->climatology_ = *std::move(climatology);
  return std::unique_ptr<const PairedFields>(std::move(pairs));
}

Result<Climatology> PairedFields::fit_climatology(AnomalyKind anomalies) const {
  const std::vector<std::size_t>& times = splits_.times(Split::train);
  const bool takes_long = times.size() * variable_count() * fields_.field_bytes() >= kWorthKeepingBytes;
  const ClimatologyCache cache = takes_long ? ClimatologyCache::of_user() : ClimatologyCache({});
  return recall_or_fit(cache, fields_, times, anomalies, regridding_, row_weights_);
}

std::vector<std::string> PairedFields::target_names() const {
  const std::vector<std::string>& names = dataset().variables();
  return {names.begin(), names.begin() + static_cast<std::ptrdiff_t>(target_count_)};
}

Result<FieldPair> PairedFields::at(std::size_t time) const {
  FieldPair pair;
  pair.month = dataset().dates()[time].month;
  pair.coarse_anomalies.resize(variable_count() * regridding_.coarse_size());
  for (std::size_t v = 0; v < variable_count(); ++v) {
    auto field = fields_.field(v, time);
    if (!field) return field.error();
    pair.fine.push_back(*std::move(field));
    const std::span<float> coarse =
        std::span(pair.coarse_anomalies).subspan(v * regridding_.coarse_size(), regridding_.coarse_size());
    regridding_.block_means(*pair.fine.back(), coarse);
    const std::span<const float> expected = climatology_.coarse(v, pair.month);
    for (std::size_t i = 0; i < coarse.size(); ++i) {
      const float anomaly = coarse[i] - expected[i];
      coarse[i] = std::isnan(anomaly) ? 0.0f : anomaly;
    }
  }
  return pair;
}

std::span<const float> PairedFields::coarse_anomaly(const FieldPair& pair, std::size_t variable) const {
  return std::span(pair.coarse_anomalies).subspan(variable * regridding_.coarse_size(), regridding_.coarse_size());
}

void PairedFields::coarse_field(const FieldPair& pair, std::size_t variable, std::span<float> coarse) const {
  const std::span<const float> anomaly = coarse_anomaly(pair, variable);
  const std::span<const float> expected = climatology_.coarse(variable, pair.month);
  const auto mean = static_cast<float>(climatology_.scales(variable).mean);
  for (std::size_t i = 0; i < coarse.size(); ++i)
    coarse[i] = (std::isnan(expected[i]) ? mean : expected[i]) + anomaly[i];
}

void PairedFields::expected_fine(const FieldPair& pair, std::size_t variable, bool with_anomaly,
                                 std::span<float> fine) const {
  const std::span<const float> expected = climatology_.fine(variable, pair.month);
  if (!with_anomaly) {
    std::copy(expected.begin(), expected.end(), fine.begin());
    return;
  }
  regridding_.bilinear(coarse_anomaly(pair, variable), fine);
  for (std::size_t i = 0; i < fine.size(); ++i) fine[i] = expected[i] + fine[i];
}

}  // namespace fulmar::data
