#include "monitoring/metrics_endpoint.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <exception>
#include <netdb.h>
#include <optional>
#include <sys/socket.h>
#include <system_error>
#include <unistd.h>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/exposer.h>

namespace fulmar::monitoring {
namespace {

class ServingEndpoint final : public MetricsEndpoint {
 public:
  /// Throws what the library throws.
  ServingEndpoint(const std::string& address, std::shared_ptr<prometheus::Collectable> collectable)
      : collectable_(std::move(collectable)), exposer_(address) {
    exposer_.RegisterCollectable(collectable_);
  }

  std::uint16_t port() const override { return static_cast<std::uint16_t>(exposer_.GetListeningPorts().at(0)); }

 private:
  std::shared_ptr<prometheus::Collectable> collectable_;  // the exposer holds it weakly
  prometheus::Exposer exposer_;
};

struct HostAndPort {
  std::string host;
  std::string port;
};

std::optional<HostAndPort> split(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos) return std::nullopt;
  HostAndPort out{address.substr(0, colon), address.substr(colon + 1)};
  const bool bracketed = out.host.size() > 2 && out.host.front() == '[' && out.host.back() == ']';
  if (bracketed) out.host = out.host.substr(1, out.host.size() - 2);
  if (out.host.empty() || (!bracketed && out.host.find_first_of(":[]") != std::string::npos)) return std::nullopt;

  unsigned port = 0;
  const char* end = out.port.data() + out.port.size();
  const auto [rest, failure] = std::from_chars(out.port.data(), end, port);
  if (failure != std::errc{} || rest != end || port > 65535) return std::nullopt;
  return out;
}

Error refused(const std::string& address, const std::string& reason, const std::string& remedy) {
  return Error{"--metrics " + address + ": " + reason + "; " + remedy};
}

Error not_an_address(const std::string& found) {
  return refused(found, "this is not HOST:PORT", "write for example --metrics 127.0.0.1:9100");
}

/// What bind() says to the address: the library tells only that something failed.
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

/// "1.2.3.4:9100" or "[::1]:9100"
std::string numeric(const addrinfo& candidate) {
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getnameinfo(candidate.ai_addr, candidate.ai_addrlen, host.data(), host.size(), port.data(), port.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
    return "";
  }
  const std::string name(host.data());
  return (candidate.ai_family == AF_INET6 ? "[" + name + "]" : name) + ":" + port.data();
}

/// A numeric address that can be listened on.
Result<std::string> resolve(const std::string& address) {
  const std::optional<HostAndPort> parts = split(address);
  if (!parts) return not_an_address(address);
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failure = getaddrinfo(parts->host.c_str(), parts->port.c_str(), &wanted, &found);
  if (failure != 0) {
    return refused(address, "the host \"" + parts->host + "\" is not known (" + gai_strerror(failure) + ")",
                   "write an address of this machine, for example 127.0.0.1:" + parts->port);
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
  return numeric(*chosen);
}

}  // namespace

Result<void> check_address(const std::string& address) {
  return split(address) ? Result<void>{} : not_an_address(address);
}

Result<std::unique_ptr<MetricsEndpoint>> serve(const std::string& address, const RunMetrics& metrics) {
  const Result<std::string> listening = resolve(address);
  if (!listening) return listening.error();
  try {
    return std::unique_ptr<MetricsEndpoint>(std::make_unique<ServingEndpoint>(*listening, metrics.collectable()));
  } catch (const std::exception& failure) {
    return refused(address, std::string("cannot listen there (") + failure.what() + ")", remedy_for(0));
  }
}

}  // namespace fulmar::monitoring
