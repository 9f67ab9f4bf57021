// A TCP connection without any protocol, for tests that speak nonsense.
// Thread rule: one owner.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace fulmar::transport {

class RawSocket {
 public:
  /// To 127.0.0.1.
  explicit RawSocket(std::uint16_t port);
  ~RawSocket();
  RawSocket(RawSocket&& other) noexcept;
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  RawSocket& operator=(RawSocket&&) = delete;

  /// False: the peer has hung up.
  bool send(const std::string& bytes);
  /// Whether the peer has hung up.
  bool is_hung_up();
  /// Whether the peer has said this by now.
  bool has_heard(const std::string& words);

 private:
  /// Takes what has come. False: the peer has hung up.
  bool listen();

  int descriptor_;
  std::string heard_;
};

/// The first words of ZMTP 3.0 without encryption, up to which a listener lets everybody in
/// (https://rfc.zeromq.org/spec/23).
std::string zmtp_greeting();
using ZmtpProperties = std::vector<std::pair<std::string, std::string>>;
std::string zmtp_ready(const ZmtpProperties& further = {});
/// The header of a frame that claims to have so many bytes.
std::string zmtp_frame_header(std::uint64_t bytes, bool more);

}  // namespace fulmar::transport
