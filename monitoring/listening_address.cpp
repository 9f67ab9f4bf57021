#include "monitoring/listening_address.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <memory>
#include <netdb.h>
#include <netinet/in.h>
#include <optional>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>

namespace fulmar::monitoring {
namespace {

struct HostAndPort {
  std::string host;
  std::uint16_t port = 0;
  bool is_port = false;  ///< false: the number is greater than ports are
};

std::optional<HostAndPort> split(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  HostAndPort out{.host = address.substr(0, colon)};
  const std::string digits = address.substr(colon + 1);
  const bool bracketed = out.host.size() > 2 && out.host.front() == '[' && out.host.back() == ']';
  if (bracketed) out.host = out.host.substr(1, out.host.size() - 2);
  if (out.host.empty() || (!bracketed && out.host.find_first_of(":[]") != std::string::npos)) return std::nullopt;

  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  const auto [rest, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
  out.is_port = failure == std::errc{};
  return out;
}

Error refused(const std::string& address, const std::string& reason, const std::string& remedy) {
  return Error{"--metrics " + address + ": " + reason + "; " + remedy};
}

Result<HostAndPort> parsed(const std::string& address) {
  const std::optional<HostAndPort> parts = split(address);
  if (!parts) return refused(address, "this is not HOST:PORT", "write for example --metrics 127.0.0.1:9464");
  if (!parts->is_port) {
    return refused(address, "ports end at 65535",
                   "choose one from 1024 to 65535, for example 9464, or 0 for a free one");
  }
  return *parts;
}

/// What bind() says to the address: the server's library tells only that something failed.
int try_to_bind(const addrinfo& candidate) {
  const int descriptor = socket(candidate.ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return errno;
  const int on = 1;
  setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  int failure = bind(descriptor, candidate.ai_addr, candidate.ai_addrlen) == 0 ? 0 : errno;
  // Two sockets with SO_REUSEADDR may be bound to one port; only one may listen.
  if (failure == 0 && listen(descriptor, 1) != 0) failure = errno;
  close(descriptor);
  return failure;
}

std::string remedy_for(int failure) {
  if (failure == EADDRINUSE) return "stop the program that has this port, or choose another (0 takes a free one)";
  if (failure == EACCES) return "choose a port from 1024 on, or 0 for a free one";
  if (failure == EADDRNOTAVAIL) return "choose an address of this machine, for example 127.0.0.1";
  return "choose another address or port";
}

std::string ip_of(const addrinfo& candidate) {
  std::array<char, NI_MAXHOST> ip{};
  const int failure =
      getnameinfo(candidate.ai_addr, candidate.ai_addrlen, ip.data(), ip.size(), nullptr, 0, NI_NUMERICHOST);
  return failure == 0 ? ip.data() : "";
}

bool is_loopback(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in ipv4{};
    std::memcpy(&ipv4, &address, sizeof ipv4);
    return ntohl(ipv4.sin_addr.s_addr) >> 24 == 127;
  }
  sockaddr_in6 ipv6{};
  std::memcpy(&ipv6, &address, sizeof ipv6);
  return IN6_IS_ADDR_LOOPBACK(&ipv6.sin6_addr);
}

}  // namespace

Result<void> check_address(const std::string& address) {
  const Result<HostAndPort> parts = parsed(address);
  return parts ? Result<void>{} : parts.error();
}

Result<ListeningAddress> resolve(const std::string& address) {
  const Result<HostAndPort> parts = parsed(address);
  if (!parts) return parts.error();
  const std::string port = std::to_string(parts->port);
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(parts->host.c_str(), port.c_str(), &wanted, &found);
  if (failure != 0) {
    return refused(address, "the host \"" + parts->host + "\" is not known (" + gai_strerror(failure) + ")",
                   "write an address of this machine, for example 127.0.0.1:" + port);
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> candidates(found, &freeaddrinfo);
  // A name may have several addresses: IPv4 first, since that is what scrapers are usually given.
  const addrinfo* chosen = candidates.get();
  while (chosen != nullptr && chosen->ai_family != AF_INET) chosen = chosen->ai_next;
  if (chosen == nullptr) chosen = candidates.get();
  if (const int reason = try_to_bind(*chosen); reason != 0) {
    return refused(address, "cannot listen there (" + std::generic_category().message(reason) + ")",
                   remedy_for(reason));
  }
  return ListeningAddress{.written = address,
                          .host = parts->host,
                          .ip = ip_of(*chosen),
                          .port = parts->port,
                          .is_loopback = is_loopback(*chosen->ai_addr)};
}

std::string ListeningAddress::ip_and_port() const {
  const bool is_ipv6 = ip.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + ip + "]" : ip) + ":" + std::to_string(port);
}

Error cannot_listen(const ListeningAddress& address, const std::string& reason, const std::string& remedy) {
  return refused(address.written, "cannot listen there (" + reason + ")", remedy);
}

}  // namespace fulmar::monitoring
