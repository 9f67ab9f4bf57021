// What this process has used of its machine.
// Thread rule: thread-safe.
#pragma once

#include "runtime/core/messages.hpp"

namespace fulmar::monitoring {

core::ProcessUsage process_usage();
/// When the process started, in seconds since 1970; 0 where /proc does not tell.
double process_start_time();

}  // namespace fulmar::monitoring
