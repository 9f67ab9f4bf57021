#include "data/polyline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

namespace fulmar::data {
namespace {

MapPoint between(const MapPoint& a, const MapPoint& b, double fraction) {
  return {a.longitude + fraction * (b.longitude - a.longitude), a.latitude + fraction * (b.latitude - a.latitude)};
}

/// From where to where, as fractions of its length, a segment is inside the box (Liang and Barsky, 1984).
std::optional<std::pair<double, double>> inside(const MapPoint& a, const MapPoint& b, const MapBox& box) {
  const double dx = b.longitude - a.longitude, dy = b.latitude - a.latitude;
  const std::array<std::pair<double, double>, 4> borders{{{-dx, a.longitude - box.west},
                                                          {dx, box.east - a.longitude},
                                                          {-dy, a.latitude - box.south},
                                                          {dy, box.north - a.latitude}}};
  double enters = 0, leaves = 1;
  for (const auto& [outward, distance] : borders) {
    if (outward == 0 && distance < 0) return std::nullopt;
    if (outward < 0) enters = std::max(enters, distance / outward);
    if (outward > 0) leaves = std::min(leaves, distance / outward);
  }
  if (enters >= leaves) return std::nullopt;
  return std::pair(enters, leaves);
}

/// Squared, from `point` to the segment from `a` to `b`, in degrees as they lie on the map.
double squared_distance(const MapPoint& point, const MapPoint& a, const MapPoint& b) {
  const double dx = b.longitude - a.longitude, dy = b.latitude - a.latitude;
  const double square = dx * dx + dy * dy;
  const double along = (point.longitude - a.longitude) * dx + (point.latitude - a.latitude) * dy;
  const MapPoint foot = between(a, b, square > 0 ? std::clamp(along / square, 0.0, 1.0) : 0.0);
  const double x = point.longitude - foot.longitude, y = point.latitude - foot.latitude;
  return x * x + y * y;
}

Polyline simplified(const Polyline& line, double tolerance) {
  std::vector<bool> kept(line.size(), false);
  kept.front() = kept.back() = true;
  std::vector<std::pair<std::size_t, std::size_t>> stretches{{0, line.size() - 1}};
  while (!stretches.empty()) {
    const auto [first, last] = stretches.back();
    stretches.pop_back();
    std::size_t farthest = first;
    double most = tolerance * tolerance;
    for (std::size_t i = first + 1; i < last; ++i) {
      const double distance = squared_distance(line[i], line[first], line[last]);
      if (distance <= most) continue;
      most = distance;
      farthest = i;
    }
    if (farthest == first) continue;
    kept[farthest] = true;
    stretches.emplace_back(first, farthest);
    stretches.emplace_back(farthest, last);
  }
  Polyline simple;
  for (std::size_t i = 0; i < line.size(); ++i)
    if (kept[i]) simple.push_back(line[i]);
  return simple;
}

MapBox bounds(const std::vector<Polyline>& lines) {
  constexpr double kFar = std::numeric_limits<double>::infinity();
  MapBox box{kFar, -kFar, kFar, -kFar};
  for (const Polyline& line : lines)
    for (const MapPoint& point : line) {
      box.west = std::min(box.west, point.longitude);
      box.east = std::max(box.east, point.longitude);
      box.south = std::min(box.south, point.latitude);
      box.north = std::max(box.north, point.latitude);
    }
  return box;
}

double extent(const MapBox& box) {
  return std::max(box.east - box.west, box.north - box.south);
}

std::size_t point_count(const std::vector<Polyline>& lines) {
  std::size_t count = 0;
  for (const Polyline& line : lines) count += line.size();
  return count;
}

}  // namespace

std::vector<Polyline> clipped(const Polyline& line, const MapBox& box) {
  std::vector<Polyline> parts;
  bool goes_on = false;  // the last part ends where the next segment begins
  for (std::size_t i = 1; i < line.size(); ++i) {
    const auto part = inside(line[i - 1], line[i], box);
    if (!part) {
      goes_on = false;
      continue;
    }
    const auto [enters, leaves] = *part;
    if (!goes_on || enters > 0) parts.push_back({enters > 0 ? between(line[i - 1], line[i], enters) : line[i - 1]});
    parts.back().push_back(leaves < 1 ? between(line[i - 1], line[i], leaves) : line[i]);
    goes_on = leaves == 1;
  }
  return parts;
}

std::vector<Polyline> thinned(const std::vector<Polyline>& lines, std::size_t points_max) {
  constexpr double kFinest = 1.0 / 16384;  // of the extent: less than a screen shows
  const double finest = std::max(extent(bounds(lines)) * kFinest, std::numeric_limits<double>::epsilon());
  std::vector<Polyline> kept = lines;
  for (double tolerance = finest; point_count(kept) > points_max; tolerance *= 2) {
    kept.clear();
    for (const Polyline& line : lines)
      if (extent(bounds({line})) > tolerance) kept.push_back(simplified(line, tolerance));
  }
  return kept;
}

}  // namespace fulmar::data
