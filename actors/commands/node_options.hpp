// What `train` and `join` ask of the machine that they run on.
// Thread rule: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace fulmar::commands {

/// As others know this machine; `otherwise` where it has no name.
std::string host_name(const std::string& otherwise);

/// Compute threads where nobody says how many.
std::uint32_t default_slots();

/// policy.leaves bounds how many slots one unit can keep busy: those of all nodes in a synchronous round, those of a
/// node otherwise.
std::optional<std::string> slots_warning(std::uint32_t slots, std::uint64_t leaves);

/// A policy's bound on staleness bounds how many nodes can be at work; `policy` as in a Status.
std::optional<std::string> nodes_warning(std::size_t nodes, const std::string& policy);

}  // namespace fulmar::commands
