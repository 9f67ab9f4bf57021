// Storage over a directory of the file system. Every failure names the path, the system's reason and what to do.
// Thread rule: as Storage; the object itself holds nothing but the root's name.
#pragma once

#include <string>

#include "runtime/storage/storage.hpp"

namespace fulmar::storage {

class PosixStorage final : public Storage {
 public:
  /// Touches nothing: create_directories(".") makes the root.
  explicit PosixStorage(std::string root) : root_(std::move(root)) {}

  Result<std::unique_ptr<OutputFile>> create(std::string_view path) override;
  Result<std::unique_ptr<OutputFile>> append_to(std::string_view path) override;
  Result<std::vector<std::byte>> read(std::string_view path) const override;
  Result<std::vector<std::byte>> read_end(std::string_view path, std::uint64_t bytes) const override;
  Result<void> truncate(std::string_view path, std::uint64_t bytes) override;
  Result<void> rename(std::string_view from, std::string_view to) override;
  /// More than is promised: the parents of what it makes are synced, so that the root itself outlives a power cut.
  Result<void> create_directories(std::string_view path) override;
  Result<void> sync_directory(std::string_view path) override;
  Result<void> remove_all(std::string_view path) override;
  Result<std::vector<std::string>> list(std::string_view path) const override;
  bool exists(std::string_view path) const override;
  std::string display(std::string_view path) const override;

 private:
  std::string root_;
};

}  // namespace fulmar::storage
