// A config as text again, with every default spelled out.
// Thread rule: pure functions.
//
// RESOLVED-1: parsing resolved_toml(c) gives c.
// RESOLVED-2: weights_part(c) depends on what c says, never on how its file was written.
#pragma once

#include <string>

#include "actors/config/run_config.hpp"

namespace fulmar::config {

std::string resolved_toml(const RunConfig& config);

/// One sorted line for each key that the weights depend on.
std::string weights_part(const RunConfig& config);

}  // namespace fulmar::config
