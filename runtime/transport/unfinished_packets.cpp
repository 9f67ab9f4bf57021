#include "runtime/transport/unfinished_packets.hpp"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <optional>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <utility>

namespace fulmar::transport {
namespace {

/// What has come over a TCP connection, less what nobody has read yet.
std::optional<std::uint64_t> bytes_read(int descriptor) {
  tcp_info info{};
  socklen_t size = sizeof info;
  int unread = 0;
  if (::ioctl(descriptor, FIONREAD, &unread) != 0) return {};
  if (::getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return {};
  const auto waiting = static_cast<std::uint64_t>(unread);
  return info.tcpi_bytes_received > waiting ? info.tcpi_bytes_received - waiting : 0;
}

}  // namespace

bool UnfinishedPackets::judge(Reading& reading, std::uint64_t packets, std::uint64_t bytes) {
  if (packets != reading.packets) {
    reading = {packets, bytes, false};
    return false;
  }
  return bytes > reading.bytes + kUnfinishedBytesMax && std::exchange(reading.is_too_much, true);
}

void UnfinishedPackets::look(core::Time now, ConnectionTable& table) {
  if (now < next_look_) return;
  next_look_ = now + period_;
  std::map<PeerId, Reading> before = std::exchange(readings_, {});
  table.visit_open([&](const Connection& connection) {
    const std::optional<std::uint64_t> bytes = bytes_read(connection.descriptor);
    if (!bytes) return;
    Reading& reading = readings_[connection.peer];
    if (const auto known = before.find(connection.peer); known != before.end()) reading = known->second;
    if (judge(reading, connection.packets, *bytes)) cut_off(connection);
  });
}

void cut_off(const Connection& connection) {
  if (connection.closed == 0) ::shutdown(connection.descriptor, SHUT_RDWR);
}

}  // namespace fulmar::transport
