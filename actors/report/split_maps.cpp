#include "actors/report/split_maps.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/report/map_cells.hpp"

namespace fulmar::report {
namespace {

/// Squared errors by point, as long as there are any.
class ErrorMap {
 public:
  explicit ErrorMap(std::size_t points) : squares_(points), counts_(points) {}

  void add(const data::PredictedField& field) {
    for (std::size_t i = 0; i < squares_.size(); ++i) {
      const double error = static_cast<double>(field.prediction[i]) - static_cast<double>(field.truth[i]);
      if (std::isnan(error)) continue;
      squares_[i] += error * error;
      ++counts_[i];
    }
  }

  /// NaN where nothing was added.
  std::vector<float> rms() const {
    std::vector<float> rms;
    for (std::size_t i = 0; i < squares_.size(); ++i)
      rms.push_back(static_cast<float>(std::sqrt(squares_[i] / static_cast<double>(counts_[i]))));
    return rms;
  }

 private:
  std::vector<double> squares_;
  std::vector<std::size_t> counts_;
};

/// Mean square of a field's errors by area, times the weight that is there.
struct WeightedError {
  double square = 0, weight = 0;

  void add(const data::PredictedField& field, std::span<const float> row_weights) {
    const std::size_t columns = field.truth.size() / row_weights.size();
    for (std::size_t i = 0; i < field.truth.size(); ++i) {
      const double error = static_cast<double>(field.prediction[i]) - static_cast<double>(field.truth[i]);
      if (std::isnan(error)) continue;
      square += static_cast<double>(row_weights[i / columns]) * error * error;
      weight += static_cast<double>(row_weights[i / columns]);
    }
  }
  /// NaN where no point could be compared.
  double rmse() const { return weight > 0 ? std::sqrt(square / weight) : std::numeric_limits<double>::quiet_NaN(); }
};

/// What all samples of a split together say.
struct SplitErrors {
  std::vector<ErrorMap> model, base;  ///< by variable
  std::vector<double> sample_rmse;
};

Result<SplitErrors> errors_of(const data::Task& task, const actors::Evaluation& evaluation) {
  const std::size_t size = task.output_extent().size(), variables = task.output_extent().channels;
  const std::vector<float> nothing(size);
  const ErrorMap empty(task.grid().size());
  SplitErrors errors{std::vector(variables, empty), std::vector(variables, empty), {}};
  for (std::size_t sample = 0; sample < task.sample_count(evaluation.split); ++sample) {
    const std::span<const float> output = std::span(evaluation.outputs).subspan(sample * size, size);
    const Result<data::SampleFields> model = task.fields(evaluation.split, sample, output);
    if (!model) return model.error();
    const Result<data::SampleFields> base = task.fields(evaluation.split, sample, nothing);
    if (!base) return base.error();
    WeightedError all;
    for (std::size_t v = 0; v < variables; ++v) {
      errors.model[v].add(model->fields[v]);
      errors.base[v].add(base->fields[v]);
      all.add(model->fields[v], task.area_weight());
    }
    errors.sample_rmse.push_back(all.rmse());
  }
  return errors;
}

/// The sample in the middle of the order of those whose error is a number; of two, the better.
std::size_t median_of(const std::vector<double>& errors) {
  std::vector<std::size_t> order(errors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // NaN compares with nothing, so it is put last by name: an order that contradicts itself must not be sorted by.
  const auto place = [&](std::size_t sample) {
    return std::isnan(errors[sample]) ? std::tuple(true, 0.0, sample) : std::tuple(false, errors[sample], sample);
  };
  std::ranges::sort(order, {}, place);
  const std::ptrdiff_t numbers = std::ranges::count_if(errors, [](double error) { return !std::isnan(error); });
  return order[static_cast<std::size_t>(std::max<std::ptrdiff_t>(numbers - 1, 0)) / 2];
}

/// In degrees to the third decimal: a hundred metres.
nlohmann::json outline_json(const std::vector<data::Polyline>& outline) {
  const auto rounded = [](double degrees) { return std::round(degrees * 1000.0) / 1000.0; };
  nlohmann::json lines = nlohmann::json::array();
  for (const data::Polyline& line : outline) {
    nlohmann::json points = nlohmann::json::array();
    for (const data::MapPoint& point : line)
      points.push_back(nlohmann::json::array({rounded(point.longitude), rounded(point.latitude)}));
    lines.push_back(std::move(points));
  }
  return lines;
}

nlohmann::json field_json(const data::PredictedField& field, const MapCells& cells,
                          std::span<const float> row_weights) {
  WeightedError error;
  error.add(field, row_weights);
  return {{"variable", field.variable},
          {"unit", field.unit},
          {"truth", encoded_field(cells.averaged(field.truth))},
          {"prediction", encoded_field(cells.averaged(field.prediction))},
          {"rmse", error.rmse()}};
}

}  // namespace

Result<nlohmann::json> split_maps(const data::Task& task, const actors::Evaluation& evaluation) {
  const Result<SplitErrors> errors = errors_of(task, evaluation);
  if (!errors) return errors.error();
  const Result<std::vector<data::Polyline>> outline = task.land_outline();
  if (!outline) return outline.error();
  const std::size_t size = task.output_extent().size(), shown = median_of(errors->sample_rmse);
  const Result<data::SampleFields> sample =
      task.fields(evaluation.split, shown, std::span(evaluation.outputs).subspan(shown * size, size));
  if (!sample) return sample.error();

  const MapCells cells(task.grid());
  nlohmann::json maps = {{"split", data::name(evaluation.split)},
                         {"index", shown},
                         {"samples", errors->sample_rmse.size()},
                         {"label", sample->label},
                         {"rmse", errors->sample_rmse[shown]},
                         {"grid",
                          {{"latitudes", cells.grid().latitudes},
                           {"longitudes", cells.grid().longitudes},
                           {"periodic", cells.grid().periodic}}},
                         {"outline", outline_json(*outline)},
                         {"fields", nlohmann::json::array()},
                         {"error_rms", nlohmann::json::array()}};
  for (std::size_t v = 0; v < sample->fields.size(); ++v) {
    maps["fields"].push_back(field_json(sample->fields[v], cells, task.area_weight()));
    maps["error_rms"].push_back({{"variable", sample->fields[v].variable},
                                 {"model", encoded_field(cells.averaged(errors->model[v].rms()))},
                                 {"baseline", encoded_field(cells.averaged(errors->base[v].rms()))},
                                 {"baseline_name", task.base()}});
  }
  return maps;
}

}  // namespace fulmar::report
