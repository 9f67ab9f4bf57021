// What `train` and `join` ask of the machine that they run on.
// Thread rule: pure functions.
#pragma once

#include <cstdint>
#include <string>

namespace fulmar::commands {

/// As others know this machine; `otherwise` where it has no name.
std::string host_name(const std::string& otherwise);

/// Compute threads where nobody says how many.
std::uint32_t default_slots();

}  // namespace fulmar::commands
