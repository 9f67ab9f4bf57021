#include "data/downscale_task.hpp"

#include <algorithm>
#include <cmath>

#include "data/downscale_baselines.hpp"
#include "data/fingerprint.hpp"
#include "data/land_outline.hpp"
#include "data/scores.hpp"
#include "runtime/vocabulary/elementary.hpp"
#include "runtime/vocabulary/nearest_name.hpp"

namespace fulmar::data {
namespace {

constexpr int kSampledFields = 16;  // per variable, in the fingerprint

Result<bool> parse_residual(const std::string& written) {
  if (written == "climatology+bilinear") return true;
  if (written == "none") return false;
  const std::vector<std::string> choices{"climatology+bilinear", "none"};
  return unknown_choice("[task] residual", written, choices);
}

Result<void> check_residual_inputs(const DataSpec& data) {
  if (data.inputs.empty()) return {};
  for (const std::string& target : data.targets)
    if (std::find(data.inputs.begin(), data.inputs.end(), target) == data.inputs.end())
      return Error{"[task] residual = \"climatology+bilinear\" starts from the coarse " + target +
                   ", which is not among [data] inputs; add it, or set residual = \"none\""};
  return {};
}

/// As older files shout it.
std::string readable_unit(const std::string& unit) {
  return unit == "M/S" ? "m/s" : unit;
}

/// (value − mean) ÷ deviation, 0 where the value is missing.
void standardise(std::span<const float> field, double mean, double deviation, std::span<float> out) {
  const auto centre = static_cast<float>(mean);
  const auto scale = static_cast<float>(1.0 / deviation);
  for (std::size_t i = 0; i < field.size(); ++i) {
    const float value = (field[i] - centre) * scale;
    out[i] = std::isnan(value) ? 0.0f : value;
  }
}

/// Hands out the channels of an input, one after the other.
class Channels {
 public:
  Channels(std::span<float> input, std::size_t points) : rest_(input), points_(points) {}

  std::span<float> next(std::size_t count = 1) {
    const std::span<float> channel = rest_.first(count * points_);
    rest_ = rest_.subspan(count * points_);
    return channel;
  }

