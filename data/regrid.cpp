#include "data/regrid.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::data {

Regridding::Regridding(std::size_t fine_rows, std::size_t fine_columns, std::size_t factor, bool periodic)
    : factor_(factor),
      coarse_rows_(fine_rows / factor),
      coarse_columns_(fine_columns / factor),
      rows_(place(fine_rows, factor, false)),
      columns_(place(fine_columns, factor, periodic)) {
  FULMAR_ASSERT(coarse_rows_ * factor == fine_rows && coarse_columns_ * factor == fine_columns,
                "the factor does not divide the grid");
}

std::vector<Regridding::Between> Regridding::place(std::size_t fine, std::size_t factor, bool periodic) {
  const auto f = static_cast<double>(factor);
  const auto cells = static_cast<double>(fine) / f;
  std::vector<Between> places(fine);
  for (std::size_t i = 0; i < fine; ++i) {
    double position = (static_cast<double>(i) - (f - 1.0) / 2.0) / f;
    if (!periodic) position = std::clamp(position, 0.0, cells - 1.0);
    const double lower = std::floor(position);
    const double upper = periodic ? lower + 1.0 : std::min(lower + 1.0, cells - 1.0);
    const auto round_the_circle = [&](double cell) {
      return static_cast<std::size_t>(cell < 0 ? cell + cells : cell >= cells ? cell - cells : cell);
    };
    places[i] = {round_the_circle(lower), round_the_circle(upper), static_cast<float>(position - lower)};
  }
  return places;
}

void Regridding::block_means(std::span<const float> fine, std::span<float> coarse) const {
  FULMAR_ASSERT(fine.size() == fine_size() && coarse.size() == coarse_size(), "block means of another grid");
  for (std::size_t cell = 0; cell < coarse.size(); ++cell) {
    const std::size_t top = cell / coarse_columns_ * factor_, left = cell % coarse_columns_ * factor_;
    double sum = 0;
    std::size_t count = 0;
    for (std::size_t i = top; i < top + factor_; ++i)
      for (std::size_t j = left; j < left + factor_; ++j) {
        const float value = fine[i * columns_.size() + j];
        if (std::isnan(value)) continue;
        sum += static_cast<double>(value);
        ++count;
      }
    coarse[cell] =
        count == 0 ? std::numeric_limits<float>::quiet_NaN() : static_cast<float>(sum / static_cast<double>(count));
  }
}

void Regridding::nearest(std::span<const float> coarse, std::span<float> fine) const {
  FULMAR_ASSERT(fine.size() == fine_size() && coarse.size() == coarse_size(), "nearest on another grid");
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const float* from = coarse.data() + i / factor_ * coarse_columns_;
    float* row = fine.data() + i * columns_.size();
    for (std::size_t cell = 0; cell < coarse_columns_; ++cell) std::fill_n(row + cell * factor_, factor_, from[cell]);
  }
}

void Regridding::bilinear(std::span<const float> coarse, std::span<float> fine) const {
  FULMAR_ASSERT(fine.size() == fine_size() && coarse.size() == coarse_size(), "bilinear on another grid");
  std::vector<float> blended(coarse_columns_);
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const float* lower = coarse.data() + rows_[i].lower * coarse_columns_;
    const float* upper = coarse.data() + rows_[i].upper * coarse_columns_;
    const float fraction = rows_[i].fraction;
    for (std::size_t j = 0; j < coarse_columns_; ++j) blended[j] = lower[j] * (1.0f - fraction) + upper[j] * fraction;
    float* row = fine.data() + i * columns_.size();
    for (std::size_t j = 0; j < columns_.size(); ++j) {
      const Between& place = columns_[j];
      row[j] = blended[place.lower] * (1.0f - place.fraction) + blended[place.upper] * place.fraction;
    }
  }
}

}  // namespace fulmar::data
