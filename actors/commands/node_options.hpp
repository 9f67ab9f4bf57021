// What `train` and `join` ask of the machine that they run on.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace fulmar::commands {

/// As others know this machine; `otherwise` where it has no name.
std::string host_name(const std::string& otherwise);

/// Compute threads where nobody says how many.
std::uint32_t default_slots();

/// policy.leaves bounds how many slots a synchronous round can keep busy.
std::optional<std::string> slots_warning(std::uint32_t slots, std::uint64_t leaves);

}  // namespace fulmar::commands
