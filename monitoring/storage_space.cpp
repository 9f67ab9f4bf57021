#include "monitoring/storage_space.hpp"

#include <sys/statvfs.h>

namespace fulmar::monitoring {

std::optional<StorageSpace> storage_space(const std::string& directory) {
  struct statvfs told {};
  if (statvfs(directory.c_str(), &told) != 0) return std::nullopt;
  const auto block = static_cast<double>(told.f_frsize);
  return StorageSpace{static_cast<double>(told.f_bavail) * block, static_cast<double>(told.f_blocks) * block};
}

}  // namespace fulmar::monitoring
