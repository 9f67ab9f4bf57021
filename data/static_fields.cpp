#include "data/static_fields.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "data/field_layout.hpp"
#include "data/netcdf_file.hpp"
#include "runtime/vocabulary/nearest_name.hpp"

namespace fulmar::data {
namespace {

constexpr std::string_view kPathKey = "[[data.static]] path";
constexpr std::string_view kVariableKey = "[[data.static]] variable";
constexpr double kTolerance = 1e-6;  // degrees: a point on a border belongs to both cells

/// Degrees from `a` to `b`, signed; round the circle for longitudes.
double offset(double a, double b, bool circular) {
  const double difference = b - a;
  return circular ? difference - 360.0 * std::floor((difference + 180.0) / 360.0) : difference;
}

/// For each target coordinate, the source indices inside its cell, or the nearest one.
std::vector<std::vector<std::size_t>> members(const std::vector<double>& source, const std::vector<double>& target,
                                              bool circular) {
  std::vector<std::vector<std::size_t>> cells(target.size());
  for (std::size_t i = 0; i < target.size(); ++i) {
    const bool alone = target.size() == 1;
    const double below = alone ? 0 : i > 0 ? target[i] - target[i - 1] : target[1] - target[0];
    const double above = alone ? 0 : i + 1 < target.size() ? target[i + 1] - target[i] : below;
    std::size_t nearest = 0;
    double least = std::numeric_limits<double>::infinity();
    for (std::size_t k = 0; k < source.size(); ++k) {
      const double away = offset(target[i], source[k], circular);
      if (away >= -below / 2 - kTolerance && away <= above / 2 + kTolerance) cells[i].push_back(k);
      if (std::abs(away) < least) {
        least = std::abs(away);
        nearest = k;
      }
    }
    if (cells[i].empty()) cells[i].push_back(nearest);
  }
  return cells;
}

std::vector<float> standardised(std::vector<float> field, const Grid& grid) {
  const std::vector<double> weights = row_weights(grid);
  double sum = 0, square = 0, weight = 0;
  for (std::size_t i = 0; i < field.size(); ++i) {
    if (std::isnan(field[i])) continue;
    const double w = weights[i / grid.columns()], value = static_cast<double>(field[i]);
    sum += w * value;
    square += w * value * value;
    weight += w;
  }
  const double mean = weight > 0 ? sum / weight : 0.0;
  const double variance = weight > 0 ? square / weight - mean * mean : 0.0;
  const double deviation = variance > 0 ? std::sqrt(variance) : 1.0;
  for (float& value : field)
    value = std::isnan(value) ? 0.0f : static_cast<float>((static_cast<double>(value) - mean) / deviation);
  return field;
}

Result<std::vector<float>> derived(const std::string& what, std::vector<float> field) {
  if (what == "land") {
    for (float& value : field) value = value > 0.0f ? 1.0f : 0.0f;
    return field;
  }
  if (what == "height") {
    for (float& value : field) value = value > 0.0f ? value / 1000.0f : 0.0f;
    return field;
  }
  const std::vector<std::string> known{"land", "height"};
  return unknown_choice("[[data.static]] derive", what, known);
}

}  // namespace

Result<SourceField> read_static_field(const StaticFieldSpec& spec) {
  auto file = NetcdfFile::open(spec.path, kPathKey);
  if (!file) return file.error();
  auto variable = (*file)->variable(spec.variable, kVariableKey);
  if (!variable) return variable.error();
  auto layout = layout_of(**file, **variable, kVariableKey);
  if (!layout) return layout.error();
  std::vector<std::size_t> start, count;
  for (const NetcdfDimension& dimension : (*variable)->dimensions) {
    start.push_back(0);
    count.push_back(dimension.length);
  }
  if (layout->time_dimension && count[*layout->time_dimension] != 1)
    return Error{std::string(kVariableKey) + " = \"" + spec.variable + "\": in " + spec.path + " it has " +
                 std::to_string(count[*layout->time_dimension]) +
                 " times; name a field without time, or one that varies in [data] inputs"};
  auto latitudes = (*file)->read_coordinate(*layout->latitude);
  if (!latitudes) return latitudes.error();
  auto longitudes = (*file)->read_coordinate(*layout->longitude);
  if (!longitudes) return longitudes.error();
  SourceField source{*latitudes, *longitudes, std::vector<float>(latitudes->size() * longitudes->size())};
  if (auto read = (*file)->read(**variable, start, count, source.values); !read) return read.error();
  return source;
}

std::vector<float> remap(const SourceField& source, const Grid& grid) {
  const auto rows = members(source.latitudes, grid.latitudes, false);
  const auto columns = members(source.longitudes, grid.longitudes, true);
  std::vector<float> remapped(grid.size());
  for (std::size_t i = 0; i < grid.rows(); ++i)
    for (std::size_t j = 0; j < grid.columns(); ++j) {
      double sum = 0;
      std::size_t count = 0;
      for (const std::size_t row : rows[i])
        for (const std::size_t column : columns[j]) {
          const float value = source.values[row * source.longitudes.size() + column];
          if (std::isnan(value)) continue;
          sum += static_cast<double>(value);
          ++count;
        }
      remapped[i * grid.columns() + j] =
          count == 0 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(sum / static_cast<double>(count));
    }
  return remapped;
}

Result<std::vector<StaticChannel>> read_static_channels(const std::vector<StaticFieldSpec>& specs, const Grid& grid) {
  std::vector<StaticChannel> channels;
  for (const StaticFieldSpec& spec : specs) {
    auto source = read_static_field(spec);
    if (!source) return source.error();
    const std::vector<float> field = remap(*source, grid);
    if (spec.derive.empty()) channels.push_back({spec.variable, standardised(field, grid)});
    for (const std::string& what : spec.derive) {
      auto values = derived(what, field);
      if (!values) return values.error();
      channels.push_back({spec.variable + "." + what, std::move(*values)});
    }
  }
  return channels;
}

}  // namespace fulmar::data
