// Where a head listens: tcp://HOST:PORT or ipc://PATH. Control and tensors have a connection each, so that control
// messages never queue behind tensors; the tensors' endpoint follows from the control's.
// Thread rule: plain values, pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/vocabulary/result.hpp"

namespace fulmar::transport {

struct Endpoint {
  enum class Kind { tcp, ipc };
  Kind kind = Kind::tcp;
  std::string host;        ///< tcp: a name, an IPv4 address, an IPv6 address (without brackets), or *
  std::uint16_t port = 0;  ///< tcp; 0: any free one (to listen at only)
  std::string path;        ///< ipc

  bool operator==(const Endpoint&) const = default;
};

/// `tcp://host:port`, `host:port` or `ipc://path`. Errors name the text, what is wrong with it, and an example.
Result<Endpoint> parse_endpoint(const std::string& text);
/// As ZeroMQ and a user write it.
std::string to_string(const Endpoint& endpoint);

/// Whether only this machine can reach it: a path, 127.0.0.0/8, ::1 or localhost.
bool is_local(const Endpoint& endpoint);
/// Where tensors travel when control is at `control`: the next port (any free one when that is 0), or PATH.tensors.
Endpoint tensors_of(const Endpoint& control);

}  // namespace fulmar::transport
