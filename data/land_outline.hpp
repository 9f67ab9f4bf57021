// Coastlines for maps: where a relief crosses 0 m, by marching squares on the relief's own points.
//
// Thread rule: pure functions.
//
// OUTLINE-1: between two neighbouring points of the relief there is a line exactly where one is land (above 0 m) and
//            the other is not; it crosses where the height interpolates to 0, half way where a height is missing.
// OUTLINE-2: lines lie in the grid's window, which reaches half a cell beyond its outer points, in the grid's
//            longitudes. Where the window is the full circle, a coast that leaves it in the east comes in in the west.
#pragma once

#include <cstddef>
#include <vector>

#include "data/grid.hpp"
#include "data/polyline.hpp"
#include "data/static_fields.hpp"

namespace fulmar::data {

/// What a map of the grid's cells covers.
MapBox map_window(const Grid& grid);

/// At most `points_max` points, see thinned().
std::vector<Polyline> land_outline(const SourceField& relief, const Grid& grid, std::size_t points_max = 10'000);

}  // namespace fulmar::data
