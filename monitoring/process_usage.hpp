// What this process has used of its machine.
// Thread rule: thread-safe.
#pragma once

namespace fulmar::monitoring {

struct ProcessUsage {
  double cpu_seconds = 0;     ///< user and system, all threads, since the start
  double resident_bytes = 0;  ///< now; 0 where /proc does not tell
};

ProcessUsage process_usage();

}  // namespace fulmar::monitoring
