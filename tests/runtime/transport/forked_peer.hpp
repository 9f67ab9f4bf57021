// Another process that dials, for tests which kill it. To be made before any carrier, so that it has none of this
// process's sockets.
// Thread rule: one owner.
#pragma once

#include <cstddef>
#include <string>
#include <sys/types.h>

#include "runtime/transport/endpoint.hpp"

namespace fulmar::transport {

class ForkedPeer {
 public:
  /// It waits to be told where to dial, sends `packets` with one number each on each of `connections`, and reads.
  ForkedPeer(std::size_t kind, std::size_t connections, std::size_t packets);
  /// Kills it, if it is there still.
  ~ForkedPeer();
  ForkedPeer(const ForkedPeer&) = delete;
  ForkedPeer& operator=(const ForkedPeer&) = delete;

  void dial(const Endpoint& endpoint);
  /// SIGKILL; it is gone when this returns.
  void kill();

 private:
  ::pid_t process_ = -1;
  int pipe_[2] = {-1, -1};
};

}  // namespace fulmar::transport
