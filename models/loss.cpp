#include "models/loss.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "models/kernels/lanes.hpp"

namespace fulmar::models {
namespace {

using kernels::kLanes;
using Lanes = std::array<double, kLanes>;

struct Row {
  const float* prediction;
  const float* target;
  const std::uint8_t* mask;  // null: everything counts
  float* derivative;         // null: not wanted
  double weight;
  double slope;  // 2 · weight / channels
};

/// Up to 16 longitudes from `first`: each has a lane of its own, so the compiler may run them side by side.
template <bool Masked, bool Derivative>
inline void add_group(const Row& row, std::size_t first, std::size_t count, Lanes& loss, Lanes& weight) {
  for (std::size_t lane = 0; lane < count; ++lane) {
    const std::size_t i = first + lane;
    const bool counts = !Masked || row.mask[i] != 0;
    const double difference = static_cast<double>(row.prediction[i]) - static_cast<double>(row.target[i]);
    const double error = counts ? difference : 0.0;
    loss[lane] = std::fma(row.weight * error, error, loss[lane]);
    weight[lane] += counts ? row.weight : 0.0;
    if constexpr (Derivative) row.derivative[i] = static_cast<float>(row.slope * error);
  }
}

template <bool Masked, bool Derivative>
void add_row(const Row& row, std::size_t longitudes, Lanes& loss, Lanes& weight) {
  std::size_t first = 0;
  for (; first + kLanes <= longitudes; first += kLanes) {
    add_group<Masked, Derivative>(row, first, kLanes, loss, weight);
  }
  add_group<Masked, Derivative>(row, first, longitudes - first, loss, weight);
}

void add_row(const Row& row, std::size_t longitudes, Lanes& loss, Lanes& weight) {
  if (row.mask != nullptr) {
    row.derivative != nullptr ? add_row<true, true>(row, longitudes, loss, weight)
                              : add_row<true, false>(row, longitudes, loss, weight);
  } else {
    row.derivative != nullptr ? add_row<false, true>(row, longitudes, loss, weight)
                              : add_row<false, false>(row, longitudes, loss, weight);
  }
}

}  // namespace

LeafSums area_weighted_squared_error(const FieldShape& shape, const float* prediction, std::size_t row_floats,
                                     const float* target, const std::uint8_t* mask, std::span<const float> area_weight,
                                     float* derivative) {
  const double channels = static_cast<double>(shape.channels);
  Lanes loss{};
  Lanes weight{};
  for (std::size_t row = 0; row < shape.channels * shape.latitudes; ++row) {
    const double area = static_cast<double>(area_weight[row % shape.latitudes]);
    const std::size_t padded = row * row_floats;
    const std::size_t plain = row * shape.longitudes;
    add_row({prediction + padded, target + plain, mask != nullptr ? mask + plain : nullptr,
             derivative != nullptr ? derivative + padded : nullptr, area, 2.0 * area / channels},
            shape.longitudes, loss, weight);
  }
  return {kernels::join_lanes(loss) / channels, kernels::join_lanes(weight) / channels};
}

}  // namespace fulmar::models
