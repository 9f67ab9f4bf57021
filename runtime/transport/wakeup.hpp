// Makes a thread that waits for file descriptors return.
// Thread rule: ring() from any thread; the rest belongs to the one that waits.
#pragma once

#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>

namespace fulmar::transport {

class Wakeup {
 public:
  Wakeup() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}
  ~Wakeup() {
    if (valid()) ::close(descriptor_);
  }
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  /// False: the process may open no more files.
  bool valid() const { return descriptor_ >= 0; }
  /// Readable once it was rung.
  int descriptor() const { return descriptor_; }

  void ring() {
    const std::uint64_t once = 1;
    // It fails only where it has been rung for as often as it can count.
    static_cast<void>(!::write(descriptor_, &once, sizeof once));
  }
  void clear() {
    std::uint64_t rung = 0;
    static_cast<void>(!::read(descriptor_, &rung, sizeof rung));
  }

 private:
  int descriptor_;
};

}  // namespace fulmar::transport
