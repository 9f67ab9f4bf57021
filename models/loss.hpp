// The area-weighted mean squared error of one sample, as sums: the update divides by the weight sum of its round.
// Thread rule: pure function of its arguments.
//
// LOSS-1: elements under mask 0 are left out by selection: their target may be NaN.
// LOSS-2: both sums run in double over (channel, latitude, longitude) in 16 lanes, lane = longitude mod 16.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "models/model.hpp"

namespace fulmar::models {

/// `prediction` and `derivative` are [channels][latitudes] rows of `row_floats` floats; `target` and `mask` (null:
/// everything counts) are [channels][latitudes][longitudes]; `area_weight` is [latitudes].
/// `derivative`, unless null, receives dL/d(prediction) = 2 · area_weight · (prediction − target) / channels, only at
/// the real longitudes.
LeafSums area_weighted_squared_error(const FieldShape& shape, const float* prediction, std::size_t row_floats,
                                     const float* target, const std::uint8_t* mask, std::span<const float> area_weight,
                                     float* derivative);

}  // namespace fulmar::models
