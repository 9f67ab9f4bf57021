// Fields as a report carries them: on a grid that a screen can show, 16 bits a point.
//
// Thread rule: immutable; pure functions.
//
// MAP-1: a value is off by at most half a step, the range of its field ÷ 65534.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include <nlohmann/json.hpp>

#include "data/grid.hpp"

namespace fulmar::report {

/// The cells that a map shows: the grid's own, or blocks of them where it is finer than `rows_max` × `columns_max`.
class MapCells {
 public:
  explicit MapCells(const data::Grid& grid, std::size_t rows_max = 180, std::size_t columns_max = 360);

  const data::Grid& grid() const { return cells_; }

  /// The plain mean of each block, of the points that are not NaN; NaN where all are.
  std::vector<float> averaged(std::span<const float> field) const;

 private:
  data::Grid cells_;
  std::size_t rows_, columns_;  ///< of the fine grid
  std::size_t block_rows_, block_columns_;
};

/// {"scale", "offset", "missing": -32768, "int16": base64 of little-endian integers}: value = offset + scale · integer.
nlohmann::json encoded_field(std::span<const float> values);

}  // namespace fulmar::report
