// Fields without time ([[data.static]]), brought to the target grid and turned into input channels.
// Thread rule: pure functions.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "data/grid.hpp"
#include "data/task.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::data {

struct StaticChannel {
  std::string name;           ///< "ROSE.land"
  std::vector<float> values;  ///< [latitude][longitude], ready for a network
};

/// A field on any regular grid. NaN where missing.
struct SourceField {
  std::vector<double> latitudes, longitudes;
  std::vector<float> values;
};

/// At each point of `grid`, the plain mean of the source's points inside its cell, which reaches half way to the
/// neighbours (borders included), or the nearest point where the source is so coarse that the cell holds none. NaN
/// where all of them are missing.
std::vector<float> remap(const SourceField& source, const Grid& grid);

/// The field of a block on its own grid. Errors name the key, the file and the variable.
Result<SourceField> read_static_field(const StaticFieldSpec& spec);

/// The channels of every block, in the order written. `land`: 1 where the remapped relief is above 0; `height`: its
/// positive part in km, from m; none derived: the field itself, standardised over the grid. Missing counts as 0.
Result<std::vector<StaticChannel>> read_static_channels(const std::vector<StaticFieldSpec>& specs, const Grid& grid);

}  // namespace fulmar::data
