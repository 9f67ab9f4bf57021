// manifest.json of a run directory: what the head fixed at the start. Written once, never changed.
//
// Format: sealed JSON (sealed_json.hpp) with format (1) and the members of core::Manifest, named as the fields are.
// Thread rule: functions over a Storage; writing needs the run lock.
//
// MANIFEST-1: read_manifest() gives what write_manifest() was given, or an Error; so does parse_manifest() of
// manifest_text().
#pragma once

#include <string>
#include <string_view>

#include "runtime/core/manifest.hpp"
#include "runtime/storage/storage.hpp"

namespace fulmar::storage {

inline constexpr std::string_view kManifestFile = "manifest.json";

/// What the file holds: also how a head tells a node what the run is.
std::string manifest_text(const core::Manifest& manifest);
/// Errors begin with `where`.
Result<core::Manifest> parse_manifest(const std::string& text, const std::string& where);

/// There already: an Error, whatever it holds.
Result<void> write_manifest(Storage& storage, const core::Manifest& manifest);
Result<core::Manifest> read_manifest(const Storage& storage);

}  // namespace fulmar::storage
