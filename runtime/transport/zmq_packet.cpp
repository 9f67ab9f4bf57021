#include "runtime/transport/zmq_packet.hpp"

#include <cstring>
#include <memory>
#include <string>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::transport {
namespace {

using Owner = std::shared_ptr<const void>;

void release(void*, void* owner) {
  delete static_cast<Owner*>(owner);
}

/// ZeroMQ keeps `body.owner` until its bytes have left.
void lend(zmq_msg_t* frame, const Body& body) {
  FULMAR_ASSERT(body.owner != nullptr, std::to_string(body.bytes.size()) + " bytes are to be sent that nobody keeps");
  auto owner = std::make_unique<Owner>(body.owner);
  void* bytes = const_cast<std::byte*>(body.bytes.data());  // which ZeroMQ only reads
  zmq_msg_init_data(frame, bytes, body.bytes.size(), release, owner.release());
}

bool send_frame(ZmqSocket& socket, zmq_msg_t* frame, int more) {
  if (zmq_msg_send(frame, socket.handle(), ZMQ_DONTWAIT | more) >= 0) return true;
  zmq_msg_close(frame);
  return false;
}

void skip_rest(ZmqSocket& socket) {
  ZmqMessage frame;
  while (receive(socket, frame) && frame.more()) {
  }
}

}  // namespace

bool send_packet(ZmqSocket& socket, const Packet& packet) {
  FULMAR_ASSERT(packet.size() <= kPacketBytesMax,
                "a packet of " + std::to_string(packet.size()) + " bytes is to be sent");
  const bool has_body = !packet.body.bytes.empty();
  zmq_msg_t head;
  zmq_msg_init_size(&head, packet.head.size());
  if (!packet.head.empty()) std::memcpy(zmq_msg_data(&head), packet.head.data(), packet.head.size());
  if (!send_frame(socket, &head, has_body ? ZMQ_SNDMORE : 0)) return false;
  if (has_body) {
    zmq_msg_t body;
    lend(&body, packet.body);
    // Refused only where the connection has closed in between: then the packet is lost with it.
    static_cast<void>(send_frame(socket, &body, 0));
  }
  return true;
}

bool receive_packet(ZmqSocket& socket, ZmqMessage& head, Packet& packet) {
  packet.head.assign(head.data(), head.data() + head.size());
  if (!head.more()) return packet.size() <= kPacketBytesMax;
  const auto body = std::make_shared<ZmqMessage>();
  if (!receive(socket, *body)) return false;
  packet.body = {body, {body->data(), body->size()}};
  if (!body->more()) return packet.size() <= kPacketBytesMax;
  skip_rest(socket);
  return false;
}

}  // namespace fulmar::transport
