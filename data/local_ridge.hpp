// The strongest linear baseline of downscaling: in each coarse cell, the fine anomalies inside it regressed on the
// coarse anomalies of its 3 × 3 neighbourhood (rows replicated at the edge, longitudes periodic where the grid is), all
// variables together, without intercept, with ridge λ = 0.1 · trace(XᵀX) / predictors.
//
// Thread rule: add() by one thread; after solve(), predict() may be called from any.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "data/regrid.hpp"

namespace fulmar::data {

class LocalRidge {
 public:
  LocalRidge(const Regridding& regridding, bool periodic, std::size_t inputs, std::size_t targets);
  ~LocalRidge();
  LocalRidge(LocalRidge&&) noexcept;

  /// One training time: coarse anomalies [input][coarse cell] and fine anomalies [target][fine point], without NaN.
  void add(std::span<const float> coarse_anomalies, std::span<const float> fine_anomalies);
  void solve();

  /// Fine anomalies [target][fine point] from coarse ones.
  void predict(std::span<const float> coarse_anomalies, std::span<float> fine_anomalies) const;

 private:
  struct Cells;
  std::unique_ptr<Cells> cells_;
};

}  // namespace fulmar::data
