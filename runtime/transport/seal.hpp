// Seals the packets of one session's tensor connection: AES-256-GCM over head and body, which is several times quicker
// than CURVE. The key is drawn by the head and travels over the CURVE-encrypted control connection.
//
// A sealed packet's head is: incarnation (8 bytes), number (8), tag (16), ciphertext of the head; its body is the
// ciphertext of the body. Numbers rise by one from 1, separately for each direction, which is part of the nonce.
// Thread rule: one owner.
//
// SEAL-1: what was changed, cut, divided otherwise into head and body, or sealed for another session or direction does
// not open. SEAL-2: a packet opens once: one that is not newer than the last is `replayed` (a connection keeps the
// order). SEAL-3: no nonce is used twice.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "runtime/core/identity.hpp"
#include "runtime/transport/datagram.hpp"
#include "runtime/transport/traffic.hpp"

struct evp_cipher_ctx_st;

namespace fulmar::transport {

class Seal {
 public:
  /// `own`: which side this end is.
  Seal(const SessionKey& key, core::Incarnation incarnation, Side own);

  Packet seal(const Packet& packet);
  /// The packet as it was before it was sealed; or `forged`, `replayed`.
  std::variant<Packet, Drop> open(const Packet& sealed);

  /// Of which session a sealed packet claims to be; nothing where it is too short.
  static std::optional<core::Incarnation> incarnation_of(const Packet& sealed);

 private:
  struct Free {
    void operator()(evp_cipher_ctx_st* cipher) const;
  };
  /// OpenSSL's state with the key in it, which is wiped when it is freed.
  using Cipher = std::unique_ptr<evp_cipher_ctx_st, Free>;

  Cipher cipher_;
  core::Incarnation incarnation_;
  Side own_;
  std::uint64_t sealed_ = 0;
  std::uint64_t opened_ = 0;
};

/// From the system's source of randomness.
SessionKey draw_session_key();

}  // namespace fulmar::transport
