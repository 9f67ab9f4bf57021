#include "runtime/transport/endpoint.hpp"

#include <arpa/inet.h>
#include <cstddef>
#include <optional>
#include <string_view>
#include <sys/un.h>

namespace fulmar::transport {
namespace {

constexpr std::string_view kTcp = "tcp://";
constexpr std::string_view kIpc = "ipc://";
constexpr std::string_view kTensorsSuffix = ".tensors";
/// The system's limit, less its closing zero, for both of the paths that a head listens at.
constexpr std::size_t kPathBytesMax = sizeof(sockaddr_un{}.sun_path) - 1 - kTensorsSuffix.size();

Error no_endpoint(const std::string& text, const std::string& problem) {
  return Error{
      "'" + text + "' is no endpoint: " + problem +
      "; write it like tcp://192.168.1.10:7070, tcp://[fe80::1]:7070, tcp://*:7070 or ipc:///tmp/fulmar.socket"};
}

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1;
}

/// Of a name or an IPv4 address; what else it may mean is found out when it is looked up.
bool is_host_name(const std::string& host) {
  return host.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") ==
         std::string::npos;
}

/// A link-local address may name its interface: fe80::1%eth0.
bool is_ipv6(const std::string& host) {
  in6_addr address{};
  return ::inet_pton(AF_INET6, host.substr(0, host.find('%')).c_str(), &address) == 1;
}

std::optional<std::uint16_t> parse_port(const std::string& text) {
  if (text.empty() || text.size() > 5 || text.find_first_not_of("0123456789") != std::string::npos) return {};
  const int port = std::stoi(text);
  if (port > 65535) return {};
  return static_cast<std::uint16_t>(port);
}

Result<Endpoint> parse_ipc(const std::string& text, const std::string& path) {
  if (path.empty()) return no_endpoint(text, "the path is missing");
  if (path == "*") return no_endpoint(text, "a path is needed, for others to find it");
  if (path.size() > kPathBytesMax) {
    return no_endpoint(text, "its path has " + std::to_string(path.size()) + " bytes, and the system allows for " +
                                 std::to_string(kPathBytesMax));
  }
  return Endpoint{Endpoint::Kind::ipc, {}, 0, path};
}

Result<Endpoint> parse_tcp(const std::string& text, const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || address.back() == ']') return no_endpoint(text, "the port is missing");
  const std::optional<std::uint16_t> port = parse_port(address.substr(colon + 1));
  if (!port) return no_endpoint(text, "'" + address.substr(colon + 1) + "' is not a port (0 to 65535)");
  std::string host = address.substr(0, colon);
  if (host.empty()) return no_endpoint(text, "the host is missing");
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    if (!is_ipv6(host)) return no_endpoint(text, "'" + host + "' is not an IPv6 address");
  } else if (host.find(':') != std::string::npos) {
    return no_endpoint(text, "an IPv6 address stands in brackets");
  } else if (host != "*" && !is_host_name(host)) {
    return no_endpoint(text, "'" + host + "' is not a host");
  }
  return Endpoint{Endpoint::Kind::tcp, host, *port, {}};
}

}  // namespace

Result<Endpoint> parse_endpoint(const std::string& text) {
  if (text.find('\0') != std::string::npos) return no_endpoint("", "there is a zero byte in it");
  if (text.starts_with(kIpc)) return parse_ipc(text, text.substr(kIpc.size()));
  if (text.starts_with(kTcp)) return parse_tcp(text, text.substr(kTcp.size()));
  if (const std::size_t scheme = text.find("://"); scheme != std::string::npos) {
    return no_endpoint(text, "'" + text.substr(0, scheme) + "' is neither tcp nor ipc");
  }
  return parse_tcp(text, text);
}

std::string to_string(const Endpoint& endpoint) {
  if (endpoint.kind == Endpoint::Kind::ipc) return std::string(kIpc) + endpoint.path;
  const bool brackets = endpoint.host.find(':') != std::string::npos;
  const std::string host = brackets ? "[" + endpoint.host + "]" : endpoint.host;
  return std::string(kTcp) + host + ":" + std::to_string(endpoint.port);
}

bool is_local(const Endpoint& endpoint) {
  if (endpoint.kind == Endpoint::Kind::ipc) return true;
  if (endpoint.host == "localhost") return true;
  if (is_ipv4(endpoint.host)) return endpoint.host.starts_with("127.");
  in6_addr address{};
  if (::inet_pton(AF_INET6, endpoint.host.c_str(), &address) != 1) return false;
  return IN6_IS_ADDR_LOOPBACK(&address) || (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
}

Endpoint tensors_of(const Endpoint& control) {
  Endpoint tensors = control;
  if (control.kind == Endpoint::Kind::ipc) {
    tensors.path += kTensorsSuffix;
  } else if (control.port != 0) {
    tensors.port = static_cast<std::uint16_t>(control.port + 1);  // after 65535 comes 0: any free one
  }
  return tensors;
}

}  // namespace fulmar::transport
