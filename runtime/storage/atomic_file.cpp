#include "runtime/storage/atomic_file.hpp"

#include <algorithm>

namespace fulmar::storage {

std::string join_path(std::string_view directory, std::string_view name) {
  if (directory == ".") return std::string(name);
  return std::string(directory) + "/" + std::string(name);
}

Result<void> write_synced(Storage& storage, std::string_view path, std::string_view text) {
  auto file = storage.create(path);
  if (!file) return file.error();
  if (auto done = (*file)->append(std::as_bytes(std::span(text))); !done) return done;
  return (*file)->sync();
}

Result<void> write_file_atomically(Storage& storage, std::string_view directory, std::string_view name,
                                   std::string_view text, const TermFence* fence) {
  const std::string temporary =
      join_path(directory, ".writing-" + std::string(name) + (fence ? fence->suffix() : std::string()));
  auto written = write_synced(storage, temporary, text);
  if (written && fence) written = fence->check();
  if (!written) {
    static_cast<void>(storage.remove_all(temporary));  // the first failure is the one to tell
    return written;
  }
  if (auto done = storage.rename(temporary, join_path(directory, name)); !done) return done;
  return storage.sync_directory(directory);
}

Result<std::string> read_text(const Storage& storage, std::string_view path) {
  const auto bytes = storage.read(path);
  if (!bytes) return bytes.error();
  std::string text(bytes->size(), '\0');
  std::transform(bytes->begin(), bytes->end(), text.begin(), [](std::byte b) { return static_cast<char>(b); });
  return text;
}

}  // namespace fulmar::storage
