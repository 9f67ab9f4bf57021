// errno as a message: what was tried, on which path, the system's reason, and what to do about it.
// Thread rule: pure function.
#pragma once

#include <string>

#include "runtime/vocabulary/result.hpp"

namespace fulmar::storage {

/// `action` completes "cannot …": "write", "open". `reason` is an errno.
Error system_error(const std::string& action, const std::string& path, int reason);

}  // namespace fulmar::storage