 private:
  std::span<float> rest_;
  std::size_t points_;
};

}  // namespace

Result<std::shared_ptr<const Task>> DownscaleTask::open(const DataSpec& data, const TaskSpec& task,
                                                        InputLayout layout) {
  const auto residual = parse_residual(task.residual);
  if (!residual) return residual.error();
  if (*residual)
    if (auto inputs = check_residual_inputs(data); !inputs) return inputs.error();
  auto pairs = PairedFields::open(data, task);
  if (!pairs) return pairs.error();
  auto statics = read_static_channels(data.statics, (*pairs)->grid());
  if (!statics) return statics.error();
  std::shared_ptr<DownscaleTask> opened(new DownscaleTask(*std::move(pairs), *statics, *residual, layout));
  opened->statics_ = data.statics;
  auto digest = opened->digest();
  if (!digest) return digest.error();
  opened->fingerprint_ = *std::move(digest);
  return std::shared_ptr<const Task>(std::move(opened));
}

DownscaleTask::DownscaleTask(std::unique_ptr<const PairedFields> pairs, const std::vector<StaticChannel>& statics,
                             bool residual, InputLayout layout)
    : pairs_(std::move(pairs)), residual_(residual), layout_(layout), constant_count_(statics.size() + 2) {
  for (const double weight : pairs_->row_weights()) area_weight_.push_back(static_cast<float>(weight));
  for (const StaticChannel& channel : statics)
    constants_.insert(constants_.end(), channel.values.begin(), channel.values.end());
  const Grid& grid = pairs_->grid();
  for (double (*function)(double) : {sine, cosine})
    for (const double latitude : grid.latitudes)
      constants_.insert(constants_.end(), grid.columns(), static_cast<float>(function(radians(latitude))));
}

std::size_t DownscaleTask::sample_count(Split split) const {
  return pairs_->splits().times(split).size();
}

FieldExtent DownscaleTask::input_extent() const {
  const std::size_t inputs = pairs_->inputs().size();
  if (layout_ == InputLayout::vector) return {inputs * pairs_->regridding().coarse_size(), 1, 1};
  const bool with_climatology = pairs_->climatology().kind() != AnomalyKind::none;
  const std::size_t full_fields = with_climatology ? inputs + pairs_->target_count() : 0;
  return {2 * inputs + full_fields + constant_count_ + 2, pairs_->grid().rows(), pairs_->grid().columns()};
}

FieldExtent DownscaleTask::output_extent() const {
  return {pairs_->target_count(), pairs_->grid().rows(), pairs_->grid().columns()};
}

std::string DownscaleTask::unit() const {
  const std::string& unit = pairs_->dataset().unit(0);
  for (std::size_t target = 1; target < pairs_->target_count(); ++target)
    if (pairs_->dataset().unit(target) != unit) return "mixed units";
  return readable_unit(unit);
}

std::size_t DownscaleTask::time_of(Split split, std::size_t index) const {
  const std::vector<std::size_t>& times = pairs_->splits().times(split);
  FULMAR_ASSERT(index < times.size(), std::string(name(split)) + " has no sample " + std::to_string(index));
  return times[index];
}

Result<void> DownscaleTask::load(Split split, std::size_t index, std::span<float> input, std::span<float> target,
                                 std::span<std::uint8_t> mask) const {
  FULMAR_ASSERT(
      input.size() == input_extent().size() && target.size() == output_extent().size() && mask.size() == target.size(),
      "the room for a sample has the wrong size");
  const auto pair = pairs_->at(time_of(split, index));
  if (!pair) return pair.error();
  if (layout_ == InputLayout::grid) {
    write_channels(*pair, input);
  } else {
    write_coarse(*pair, input);
  }
  write_target(*pair, target, mask);
  return {};
}

void DownscaleTask::write_coarse(const FieldPair& pair, std::span<float> input) const {
  Channels channels(input, pairs_->regridding().coarse_size());
  for (const std::size_t v : pairs_->inputs())
    standardise(pairs_->coarse_anomaly(pair, v), 0.0, pairs_->climatology().scales(v).anomaly_rms, channels.next());
}

void DownscaleTask::write_channels(const FieldPair& pair, std::span<float> input) const {
  const Regridding& regridding = pairs_->regridding();
  const Climatology& climatology = pairs_->climatology();
  Channels channels(input, pairs_->grid().size());
  std::vector<float> coarse(regridding.coarse_size());
  for (const auto upsample : {&Regridding::bilinear, &Regridding::nearest})
    for (const std::size_t v : pairs_->inputs()) {
      standardise(pairs_->coarse_anomaly(pair, v), 0.0, climatology.scales(v).anomaly_rms, coarse);
      (regridding.*upsample)(coarse, channels.next());
    }
  if (climatology.kind() != AnomalyKind::none) {
    for (const std::size_t v : pairs_->inputs()) {
      pairs_->coarse_field(pair, v, coarse);
      standardise(coarse, climatology.scales(v).mean, climatology.scales(v).deviation, coarse);
      regridding.bilinear(coarse, channels.next());
    }
    for (std::size_t v = 0; v < pairs_->target_count(); ++v)
      standardise(climatology.fine(v, pair.month), climatology.scales(v).mean, climatology.scales(v).deviation,
                  channels.next());
  }
  std::copy(constants_.begin(), constants_.end(), channels.next(constant_count_).begin());
  const double angle = radians(30.0 * (pair.month - 1));  // the year is a circle
  std::ranges::fill(channels.next(), static_cast<float>(sine(angle)));
  std::ranges::fill(channels.next(), static_cast<float>(cosine(angle)));
}

void DownscaleTask::write_target(const FieldPair& pair, std::span<float> target, std::span<std::uint8_t> mask) const {
  const std::size_t points = pairs_->grid().size();
  for (std::size_t v = 0; v < pairs_->target_count(); ++v) {
    const std::span<float> out = target.subspan(v * points, points);
    pairs_->expected_fine(pair, v, residual_, out);
    const std::vector<float>& truth = *pair.fine[v];
    const auto scale = static_cast<float>(1.0 / pairs_->climatology().scales(v).anomaly_rms);
    for (std::size_t i = 0; i < points; ++i) {
      const float value = (truth[i] - out[i]) * scale;
      const bool missing = std::isnan(value);
      out[i] = missing ? 0.0f : value;
      mask[v * points + i] = missing ? 0 : 1;
    }
  }
}

void DownscaleTask::write_prediction(const FieldPair& pair, std::size_t target, std::span<const float> output,
                                     std::span<float> prediction) const {
  pairs_->expected_fine(pair, target, residual_, prediction);
  const auto scale = static_cast<float>(pairs_->climatology().scales(target).anomaly_rms);
  for (std::size_t i = 0; i < prediction.size(); ++i) prediction[i] += output[i] * scale;
}

Result<Scores> DownscaleTask::score(Split split, std::span<const float> outputs) const {
  const std::size_t points = pairs_->grid().size(), targets = pairs_->target_count();
  FULMAR_ASSERT(outputs.size() == sample_count(split) * targets * points,
                "the outputs to score are not those of the whole split");
  const Climatology& climatology = pairs_->climatology();
  ScoreAccumulator scores(pairs_->target_names(), pairs_->row_weights(), climatology.kind() != AnomalyKind::none);
  std::vector<float> prediction(points);
  for (std::size_t n = 0; n < sample_count(split); ++n) {
    const auto pair = pairs_->at(time_of(split, n));
    if (!pair) return pair.error();
    for (std::size_t v = 0; v < targets; ++v) {
      write_prediction(*pair, v, outputs.subspan((n * targets + v) * points, points), prediction);
      scores.add(v, prediction, *pair->fine[v], climatology.fine(v, pair->month));
    }
  }
  return scores.scores();
}

Result<std::vector<std::pair<std::string, Scores>>> DownscaleTask::baselines(Split split) const {
  return downscale_baselines(*pairs_, split);
}

Result<SampleFields> DownscaleTask::fields(Split split, std::size_t index, std::span<const float> output) const {
  FULMAR_ASSERT(output.size() == output_extent().size(), "the output to show is not that of one sample");
  const std::size_t time = time_of(split, index), points = pairs_->grid().size();
  const auto pair = pairs_->at(time);
  if (!pair) return pair.error();
  SampleFields sample{label(time), {}};
  for (std::size_t v = 0; v < pairs_->target_count(); ++v) {
    const GriddedDataset& dataset = pairs_->dataset();
    sample.fields.push_back(
        {dataset.variables()[v], readable_unit(dataset.unit(v)), *pair->fine[v], std::vector<float>(points)});
    write_prediction(*pair, v, output.subspan(v * points, points), sample.fields.back().prediction);
  }
  return sample;
}

std::string DownscaleTask::label(std::size_t time) const {
  const std::vector<Date>& dates = pairs_->dataset().dates();
  const std::string day = to_string(dates[time]), month = day.substr(0, day.rfind('-'));
  const auto in_this_month = [&](std::size_t other) { return to_string(dates[other]).starts_with(month + "-"); };
  const bool shared = (time > 0 && in_this_month(time - 1)) || (time + 1 < dates.size() && in_this_month(time + 1));
  return shared ? day : month;
}

std::string DownscaleTask::base() const {
  const bool with_climatology = pairs_->climatology().kind() != AnomalyKind::none;
  if (residual_) return with_climatology ? "climatology+bilinear" : "bilinear";
  return with_climatology ? "climatology" : "mean";
}

Result<std::vector<Polyline>> DownscaleTask::land_outline() const {
  const auto derives_land = [](const StaticFieldSpec& spec) {
    return std::find(spec.derive.begin(), spec.derive.end(), "land") != spec.derive.end();
  };
  const auto relief = std::find_if(statics_.begin(), statics_.end(), derives_land);
  if (relief == statics_.end()) return std::vector<Polyline>();
  const auto source = read_static_field(*relief);
  if (!source) return source.error();
  return data::land_outline(*source, pairs_->grid());
}

std::map<std::string, double> DownscaleTask::statistics() const {
  std::map<std::string, double> statistics;
  for (std::size_t v = 0; v < pairs_->variable_count(); ++v) {
    const std::string& variable = pairs_->dataset().variables()[v];
    const FieldScales& scales = pairs_->climatology().scales(v);
    statistics[variable + ".mean"] = scales.mean;
    statistics[variable + ".deviation"] = scales.deviation;
    statistics[variable + ".anomaly_rms"] = scales.anomaly_rms;
  }
  statistics["factor"] = static_cast<double>(pairs_->regridding().factor());
  statistics["latitudes"] = static_cast<double>(pairs_->grid().rows());
  statistics["longitudes"] = static_cast<double>(pairs_->grid().columns());
  statistics["input_channels"] = static_cast<double>(input_extent().channels);
  for (const Split split : {Split::train, Split::validation, Split::test})
    statistics[std::string("samples.") + name(split)] = static_cast<double>(sample_count(split));
  return statistics;
}

Result<std::string> DownscaleTask::digest() const {
  Fingerprint digest;
  const GriddedDataset& dataset = pairs_->dataset();
  digest.add(std::uint64_t{residual_});
  for (const auto& [statistic, value] : statistics()) {
    digest.add(statistic);
    digest.add(value);
  }
  digest.add(pairs_->grid().latitudes);
  digest.add(pairs_->grid().longitudes);
  for (const Date& date : dataset.dates()) digest.add(to_string(date));
  for (const Split split : {Split::train, Split::validation, Split::test})
    for (const std::size_t time : pairs_->splits().times(split)) digest.add(std::uint64_t{time});
  digest.add(constants_);
  for (std::size_t v = 0; v < dataset.variables().size(); ++v) {
    digest.add(dataset.unit(v));
    for (int month = 1; month <= 12; ++month) digest.add(pairs_->climatology().fine(v, month));
    for (int i = 0; i < kSampledFields; ++i) {
      auto field = pairs_->fields().field(v, digest.draw(dataset.dates().size()));
      if (!field) return field.error();
      digest.add(**field);
    }
  }
  return digest.hex();
}

}  // namespace fulmar::data
