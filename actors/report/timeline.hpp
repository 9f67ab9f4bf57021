// What happened in a run, for the timeline of a report: events.jsonl without its routine, and never too long.
// Thread rule: pure function; bounded memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <nlohmann/json.hpp>

#include "runtime/vocabulary/result.hpp"

namespace fulmar::report {

struct Timeline {
  /// As the file has them, oldest first; none of checkpoints written and validations made, which come all the time.
  nlohmann::json events = nlohmann::json::array();
  std::uint64_t left_out = 0;  ///< after the first quarter, where there were too many
  std::uint64_t skipped = 0;   ///< lines that could not be read
};

/// Errors name the file.
Result<Timeline> read_timeline(const std::string& path, std::size_t events_max);

}  // namespace fulmar::report
