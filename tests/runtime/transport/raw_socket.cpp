#include "tests/runtime/transport/raw_socket.hpp"

#include <array>
#include <cerrno>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

#include <boost/test/unit_test.hpp>

namespace fulmar::transport {

RawSocket::RawSocket(std::uint16_t port) : descriptor_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  BOOST_TEST_REQUIRE(::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

RawSocket::~RawSocket() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

RawSocket::RawSocket(RawSocket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), heard_(std::move(other.heard_)) {}

bool RawSocket::send(const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t more = ::send(descriptor_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (more < 0) return false;
    sent += static_cast<std::size_t>(more);
  }
  return true;
}

bool RawSocket::listen() {
  std::array<char, 4096> bytes{};
  ssize_t size = 0;
  while ((size = ::recv(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT)) > 0) {
    heard_.append(bytes.data(), static_cast<std::size_t>(size));
  }
  return size < 0 && (errno == EAGAIN || errno == EINTR);
}

bool RawSocket::is_hung_up() {
  return !listen();
}

bool RawSocket::has_heard(const std::string& words) {
  listen();
  return heard_.find(words) != std::string::npos;
}

std::string zmtp_greeting() {
  std::string bytes = {'\xFF', 0, 0, 0, 0, 0, 0, 0, 1, '\x7F', 3, 0};
  bytes += "NULL";
  bytes.resize(64);
  return bytes;
}

std::string zmtp_ready(const ZmtpProperties& further) {
  std::string body = "\5READY";
  ZmtpProperties properties = {{"Socket-Type", "DEALER"}};
  properties.insert(properties.end(), further.begin(), further.end());
  for (const auto& [name, value] : properties) {
    body += static_cast<char>(name.size());
    body += name + std::string(3, '\0') + static_cast<char>(value.size()) + value;
  }
  return std::string{'\4', static_cast<char>(body.size())} + body;
}

std::string zmtp_frame_header(std::uint64_t bytes, bool more) {
  std::string header(1, static_cast<char>(2 | (more ? 1 : 0)));  // a long frame
  for (int shift = 56; shift >= 0; shift -= 8) header += static_cast<char>(bytes >> shift & 0xFF);
  return header;
}

}  // namespace fulmar::transport
