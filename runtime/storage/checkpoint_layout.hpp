// Where the parts of a checkpoint lie in a run directory.
//
//   checkpoints/000000001234/{weights.safetensors, optimizer.safetensors (full ones only), state.json}
//   checkpoints/latest, best      text: a directory's name and a newline
//   checkpoints/.writing-NAME[.term-N]  not finished: worth nothing; N: of the head that writes
//   checkpoints/.replaced-NAME    the old one while a better one of the same version takes its place
//   checkpoints/.removing-NAME    on its way out
// Thread rule: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "runtime/core/run_state.hpp"

namespace fulmar::storage {

inline constexpr std::string_view kCheckpoints = "checkpoints";
inline constexpr std::string_view kWeightsFile = "weights.safetensors";
inline constexpr std::string_view kOptimizerFile = "optimizer.safetensors";
inline constexpr std::string_view kStateFile = "state.json";
inline constexpr std::string_view kWriting = ".writing-";
inline constexpr std::string_view kReplaced = ".replaced-";
inline constexpr std::string_view kRemoving = ".removing-";

/// At least twelve digits: "000000001234".
std::string version_name(core::Version version);
/// Nothing when `name` is not what version_name() makes.
std::optional<core::Version> parse_version_name(std::string_view name);

/// "checkpoints/NAME".
std::string in_checkpoints(std::string_view name);
/// "checkpoints/PREFIX000000001234", and a file in it.
std::string version_path(core::Version version, std::string_view prefix = "");

}  // namespace fulmar::storage
