#include "data/field_layout.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace fulmar::data {
namespace {

template <std::size_t N>
bool one_of(const std::string& text, const std::array<std::string_view, N>& list) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

constexpr std::array<std::string_view, 6> kLatitudeUnits{"degrees_north", "degree_north", "degrees_N",
                                                         "degree_N",      "degreesN",     "degreeN"};
constexpr std::array<std::string_view, 6> kLongitudeUnits{"degrees_east", "degree_east", "degrees_E",
                                                          "degree_E",     "degreesE",    "degreeE"};

}  // namespace

Axis axis_of(const NetcdfVariable& coordinate) {
  const std::string units = coordinate.text("units");
  const std::string standard_name = coordinate.text("standard_name");
  const std::string axis = coordinate.text("axis");
  if (one_of(units, kLatitudeUnits) || standard_name == "latitude") return Axis::latitude;
  if (one_of(units, kLongitudeUnits) || standard_name == "longitude") return Axis::longitude;
  if (units.find(" since ") != std::string::npos || standard_name == "time" || axis == "T") return Axis::time;
  if (axis == "Z" || !coordinate.text("positive").empty()) return Axis::level;
  if (axis == "Y") return Axis::latitude;
  if (axis == "X") return Axis::longitude;
  return Axis::unknown;
}

Result<FieldLayout> layout_of(const NetcdfFile& file, const NetcdfVariable& variable, std::string_view key) {
  const auto refused = [&](const std::string& why) {
    return Error{std::string(key) + " = \"" + variable.name + "\": in " + file.path() + " " + why};
  };
  FieldLayout layout;
  layout.variable = &variable;
  const std::size_t rank = variable.dimensions.size();
  if (rank < 2)
    return refused("it has " + std::to_string(rank) + " dimensions; name a variable on latitude and longitude");
  for (std::size_t i = 0; i < rank; ++i) {
    const NetcdfDimension& dimension = variable.dimensions[i];
    const NetcdfVariable* coordinate = file.find(dimension.name);
    const bool has_values = coordinate != nullptr && coordinate->dimensions.size() == 1;
    const Axis axis = has_values ? axis_of(*coordinate) : Axis::unknown;
    if (i == rank - 2 && axis == Axis::latitude) {
      layout.latitude = coordinate;
    } else if (i == rank - 1 && axis == Axis::longitude) {
      layout.longitude = coordinate;
    } else if (i < rank - 2 && axis == Axis::time && layout.time == nullptr) {
      layout.time_dimension = i;
      layout.time = coordinate;
    } else if (i >= rank - 2 || dimension.length != 1) {
      const std::string expected = i == rank - 2   ? "latitude (units = \"degrees_north\")"
                                   : i == rank - 1 ? "longitude (units = \"degrees_east\")"
                                                   : "time, or of length 1";
      return refused("dimension " + dimension.name + " (number " + std::to_string(i + 1) + " of " +
                     std::to_string(rank) + ", length " + std::to_string(dimension.length) + ") must be " + expected +
                     " by the attributes of its coordinate variable; expected order: time, "
                     "latitude, longitude");
    }
  }
  return layout;
}

}  // namespace fulmar::data
