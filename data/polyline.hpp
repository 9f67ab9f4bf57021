// Lines on a map in degrees: cut to a box, and thinned until they are few enough to draw.
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <vector>

namespace fulmar::data {

struct MapPoint {
  double longitude = 0, latitude = 0;
  bool operator==(const MapPoint&) const = default;
};

/// Closed where its last point is its first.
using Polyline = std::vector<MapPoint>;

struct MapBox {
  double west = 0, east = 0, south = 0, north = 0;
};

/// The parts of a line inside the box; where it crosses the border, a part ends on it.
std::vector<Polyline> clipped(const Polyline& line, const MapBox& box);

/// At most `points_max` points (at least 2): where there are more, by the method of Douglas and Peucker ("Algorithms
/// for the reduction of the number of points required to represent a digitized line", 1973) with the smallest of a
/// series of tolerances, each twice the one before; a line that is smaller than the tolerance goes.
std::vector<Polyline> thinned(const std::vector<Polyline>& lines, std::size_t points_max);

}  // namespace fulmar::data
