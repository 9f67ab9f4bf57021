// TOML text into plain values, and --set on top: the adapter of the TOML library, whose types and exceptions end here.
// Thread rule: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "actors/config/config_value.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::config {

/// `file` is for messages.
Result<Table> parse_toml(std::string_view text, std::string_view file);

/// Sets one value, "dotted.key=value": a TOML value, or else the bare text as a string. Sections that are not there are
/// made.
Result<void> apply_override(Table& document, std::string_view assignment);

}  // namespace fulmar::config
