// All that Fulmar ever asks of a file system: one small interface, so that tests and the simulator can tear it.
//
// Paths are relative to the storage's root and use '/'. Nothing is durable before sync() of the file and
// sync_directory() of its directory.
//
// Thread rule: calls on different files may come from different threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/vocabulary/result.hpp"

namespace fulmar::storage {

/// A file open for appending. Closing does not make it durable.
class OutputFile {
 public:
  virtual ~OutputFile() = default;
  virtual Result<void> append(std::span<const std::byte> bytes) = 0;
  virtual Result<void> sync() = 0;
};

class Storage {
 public:
  virtual ~Storage() = default;
  /// Creates or truncates. Directories of the path are not created.
  virtual Result<std::unique_ptr<OutputFile>> create(std::string_view path) = 0;
  /// Opens for appending, creating it when it is not there.
  virtual Result<std::unique_ptr<OutputFile>> append_to(std::string_view path) = 0;
  virtual Result<std::vector<std::byte>> read(std::string_view path) const = 0;
  /// The last `bytes` bytes of a file, or all of a shorter one: what is read does not grow with the file.
  virtual Result<std::vector<std::byte>> read_end(std::string_view path, std::uint64_t bytes) const = 0;
  virtual Result<void> truncate(std::string_view path, std::uint64_t bytes) = 0;
  /// Atomic; replaces a file, never a directory that is not empty.
  virtual Result<void> rename(std::string_view from, std::string_view to) = 0;
  virtual Result<void> create_directories(std::string_view path) = 0;
  virtual Result<void> sync_directory(std::string_view path) = 0;
  /// A file, or a directory with all that is in it. Not there: success.
  virtual Result<void> remove_all(std::string_view path) = 0;
  /// Names (not paths) in a directory, sorted.
  virtual Result<std::vector<std::string>> list(std::string_view path) const = 0;
  virtual bool exists(std::string_view path) const = 0;
  /// For messages: the path as a user knows it.
  virtual std::string display(std::string_view path) const = 0;
};

}  // namespace fulmar::storage
