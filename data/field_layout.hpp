// Which dimension of a NetCDF variable is time, latitude, longitude: told by units, standard_name and axis of its
// coordinate variable, never by its name, since producers agree on the former only.
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "data/netcdf_file.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::data {

enum class Axis { time, level, latitude, longitude, unknown };

Axis axis_of(const NetcdfVariable& coordinate);

/// Where a horizontal field lies in a variable: the last two dimensions are latitude and longitude, in this order; any
/// other dimension but time has length 1. Pointers live as long as the file.
struct FieldLayout {
  const NetcdfVariable* variable = nullptr;
  std::optional<std::size_t> time_dimension;
  const NetcdfVariable* time = nullptr;  ///< its coordinate; nullptr without a time dimension
  const NetcdfVariable* latitude = nullptr;
  const NetcdfVariable* longitude = nullptr;
};

/// The error names `key` (of the config), the file, the variable and the dimension that does not fit.
Result<FieldLayout> layout_of(const NetcdfFile& file, const NetcdfVariable& variable, std::string_view key);

}  // namespace fulmar::data
