#include "runtime/storage/run_lock.hpp"

#include <array>
#include <cctype>
#include <sys/file.h>

#include "runtime/storage/system_error.hpp"

namespace fulmar::storage {
namespace {

/// " (process 1234)", or nothing where the file does not say.
std::string holder(const FileDescriptor& file) {
  std::array<char, 20> digits{};
  const ssize_t got = ::pread(file.number(), digits.data(), digits.size(), 0);
  std::string pid;
  for (ssize_t i = 0; i < got && std::isdigit(static_cast<unsigned char>(digits[static_cast<std::size_t>(i)])) != 0;
       ++i) {
    pid += digits[static_cast<std::size_t>(i)];
  }
  return pid.empty() ? "" : " (process " + pid + ")";
}

}  // namespace

Result<RunLock> lock_run_directory(const std::string& directory) {
  const std::string path = directory + "/.lock";
  FileDescriptor file(path.c_str(), O_RDWR | O_CREAT, 0644);
  if (!file.valid()) return system_error("open", path, errno);

  int status = 0;
  do {
    status = ::flock(file.number(), LOCK_EX | LOCK_NB);
  } while (status != 0 && errno == EINTR);
  if (status != 0 && errno == EWOULDBLOCK) {
    return Error{directory + " is in use by another head" + holder(file) +
                 "; wait until it ends, stop it, or use another run.directory"};
  }
  if (status != 0) return system_error("lock", path, errno);

  // The process id is for the message above only: the lock itself does not depend on what the file holds.
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file.number(), 0) != 0 || ::pwrite(file.number(), pid.data(), pid.size(), 0) < 0) {
    return system_error("write", path, errno);
  }
  return RunLock(std::move(file));
}

}  // namespace fulmar::storage
