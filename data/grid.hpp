// The regular latitude–longitude grid that a run works on: a window of the file's grid, rows from south to north.
// Thread rule: values, no shared state.
//
// GRID-1: latitudes and longitudes ascend; a field on the grid is [latitude][longitude], row major.
// GRID-2: area weights of all points sum to 1; a row at a pole weighs exactly 0.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/vocabulary/result.hpp"

namespace fulmar::data {

struct Grid {
  std::vector<double> latitudes;   ///< degrees north
  std::vector<double> longitudes;  ///< degrees east; may lie beyond 360
  bool periodic = false;           ///< the longitudes span the full circle

  std::size_t rows() const { return latitudes.size(); }
  std::size_t columns() const { return longitudes.size(); }
  std::size_t size() const { return rows() * columns(); }
};

/// Where a Grid lies in a file.
struct GridWindow {
  std::size_t first_row = 0, rows = 0;
  bool north_first = false;  ///< the file's rows run from north to south
  std::size_t first_column = 0, columns = 0;
  std::size_t file_columns = 0;  ///< a window may run over the file's last column into its first
};

/// [data] latitude and longitude, in degrees; none: everything.
struct WindowSpec {
  std::optional<std::pair<double, double>> latitude, longitude;
};

struct WindowedGrid {
  Grid grid;
  GridWindow window;
};

/// Selects the rows and columns inside the window. Errors name `path`, the key and what the file covers.
Result<WindowedGrid> select_window(const std::string& path, const std::vector<double>& file_latitudes,
                                   const std::vector<double>& file_longitudes, const WindowSpec& spec);

/// [rows]: cos(latitude), scaled so that the sum over all points is 1.
std::vector<double> row_weights(const Grid& grid);

/// Whether blocks of factor × factor points tile the grid. The error names the key and the nearest window that fits.
Result<void> check_divisible(const Grid& grid, std::size_t factor);

double radians(double degrees);

/// 2.5 -> "2.5", 90 -> "90": degrees as a user writes them.
std::string degrees_text(double degrees);

}  // namespace fulmar::data
