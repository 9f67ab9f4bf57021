#include "runtime/storage/system_error.hpp"

#include <cerrno>
#include <system_error>

namespace fulmar::storage {
namespace {

const char* remedy(int reason) {
  switch (reason) {
    case ENOSPC:
    case EDQUOT:
      return "free space there, or lower checkpoint.keep";
    case EACCES:
    case EPERM:
      return "check who owns it and its permissions";
    case EROFS:
      return "the file system is mounted read-only: use another directory";
    case ENOENT:
      return "check the path";
    case ENOTDIR:
      return "a file stands where a directory is expected: move it, or use another path";
    case EMFILE:
    case ENFILE:
      return "raise the limit of open files (ulimit -n)";
    case EIO:
      return "the disk reports an error: check its health in the system's log";
    default:
      return "check the disk and the path";
  }
}

}  // namespace

Error system_error(const std::string& action, const std::string& path, int reason) {
  return Error{"cannot " + action + " " + path + ": " + std::generic_category().message(reason) + "; " +
               remedy(reason)};
}

}  // namespace fulmar::storage
