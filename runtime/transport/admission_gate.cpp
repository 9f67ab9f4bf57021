#include "runtime/transport/admission_gate.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <string_view>
#include <vector>

namespace fulmar::transport {
namespace {

constexpr const char* kAddress = "inproc://zeromq.zap.01";
constexpr std::string_view kVersion = "1.0";
constexpr const char* kStampProperty = "X-Stamp";
constexpr const char* kKeyProperty = "User-Id";
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kKeyCharacters = 40;

std::string z85(ZmqMessage& key) {
  std::array<char, kKeyCharacters + 1> text{};
  zmq_z85_encode(text.data(), reinterpret_cast<const std::uint8_t*>(key.data()), kKeyBytes);
  return std::string(text.data(), kKeyCharacters);
}

/// As ZMTP writes one: the length of the name in one byte, the name, that of the value in four, the value.
std::string property(std::string_view name, const std::string& value) {
  std::string bytes(1, static_cast<char>(name.size()));
  bytes += name;
  bytes += std::string(3, '\0') + static_cast<char>(value.size());
  return bytes + value;
}

}  // namespace

AdmissionGate::AdmissionGate(const ZmqContext& context) : socket_(context, ZMQ_REP) {
  if (!socket_.valid()) return;
  socket_.set(ZMQ_LINGER, 0);
  valid_ = zmq_bind(socket_.handle(), kAddress) == 0;
}

// Frames: version, request id, domain, address, routing id, mechanism, and with CURVE the public key.
std::optional<AdmissionGate::Request> AdmissionGate::next() {
  std::array<ZmqMessage, 7> frames;
  std::size_t count = 0;
  while (count < frames.size() && receive(socket_, frames[count]) && frames[count++].more()) {
  }
  if (count < 6) return {};
  Request request{std::string(frames[1].text()), {}};
  if (frames[5].text() == "CURVE" && count == 7 && frames[6].size() == kKeyBytes) request.key = z85(frames[6]);
  return request;
}

void AdmissionGate::admit(const Request& request, Stamp stamp) {
  answer(request, "200", property(kStampProperty, std::to_string(stamp)));
}

void AdmissionGate::refuse(const Request& request) {
  answer(request, "400", "");
}

// Frames: version, request id, status, its text, the user's id, further properties of the connection.
void AdmissionGate::answer(const Request& request, const std::string& status, const std::string& properties) {
  const std::array<std::string_view, 6> frames = {kVersion, request.id, status, "", request.key, properties};
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const int more = i + 1 < frames.size() ? ZMQ_SNDMORE : 0;
    zmq_send(socket_.handle(), frames[i].data(), frames[i].size(), ZMQ_DONTWAIT | more);
  }
}

Stamp AdmissionGate::stamp_of(ZmqMessage& frame) {
  const std::string_view text = frame.property(kStampProperty);
  Stamp stamp = 0;
  std::from_chars(text.data(), text.data() + text.size(), stamp);
  return stamp;
}

std::string AdmissionGate::key_of(ZmqMessage& frame) {
  return std::string(frame.property(kKeyProperty));
}

}  // namespace fulmar::transport
