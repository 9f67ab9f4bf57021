// Keeps a second head out of a run directory: two writers would ruin journal and checkpoints.
// Thread rule: plain owner; the lock belongs to the process and ends with it, however it ends.
//
// LOCK-1: at most one process on this machine holds the lock of a directory (over NFS: as far as its flock reaches).
#pragma once

#include <string>

#include "runtime/storage/file_descriptor.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::storage {

/// Holds the run directory until it is destroyed.
class RunLock {
 public:
  explicit RunLock(FileDescriptor file) : file_(std::move(file)) {}

 private:
  FileDescriptor file_;
};

/// Locks the file `.lock` in an existing directory, creating it where it is missing. Taken already: the message names
/// the holder's process id.
Result<RunLock> lock_run_directory(const std::string& directory);

}  // namespace fulmar::storage
