#include "runtime/storage/posix_storage.hpp"

#include <algorithm>
#include <cerrno>
#include <dirent.h>
#include <filesystem>
#include <limits>
#include <sys/stat.h>

#include "runtime/storage/file_descriptor.hpp"
#include "runtime/storage/system_error.hpp"

namespace fulmar::storage {
namespace {

class PosixOutputFile final : public OutputFile {
 public:
  PosixOutputFile(FileDescriptor file, std::string path) : file_(std::move(file)), path_(std::move(path)) {}

  Result<void> append(std::span<const std::byte> bytes) override {
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_.number(), bytes.data(), bytes.size());
      if (written < 0) {
        if (errno == EINTR) continue;
        return system_error("write", path_, errno);
      }
      bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
  }

  Result<void> sync() override {
    if (!file_.sync()) return system_error("sync", path_, errno);
    return {};
  }

 private:
  FileDescriptor file_;
  std::string path_;
};

// O_APPEND also where the file is new: a write goes to the end even after truncate() moved it.
Result<std::unique_ptr<OutputFile>> open_for_writing(std::string path, int extra_flags) {
  FileDescriptor file(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | extra_flags, 0644);
  if (!file.valid()) return system_error("create", path, errno);
  return std::unique_ptr<OutputFile>(std::make_unique<PosixOutputFile>(std::move(file), std::move(path)));
}

Result<void> sync_one_directory(const std::string& path) {
  const FileDescriptor directory(path.c_str(), O_RDONLY | O_DIRECTORY);
  if (!directory.valid()) return system_error("open directory", path, errno);
  if (!directory.sync()) return system_error("sync directory", path, errno);
  return {};
}

}  // namespace

std::string PosixStorage::display(std::string_view path) const {
  if (path.empty() || path == ".") return root_;
  return root_ + "/" + std::string(path);
}

Result<std::unique_ptr<OutputFile>> PosixStorage::create(std::string_view path) {
  return open_for_writing(display(path), O_TRUNC);
}

Result<std::unique_ptr<OutputFile>> PosixStorage::append_to(std::string_view path) {
  return open_for_writing(display(path), 0);
}

Result<std::vector<std::byte>> PosixStorage::read(std::string_view path) const {
  return read_end(path, std::numeric_limits<std::uint64_t>::max());
}

Result<std::vector<std::byte>> PosixStorage::read_end(std::string_view path, std::uint64_t wanted) const {
  const std::string full = display(path);
  const FileDescriptor file(full.c_str(), O_RDONLY);
  struct stat status {};
  if (!file.valid() || ::fstat(file.number(), &status) != 0) return system_error("read", full, errno);
  if (!S_ISREG(status.st_mode)) return Error{"cannot read " + full + ": it is not a file; check the path"};

  const auto size = static_cast<std::uint64_t>(status.st_size);
  std::vector<std::byte> bytes(std::min(size, wanted));
  const std::uint64_t begin = size - bytes.size();
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t got =
        ::pread(file.number(), bytes.data() + filled, bytes.size() - filled, static_cast<off_t>(begin + filled));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", full, errno);
    if (got == 0) break;  // somebody shortened it meanwhile
    filled += static_cast<std::size_t>(got);
  }
  bytes.resize(filled);
  return bytes;
}

Result<void> PosixStorage::truncate(std::string_view path, std::uint64_t bytes) {
  const std::string full = display(path);
  int status = 0;
  do {
    status = ::truncate(full.c_str(), static_cast<off_t>(bytes));
  } while (status != 0 && errno == EINTR);
  if (status != 0) return system_error("truncate", full, errno);
  return {};
}

Result<void> PosixStorage::rename(std::string_view from, std::string_view to) {
  const std::string source = display(from);
  const std::string target = display(to);
  if (::rename(source.c_str(), target.c_str()) != 0) return system_error("rename " + source + " to", target, errno);
  return {};
}

Result<void> PosixStorage::create_directories(std::string_view path) {
  const std::filesystem::path full = display(path);
  std::filesystem::path prefix;
  std::error_code ignored;
  for (const auto& component : full) {
    const std::filesystem::path parent = prefix.empty() ? "." : prefix;
    prefix /= component;
    if (::mkdir(prefix.c_str(), 0755) == 0) {
      if (auto synced = sync_one_directory(parent); !synced) return synced;
    } else if (const int reason = errno; !std::filesystem::is_directory(prefix, ignored)) {
      return system_error("create directory", prefix, reason == EEXIST ? ENOTDIR : reason);
    }
  }
  return {};
}

Result<void> PosixStorage::sync_directory(std::string_view path) {
  return sync_one_directory(display(path));
}

Result<void> PosixStorage::remove_all(std::string_view path) {
  std::error_code reason;
  std::filesystem::remove_all(display(path), reason);
  if (reason) return system_error("remove", display(path), reason.value());
  return {};
}

Result<std::vector<std::string>> PosixStorage::list(std::string_view path) const {
  const std::string full = display(path);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::opendir(full.c_str()), ::closedir);
  if (!directory) return system_error("list", full, errno);

  std::vector<std::string> names;
  for (;;) {
    errno = 0;  // the only way to tell the end from a failure
    const dirent* entry = ::readdir(directory.get());
    if (entry == nullptr && errno != 0) return system_error("list", full, errno);
    if (entry == nullptr) break;
    const std::string name = static_cast<const char*>(entry->d_name);
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

bool PosixStorage::exists(std::string_view path) const {
  struct stat status {};
  return ::stat(display(path).c_str(), &status) == 0;
}

}  // namespace fulmar::storage
