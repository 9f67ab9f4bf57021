// Files with a JSON object in each line, as heads append to them: read from the front in bounded memory, however long
// a run has been writing.
//
// Thread rule: pure functions; a head may append to the file meanwhile.
//
// LINES-1: a line that is not whole, as a crash leaves it, or not a JSON object, costs no other line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "runtime/vocabulary/result.hpp"

namespace fulmar::report {

/// Longer ones are none of ours.
inline constexpr std::size_t kLineBytesMax = std::size_t{1} << 16;

/// Calls `take` with each line that looks like a whole object, in order; it says whether it was one. Returns how many
/// lines were not. An empty line is no line. Errors name the file.
Result<std::uint64_t> for_each_object(const std::string& path, const std::function<bool(std::string_view)>& take);

}  // namespace fulmar::report
