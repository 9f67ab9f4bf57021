// An open file descriptor that closes itself.
// Thread rule: one owner.
#pragma once

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace fulmar::storage {

class FileDescriptor {
 public:
  /// open(2), again when a signal interrupts it; always close-on-exec. Failed: valid() is false, errno says why.
  FileDescriptor(const char* path, int flags, mode_t mode = 0) {
    do {
      number_ = ::open(path, flags | O_CLOEXEC, mode);
    } while (number_ < 0 && errno == EINTR);
  }
  FileDescriptor(FileDescriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~FileDescriptor() {
    if (number_ >= 0) ::close(number_);
  }

  bool valid() const { return number_ >= 0; }
  int number() const { return number_; }

  /// fsync(2), again when a signal interrupts it. False: errno says why.
  bool sync() const {
    int status = 0;
    do {
      status = ::fsync(number_);
    } while (status != 0 && errno == EINTR);
    return status == 0;
  }

 private:
  int number_ = -1;
};

}  // namespace fulmar::storage
