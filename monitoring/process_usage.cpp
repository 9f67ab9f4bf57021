#include "monitoring/process_usage.hpp"

#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

namespace fulmar::monitoring {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

ProcessUsage process_usage() {
  ProcessUsage usage;
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0) usage.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  std::ifstream statm("/proc/self/statm");  // in pages: all, resident, ...
  double pages = 0, resident_pages = 0;
  if (statm >> pages >> resident_pages) {
    usage.resident_bytes = resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  }
  return usage;
}

}  // namespace fulmar::monitoring
