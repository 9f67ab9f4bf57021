// The address of --metrics: read, and tried, so that what is wrong with it is said before anything is served.
// Thread rule: pure, but for the name service and a socket that is closed again.
#pragma once

#include <cstdint>
#include <string>

#include "runtime/vocabulary/result.hpp"

namespace fulmar::monitoring {

struct ListeningAddress {
  std::string written{};  ///< HOST:PORT, as the user wrote it
  std::string host{};     ///< of that, without brackets
  std::string ip{};       ///< "127.0.0.1" or "::1"
  std::uint16_t port = 0;
  bool is_loopback = false;  ///< only programs of this machine reach it

  /// "127.0.0.1:9464" or "[::1]:9464"
  std::string ip_and_port() const;
};

/// Whether `address` is written as resolve() wants it; says nothing about whether anyone can listen there.
Result<void> check_address(const std::string& address);

/// Of "HOST:PORT"; the host may be a name, an IPv4 address or an IPv6 address in brackets; port 0 stands for a free
/// one. Errors name --metrics, the address and what to do.
Result<ListeningAddress> resolve(const std::string& address);

/// That nobody could listen on `address` after all, and what to do.
Error cannot_listen(const ListeningAddress& address, const std::string& reason, const std::string& remedy);

}  // namespace fulmar::monitoring
