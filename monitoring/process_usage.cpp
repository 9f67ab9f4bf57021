#include "monitoring/process_usage.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string>
#include <sys/resource.h>
#include <unistd.h>

namespace fulmar::monitoring {
namespace {

double seconds(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

core::ProcessUsage process_usage() {
  core::ProcessUsage usage;
  rusage used{};
  if (getrusage(RUSAGE_SELF, &used) == 0) usage.cpu_seconds = seconds(used.ru_utime) + seconds(used.ru_stime);
  std::ifstream statm("/proc/self/statm");  // in pages: all, resident, ...
  double pages = 0, resident_pages = 0;
  if (statm >> pages >> resident_pages) {
    usage.resident_bytes = resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
  }
  return usage;
}

double process_start_time() {
  std::ifstream status("/proc/self/stat");
  std::string line;
  std::getline(status, line);
  // The second field is the program's name in parentheses, which may hold anything; the start is the 22nd, in ticks
  // since the machine was started.
  std::istringstream fields(line.substr(std::min(line.size(), line.rfind(')') + 1)));
  std::string skipped;
  for (int field = 3; field < 22; ++field) fields >> skipped;
  double ticks = 0, uptime = 0;
  std::ifstream clock("/proc/uptime");
  if (!(fields >> ticks) || !(clock >> uptime)) return 0;
  const double age = uptime - ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
  const std::chrono::duration<double> now = std::chrono::system_clock::now().time_since_epoch();
  return now.count() - age;
}

}  // namespace fulmar::monitoring
