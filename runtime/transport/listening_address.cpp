#include "runtime/transport/listening_address.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <system_error>
#include <unistd.h>

namespace fulmar::transport {
namespace {

std::string remedy(int reason) {
  switch (reason) {
    case EADDRINUSE:
      return "; another head may be running there: choose another one";
    case EADDRNOTAVAIL:
      return "; use an address of this machine, or * for all of them";
    case EACCES:
      return "; choose a port above 1023, or a path where you may write";
    case ENOENT:
      return "; make the directory, or choose another path";
    default:
      return "";
  }
}

Error cannot_listen(const Endpoint& endpoint, int reason) {
  return Error{"cannot listen at " + to_string(endpoint) + ": " + std::generic_category().message(reason) +
               remedy(reason)};
}

/// Whether somebody listens at the path.
bool is_answered(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), std::min(path.size(), sizeof address.sun_path - 1));
  const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return false;
  const bool answered =
      ::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN;
  ::close(descriptor);
  return answered;
}

/// ZeroMQ removes whatever lies at the path, be it another head's.
Result<void> check_path(const Endpoint& endpoint) {
  struct stat found {};
  if (endpoint.path.front() == '@' || ::lstat(endpoint.path.c_str(), &found) != 0) return {};
  if (!S_ISSOCK(found.st_mode)) {
    return Error{"cannot listen at " + to_string(endpoint) +
                 ": a file lies there that is no socket; choose another path"};
  }
  if (is_answered(endpoint.path)) return cannot_listen(endpoint, EADDRINUSE);
  return {};
}

/// A host as a number, which is all that ZeroMQ binds to.
Result<std::string> resolve(const Endpoint& endpoint) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_PASSIVE;
  // A name may have both kinds of addresses: this one first, because it is what a dialer tries first.
  wanted.ai_family = endpoint.host.find(':') == std::string::npos ? AF_INET : AF_INET6;
  addrinfo* found = nullptr;
  if (const int status = ::getaddrinfo(endpoint.host.c_str(), nullptr, &wanted, &found); status != 0) {
    return Error{"cannot listen at " + to_string(endpoint) + ": " + ::gai_strerror(status) + remedy(EADDRNOTAVAIL)};
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, ::freeaddrinfo);
  std::array<char, NI_MAXHOST> text{};
  ::getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST);
  return std::string(text.data());
}

/// The number behind the last colon.
std::uint16_t bound_port(ZmqSocket& socket) {
  std::array<char, 256> text{};
  std::size_t size = text.size();
  zmq_getsockopt(socket.handle(), ZMQ_LAST_ENDPOINT, text.data(), &size);
  const std::string address(text.data());
  return static_cast<std::uint16_t>(std::stoi(address.substr(address.rfind(':') + 1)));
}

Result<Endpoint> bind_tcp(ZmqSocket& socket, const Endpoint& endpoint) {
  Endpoint numeric = endpoint;
  if (endpoint.host != "*") {
    auto host = resolve(endpoint);
    if (!host) return host.error();
    numeric.host = std::move(*host);
  }
  // * is every address of both kinds.
  socket.set(ZMQ_IPV6, numeric.host == "*" || numeric.host.find(':') != std::string::npos ? 1 : 0);
  if (zmq_bind(socket.handle(), to_string(numeric).c_str()) != 0) return cannot_listen(endpoint, zmq_errno());
  Endpoint bound = endpoint;
  bound.port = bound_port(socket);
  return bound;
}

}  // namespace

Result<Endpoint> bind(ZmqSocket& socket, const Endpoint& endpoint) {
  if (endpoint.kind == Endpoint::Kind::tcp) return bind_tcp(socket, endpoint);
  if (auto checked = check_path(endpoint); !checked) return checked.error();
  if (zmq_bind(socket.handle(), to_string(endpoint).c_str()) != 0) return cannot_listen(endpoint, zmq_errno());
  return endpoint;
}

}  // namespace fulmar::transport
