#include "actors/report/map_cells.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace fulmar::report {
namespace {

constexpr std::int16_t kMissing = std::numeric_limits<std::int16_t>::min();

std::size_t blocks(std::size_t points, std::size_t block) {
  return (points + block - 1) / block;
}

/// Where the middle of each block lies.
std::vector<double> middles(const std::vector<double>& coordinates, std::size_t block) {
  std::vector<double> middles;
  for (std::size_t first = 0; first < coordinates.size(); first += block) {
    const std::size_t last = std::min(first + block, coordinates.size()) - 1;
    middles.push_back((coordinates[first] + coordinates[last]) / 2);
  }
  return middles;
}

/// RFC 4648.
std::string base64(std::string_view bytes) {
  static constexpr char kLetters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < bytes.size() ? static_cast<std::uint8_t>(bytes[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j) text += i + j <= bytes.size() ? kLetters[group >> (18 - 6 * j) & 63U] : '=';
  }
  return text;
}

std::pair<double, double> range(std::span<const float> values) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const float value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, static_cast<double>(value));
    high = std::max(high, static_cast<double>(value));
  }
  return low <= high ? std::pair(low, high) : std::pair(0.0, 0.0);
}

}  // namespace

MapCells::MapCells(const data::Grid& grid, std::size_t rows_max, std::size_t columns_max)
    : rows_(grid.rows()),
      columns_(grid.columns()),
      block_rows_(blocks(grid.rows(), rows_max)),
      block_columns_(blocks(grid.columns(), columns_max)) {
  cells_ = {middles(grid.latitudes, block_rows_), middles(grid.longitudes, block_columns_), grid.periodic};
}

std::vector<float> MapCells::averaged(std::span<const float> field) const {
  if (block_rows_ == 1 && block_columns_ == 1) return {field.begin(), field.end()};
  std::vector<double> sums(cells_.size());
  std::vector<std::uint32_t> counts(cells_.size());
  for (std::size_t row = 0; row < rows_; ++row)
    for (std::size_t column = 0; column < columns_; ++column) {
      const float value = field[row * columns_ + column];
      if (std::isnan(value)) continue;
      const std::size_t cell = row / block_rows_ * cells_.columns() + column / block_columns_;
      sums[cell] += static_cast<double>(value);
      ++counts[cell];
    }
  std::vector<float> means(cells_.size(), std::numeric_limits<float>::quiet_NaN());
  for (std::size_t cell = 0; cell < means.size(); ++cell)
    if (counts[cell] > 0) means[cell] = static_cast<float>(sums[cell] / counts[cell]);
  return means;
}

nlohmann::json encoded_field(std::span<const float> values) {
  constexpr double kSteps = std::numeric_limits<std::int16_t>::max();  // on either side of the middle
  const auto [low, high] = range(values);
  const double offset = (low + high) / 2;
  const double scale = high > low ? (high - low) / (2 * kSteps) : 1.0;
  std::string bytes;
  bytes.reserve(2 * values.size());
  for (const float value : values) {
    const auto step = !std::isfinite(value)
                          ? kMissing
                          : static_cast<std::int16_t>(
                                std::clamp(std::round((static_cast<double>(value) - offset) / scale), -kSteps, kSteps));
    const auto pattern = static_cast<std::uint16_t>(step);
    bytes += static_cast<char>(pattern & 255U);
    bytes += static_cast<char>(pattern >> 8U);
  }
  return {{"scale", scale}, {"offset", offset}, {"missing", kMissing}, {"int16", base64(bytes)}};
}

}  // namespace fulmar::report
