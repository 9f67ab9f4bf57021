// The curves of a report: metrics.jsonl of a run, thinned to what a screen can show.
// Thread rule: pure functions; bounded memory.
//
// CURVES-1: there are never more than `points_max` points, and each of them is a line of the file.
// CURVES-2: the first and the last line are there, and so are the first and the last of every term, unless there are so
//           many terms that they alone would be too many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "runtime/vocabulary/result.hpp"

namespace fulmar::report {

struct TrainingCurves {
  /// Equally long lists: term, version, time (seconds since 1970), loss, samples_per_second, nodes; null where a line
  /// does not say.
  nlohmann::json columns;
  std::uint64_t skipped = 0;  ///< lines that could not be read
};

/// `points_max`: at least 12. Errors name the file.
Result<TrainingCurves> read_training_curves(const std::string& path, std::size_t points_max);

/// Curves without a point, where there is no such file.
TrainingCurves no_training_curves();

}  // namespace fulmar::report
