// How full the file system is that a run writes to.
// Thread rule: thread-safe.
#pragma once

#include <optional>
#include <string>

namespace fulmar::monitoring {

struct StorageSpace {
  double free_bytes = 0;  ///< for those who are not root
  double size_bytes = 0;
};

/// Nothing where the system does not tell.
std::optional<StorageSpace> storage_space(const std::string& directory);

}  // namespace fulmar::monitoring
