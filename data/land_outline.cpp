#include "data/land_outline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

namespace fulmar::data {
namespace {

constexpr double kTolerance = 1e-6;  // degrees: closer ones are the same

/// A row or column of the relief, where it lies on the map.
struct MapLine {
  double degrees = 0;
  std::size_t index = 0;
};

/// The coordinates in [low, high] and the next ones beyond, ascending; `turn`: after so many degrees they come again.
std::vector<MapLine> lines_across(const std::vector<double>& coordinates, double low, double high, double turn) {
  if (coordinates.size() < 2) return {};
  const double margin = std::abs(coordinates[1] - coordinates[0]) + kTolerance;
  std::vector<MapLine> lines;
  for (std::size_t i = 0; i < coordinates.size(); ++i) {
    double degrees = coordinates[i];
    if (turn > 0) degrees -= turn * std::floor((degrees - low + margin) / turn);
    for (; degrees <= high + margin; degrees += turn) {
      if (degrees >= low - margin) lines.push_back({degrees, i});
      if (turn == 0) break;
    }
  }
  std::ranges::sort(lines, {}, &MapLine::degrees);
  const auto same = [](const MapLine& a, const MapLine& b) { return b.degrees - a.degrees < kTolerance; };
  lines.erase(std::unique(lines.begin(), lines.end(), same), lines.end());
  return lines;
}

/// Whether nothing is missing between a line and the next: a relief of a region ends somewhere.
std::vector<bool> neighbours(const std::vector<MapLine>& lines) {
  double step = 360.0;
  for (std::size_t i = 1; i < lines.size(); ++i) step = std::min(step, lines[i].degrees - lines[i - 1].degrees);
  std::vector<bool> joined;
  for (std::size_t i = 1; i < lines.size(); ++i) joined.push_back(lines[i].degrees - lines[i - 1].degrees < 1.5 * step);
  return joined;
}

/// The coast as segments between the sides of the relief's squares, and from those the lines.
class Coast {
 public:
  Coast(const SourceField& relief, const MapBox& window)
      : relief_(relief),
        rows_(lines_across(relief.latitudes, window.south, window.north, 0)),
        columns_(lines_across(relief.longitudes, window.west, window.east, 360)) {
    const std::vector<bool> above = neighbours(rows_), beside = neighbours(columns_);
    for (std::size_t row = 0; row + 1 < rows_.size(); ++row)
      for (std::size_t column = 0; column + 1 < columns_.size(); ++column)
        if (above[row] && beside[column]) cross(row, column);
  }

  std::vector<Polyline> lines() {
    std::vector<Polyline> lines;
    for (const bool closed : {false, true})  // the ends of open lines first: what is left then goes round
      for (const auto& [side, ends] : ends_)
        if (!ends.taken && (closed || ends.count == 1)) lines.push_back(follow(side));
    return lines;
  }

 private:
  /// A side between a point and the next one east (even) or north (odd).
  using Side = std::size_t;
  struct Ends {
    std::array<Side, 2> next{};
    std::size_t count = 0;
    bool taken = false;
  };

  Side eastward(std::size_t row, std::size_t column) const { return 2 * (row * columns_.size() + column); }
  Side northward(std::size_t row, std::size_t column) const { return eastward(row, column) + 1; }
  float height(std::size_t row, std::size_t column) const {
    return relief_.values[rows_[row].index * relief_.longitudes.size() + columns_[column].index];
  }
  bool is_land(std::size_t row, std::size_t column) const { return height(row, column) > 0.0f; }

  void join(Side a, Side b) {
    for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
      Ends& ends = ends_[from];
      ends.next[ends.count++] = to;
    }
  }

  /// The coast inside the square whose south-west corner is given.
  void cross(std::size_t row, std::size_t column) {
    const bool sw = is_land(row, column), se = is_land(row, column + 1);
    const bool nw = is_land(row + 1, column), ne = is_land(row + 1, column + 1);
    std::array<Side, 4> crossed{};  // counter-clockwise from the south
    std::size_t count = 0;
    if (sw != se) crossed[count++] = eastward(row, column);
    if (se != ne) crossed[count++] = northward(row, column + 1);
    if (ne != nw) crossed[count++] = eastward(row + 1, column);
    if (nw != sw) crossed[count++] = northward(row, column);
    if (count == 2) join(crossed[0], crossed[1]);
    if (count < 4) return;
    // A saddle: the middle says which two corners are joined.
    const bool cuts_off_south_east = middle_is_land(row, column) == sw;
    join(crossed[0], crossed[cuts_off_south_east ? 1 : 3]);
    join(crossed[2], crossed[cuts_off_south_east ? 3 : 1]);
  }

  bool middle_is_land(std::size_t row, std::size_t column) const {
    float sum = 0;
    for (const std::size_t i : {row, row + 1})
      for (const std::size_t j : {column, column + 1})
        if (const float value = height(i, j); !std::isnan(value)) sum += value;
    return sum > 0;
  }

  MapPoint point(Side side) const {
    const std::size_t row = side / 2 / columns_.size(), column = side / 2 % columns_.size();
    const bool east = side % 2 == 0;
    const auto here = static_cast<double>(height(row, column));
    const auto there = static_cast<double>(east ? height(row, column + 1) : height(row + 1, column));
    const double fraction = std::isnan(here) || std::isnan(there) ? 0.5 : here / (here - there);
    const std::vector<MapLine>& lines = east ? columns_ : rows_;
    const std::size_t low = east ? column : row;
    const double crossing = lines[low].degrees + fraction * (lines[low + 1].degrees - lines[low].degrees);
    return east ? MapPoint{crossing, rows_[row].degrees} : MapPoint{columns_[column].degrees, crossing};
  }

  Polyline follow(Side start) {
    Polyline line;
    for (Side side = start;;) {
      line.push_back(point(side));
      Ends& ends = ends_.at(side);
      ends.taken = true;
      const auto last = ends.next.begin() + static_cast<std::ptrdiff_t>(ends.count);
      const auto next = std::find_if(ends.next.begin(), last, [this](Side other) { return !ends_.at(other).taken; });
      if (next == last) break;
      side = *next;
    }
    if (ends_.at(start).count == 2) line.push_back(line.front());
    return line;
  }

  const SourceField& relief_;
  std::vector<MapLine> rows_, columns_;
  std::map<Side, Ends> ends_;
};

std::pair<double, double> reach(const std::vector<double>& coordinates) {
  const std::size_t last = coordinates.size() - 1;
  if (last == 0) return {coordinates[0] - 0.5, coordinates[0] + 0.5};
  return {coordinates[0] - (coordinates[1] - coordinates[0]) / 2,
          coordinates[last] + (coordinates[last] - coordinates[last - 1]) / 2};
}

}  // namespace

MapBox map_window(const Grid& grid) {
  const auto [west, east] = reach(grid.longitudes);
  const auto [south, north] = reach(grid.latitudes);
  return {west, east, std::max(south, -90.0), std::min(north, 90.0)};
}

std::vector<Polyline> land_outline(const SourceField& relief, const Grid& grid, std::size_t points_max) {
  const MapBox window = map_window(grid);
  std::vector<Polyline> outline;
  for (const Polyline& line : Coast(relief, window).lines())
    for (Polyline& part : clipped(line, window)) outline.push_back(std::move(part));
  return thinned(outline, points_max);
}

}  // namespace fulmar::data
