// How `fulmar simulate` is told of a cluster: "12x8@2.5,4x4@1", "10Gbit", "100us", "2/min".
// Thread rule: pure functions.
#pragma once

#include <string>
#include <vector>

#include "runtime/simulation/cluster_model.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::commands {

// Errors say what was found and what it should look like; the caller says which option it was.

/// Groups COUNT[xSLOTS][@LEAVES_PER_SECOND], with commas between; what is left out is as in NodeGroup.
Result<std::vector<planner::NodeGroup>> parse_nodes(const std::string& text);
/// A number and ns, us, ms, s, min or h; 0 needs no unit.
Result<planner::Time> parse_time(const std::string& text);
/// Bytes per second, from a number and kbit, Mbit, Gbit (per second), MB or GB (per second).
Result<double> parse_bandwidth(const std::string& text);
/// Bytes, from a number and B, kB, MB, GB, KiB, MiB or GiB.
Result<std::uint64_t> parse_bytes(const std::string& text);
/// Events per second, from a number and /s, /min or /h; 0 needs no unit.
Result<double> parse_rate(const std::string& text);

}  // namespace fulmar::commands
