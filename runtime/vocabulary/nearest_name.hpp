// "did you mean …?": the candidate closest to what a user wrote.
// Thread rule: pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "runtime/vocabulary/result.hpp"

namespace fulmar {

/// `did you mean "X"?` when a candidate is close (edit distance, case ignored), and otherwise the list of all of them;
/// ready to end an error message.
std::string suggestion(std::string_view written, std::span<const std::string> candidates);

/// KEY = "WRITTEN" is not supported; and the suggestion.
Error unknown_choice(std::string_view key, std::string_view written, std::span<const std::string> choices);

}  // namespace fulmar
