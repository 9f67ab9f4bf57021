#include "data/grid.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <numbers>

#include "runtime/vocabulary/elementary.hpp"

namespace fulmar::data {
namespace {

constexpr double kTolerance = 1e-4;  // degrees: coordinates stored as float

std::string range_text(double first, double last) {
  return "[" + degrees_text(first) + ", " + degrees_text(last) + "]";
}

bool strictly_ascending(const std::vector<double>& values) {
  return std::adjacent_find(values.begin(), values.end(), [](double a, double b) { return !(a < b); }) == values.end();
}

/// Degrees eastward from `west` to `longitude`, in [0, 360).
double eastward(double west, double longitude) {
  const double turn = (longitude - west) / 360.0;
  const double distance = (turn - std::floor(turn)) * 360.0;
  return distance > 360.0 - kTolerance ? 0.0 : distance;
}

bool spans_the_circle(const std::vector<double>& longitudes) {
  if (longitudes.size() < 2) return false;
  const double step = longitudes[1] - longitudes[0];
  return std::abs(longitudes.back() + step - longitudes.front() - 360.0) < 0.01 * step;
}

Result<void> select_rows(const std::string& path, std::vector<double> file_latitudes, const WindowSpec& spec,
                         WindowedGrid& selected) {
  GridWindow& window = selected.window;
  window.north_first = file_latitudes.size() > 1 && file_latitudes.front() > file_latitudes.back();
  if (window.north_first) std::reverse(file_latitudes.begin(), file_latitudes.end());
  if (file_latitudes.empty() || !strictly_ascending(file_latitudes))
    return Error{path + ": the latitudes are not monotonic; a regular grid is needed"};
  const auto [a, b] = spec.latitude.value_or(std::pair(file_latitudes.front(), file_latitudes.back()));
  const double south = std::min(a, b), north = std::max(a, b);
  std::size_t first = 0;
  while (first < file_latitudes.size() && file_latitudes[first] < south - kTolerance) ++first;
  std::size_t last = file_latitudes.size();
  while (last > first && file_latitudes[last - 1] > north + kTolerance) --last;
  if (first == last)
    return Error{"[data] latitude = " + range_text(south, north) + " selects no row of " + path + ", which covers " +
                 range_text(file_latitudes.front(), file_latitudes.back()) + "; give a window inside that"};
  selected.grid.latitudes.assign(file_latitudes.begin() + static_cast<std::ptrdiff_t>(first),
                                 file_latitudes.begin() + static_cast<std::ptrdiff_t>(last));
  window.rows = last - first;
  window.first_row = window.north_first ? file_latitudes.size() - last : first;
  return {};
}

Result<void> select_columns(const std::string& path, const std::vector<double>& file_longitudes, const WindowSpec& spec,
                            WindowedGrid& selected) {
  if (file_longitudes.empty() || !strictly_ascending(file_longitudes))
    return Error{path + ": the longitudes do not ascend; a regular grid is needed"};
  GridWindow& window = selected.window;
  const std::size_t count = file_longitudes.size();
  window.file_columns = count;
  const bool full_circle = spans_the_circle(file_longitudes);
  if (!spec.longitude || spec.longitude->second - spec.longitude->first >= 360.0) {
    window.columns = count;
  } else {
    const double west = spec.longitude->first, east = spec.longitude->second;
    const double width = eastward(west, east);
    const auto distance = [&](std::size_t i) { return eastward(west, file_longitudes[i % count]); };
    for (std::size_t i = 1; i < count; ++i)
      if (distance(i) < distance(window.first_column)) window.first_column = i;
    const std::size_t limit = full_circle ? window.first_column + count : count;
    for (std::size_t i = window.first_column; i < limit && distance(i) <= width + kTolerance; ++i) ++window.columns;
    if (window.columns == 0)
      return Error{"[data] longitude = " + range_text(west, east) + " selects no column of " + path +
                   ", which covers " + range_text(file_longitudes.front(), file_longitudes.back()) +
                   "; give a window inside that"};
  }
  for (std::size_t i = 0; i < window.columns; ++i) {
    const std::size_t column = window.first_column + i;
    selected.grid.longitudes.push_back(file_longitudes[column % count] + (column >= count ? 360.0 : 0.0));
  }
  selected.grid.periodic = spans_the_circle(selected.grid.longitudes);
  return {};
}

}  // namespace

Result<WindowedGrid> select_window(const std::string& path, const std::vector<double>& file_latitudes,
                                   const std::vector<double>& file_longitudes, const WindowSpec& spec) {
  WindowedGrid selected;
  if (auto rows = select_rows(path, file_latitudes, spec, selected); !rows) return rows.error();
  if (auto columns = select_columns(path, file_longitudes, spec, selected); !columns) return columns.error();
  return selected;
}

std::vector<double> row_weights(const Grid& grid) {
  constexpr double kPole = 90.0 - 1e-6;
  std::vector<double> weights(grid.rows());
  double sum = 0;
  for (std::size_t i = 0; i < grid.rows(); ++i) {
    weights[i] = std::abs(grid.latitudes[i]) >= kPole ? 0.0 : cosine(radians(grid.latitudes[i]));
    sum += weights[i] * static_cast<double>(grid.columns());
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

Result<void> check_divisible(const Grid& grid, std::size_t factor) {
  const auto check = [&](const char* key, const std::vector<double>& values, const char* lines) -> Result<void> {
    const std::size_t fitting = values.size() / factor * factor;
    if (fitting == values.size()) return {};
    const std::string remedy = fitting == 0 ? "give a smaller factor or a larger window"
                                            : "[data] " + std::string(key) + " = " +
                                                  range_text(values.front(), values[fitting - 1]) + " fits (" +
                                                  std::to_string(fitting) + " " + lines + ")";
    return Error{"[task] factor = " + std::to_string(factor) + " does not divide the " + std::to_string(values.size()) +
                 " " + lines + " of [data] " + key + " = " + range_text(values.front(), values.back()) + "; " + remedy};
  };
  if (auto rows = check("latitude", grid.latitudes, "rows"); !rows) return rows;
  return check("longitude", grid.longitudes, "columns");
}

double radians(double degrees) {
  return degrees * (std::numbers::pi / 180.0);
}

std::string degrees_text(double degrees) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.10g", degrees);
  return text.data();
}

}  // namespace fulmar::data
