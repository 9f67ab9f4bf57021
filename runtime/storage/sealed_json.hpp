// A JSON document that carries its own checksum, readable by people and by any JSON parser.
//
// Format: pretty-printed JSON object whose last member, on a line of its own, is
//   "sha256_of_the_lines_above": "<64 hex digits>"
// over every byte of the file before that line. So one flipped bit or a missing end is found, wherever it is.
// Private to this folder's sources.
// Thread rule: pure functions.
//
// SEAL-1: unseal(seal(d)) is d; any other text is an Error.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "runtime/vocabulary/result.hpp"

namespace fulmar::storage {

/// `document`: an object with at least one member.
std::string seal(const nlohmann::json& document);

/// `where` begins the messages: the file as a user knows it.
Result<nlohmann::json> unseal(std::string_view text, const std::string& where);

}  // namespace fulmar::storage
