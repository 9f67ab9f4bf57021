#include "runtime/transport/zmq_socket.hpp"

#include <algorithm>

#include "runtime/transport/packet.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::transport {
namespace {

/// A frame that CURVE has encrypted is larger by this at most.
constexpr std::size_t kEncryptionBytesMax = 64;
/// Packets that wait for one peer: the windows of nine links, and what is said around them.
constexpr int kSendQueueMax = 4096;
/// Packets of one peer that wait to be read: few, because each may be large. TCP holds the peer back.
constexpr int kReceiveQueueMax = 64;

void insist(int status, int option) {
  FULMAR_ASSERT(status == 0,
                "ZeroMQ does not take option " + std::to_string(option) + ": " + zmq_strerror(zmq_errno()));
}

}  // namespace

void ZmqSocket::set(int option, int value) {
  insist(zmq_setsockopt(handle_, option, &value, sizeof value), option);
}

void ZmqSocket::set(int option, std::int64_t value) {
  insist(zmq_setsockopt(handle_, option, &value, sizeof value), option);
}

void ZmqSocket::set(int option, std::string_view value) {
  insist(zmq_setsockopt(handle_, option, value.data(), value.size()), option);
}

std::string_view ZmqMessage::property(const char* name) {
  const char* value = zmq_msg_gets(&raw_, name);
  return value == nullptr ? std::string_view() : std::string_view(value);
}

bool receive(ZmqSocket& socket, ZmqMessage& message) {
  return zmq_msg_recv(message.raw(), socket.handle(), ZMQ_DONTWAIT) >= 0;
}

void limit(ZmqSocket& socket, const core::Liveness& liveness) {
  socket.set(ZMQ_SNDHWM, kSendQueueMax);
  socket.set(ZMQ_RCVHWM, kReceiveQueueMax);
  socket.set(ZMQ_MAXMSGSIZE, static_cast<std::int64_t>(kPacketBytesMax + kEncryptionBytesMax));
  const int patience_ms = static_cast<int>(whole_milliseconds(patience(liveness)));
  socket.set(ZMQ_HANDSHAKE_IVL, patience_ms);
  socket.set(ZMQ_HEARTBEAT_IVL, static_cast<int>(whole_milliseconds(liveness.value)));
  socket.set(ZMQ_HEARTBEAT_TIMEOUT, patience_ms);
  // What was sent last, a farewell for instance, is given so long to leave when the socket closes.
  socket.set(ZMQ_LINGER, static_cast<int>(whole_milliseconds(liveness.lost_after())));
}

Error no_curve() {
  return Error{"this libzmq was built without CURVE, which keys need; install one that has it, like Debian's libzmq5"};
}

Error too_many_files(const std::string& action) {
  return Error{"cannot " + action + ": this process has too many open files; raise the limit (ulimit -n)"};
}

long whole_milliseconds(core::Time time) {
  return static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(std::max(time, core::Time(0))).count());
}

}  // namespace fulmar::transport
