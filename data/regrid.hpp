// Between the fine grid and its blocks of factor × factor points: block means down, nearest and bilinear up.
//
// Thread rule: immutable after construction.
//
// REGRID-1: the centre of coarse cell k lies at fine index factor·k + (factor − 1)/2, so fine index i lies at coarse
//           coordinate (i − (factor − 1)/2) / factor.
// REGRID-2: longitudes go round where the grid does and are clamped elsewhere; latitudes are always clamped.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace fulmar::data {

class Regridding {
 public:
  /// `factor` divides both.
  Regridding(std::size_t fine_rows, std::size_t fine_columns, std::size_t factor, bool periodic);

  std::size_t factor() const { return factor_; }
  std::size_t coarse_rows() const { return coarse_rows_; }
  std::size_t coarse_columns() const { return coarse_columns_; }
  std::size_t fine_size() const { return rows_.size() * columns_.size(); }
  std::size_t coarse_size() const { return coarse_rows_ * coarse_columns_; }

  /// Plain means of the blocks over the points that are not NaN; NaN where a block has none.
  void block_means(std::span<const float> fine, std::span<float> coarse) const;

  /// Each fine point takes its block's value.
  void nearest(std::span<const float> coarse, std::span<float> fine) const;

  /// `coarse` must not hold NaN.
  void bilinear(std::span<const float> coarse, std::span<float> fine) const;

 private:
  /// A fine row or column between two coarse ones: lower · (1 − fraction) + upper · fraction.
  struct Between {
    std::size_t lower = 0, upper = 0;
    float fraction = 0;
  };
  static std::vector<Between> place(std::size_t fine, std::size_t factor, bool periodic);

  std::size_t factor_, coarse_rows_, coarse_columns_;
  std::vector<Between> rows_, columns_;
};

}  // namespace fulmar::data
