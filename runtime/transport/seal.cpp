#include "runtime/transport/seal.hpp"

#include <array>
#include <bit>
#include <cstring>
#include <span>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::transport {
namespace {

static_assert(std::endian::native == std::endian::little, "numbers are little-endian on the wire");

using Cipher = evp_cipher_ctx_st;

constexpr std::size_t kNumberBytes = 8;
constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kPrefixBytes = 2 * kNumberBytes + kTagBytes;

enum class Direction { sealing = 1, opening = 0 };  // as OpenSSL has it

void insist(int status) {
  FULMAR_ASSERT(status == 1, "AES-256-GCM of OpenSSL does not work");
}

unsigned char* bytes_of(std::byte* bytes) {
  return reinterpret_cast<unsigned char*>(bytes);
}
const unsigned char* bytes_of(const std::byte* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}

std::uint64_t number_at(const std::byte* bytes) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

/// SEAL-3: a key belongs to one session, a side to one end of it, and a number to one packet of that end.
void begin(Cipher* cipher, Direction direction, Side sealed_by, std::uint64_t number) {
  std::array<unsigned char, 12> nonce{};
  nonce[0] = static_cast<unsigned char>(sealed_by);
  std::memcpy(nonce.data() + 4, &number, sizeof number);
  insist(EVP_CipherInit_ex(cipher, nullptr, nullptr, nullptr, nonce.data(), static_cast<int>(direction)));
}

/// What is not encrypted, and yet may not be changed: whose session it is, and where the head ends.
void cover(Cipher* cipher, core::Incarnation incarnation, std::size_t head_bytes) {
  const std::array<std::uint64_t, 2> covered = {incarnation, head_bytes};
  int ignored = 0;
  insist(EVP_CipherUpdate(cipher, nullptr, &ignored, reinterpret_cast<const unsigned char*>(covered.data()),
                          sizeof covered));
}

void transform(Cipher* cipher, std::span<const std::byte> from, std::byte* to) {
  int done = 0;
  if (!from.empty()) {
    insist(EVP_CipherUpdate(cipher, bytes_of(to), &done, bytes_of(from.data()), static_cast<int>(from.size())));
  }
  FULMAR_ASSERT(static_cast<std::size_t>(done) == from.size(), "a stream cipher kept bytes back");
}

/// True unless it opens, and the tag is not the right one.
bool finish(Cipher* cipher) {
  unsigned char nothing = 0;
  int done = 0;
  return EVP_CipherFinal_ex(cipher, &nothing, &done) == 1;
}

/// The one copy that is made of a body.
Body transformed(Cipher* cipher, const Body& body) {
  if (body.bytes.empty()) return {};
  const auto bytes = std::make_shared_for_overwrite<std::byte[]>(body.bytes.size());
  transform(cipher, body.bytes, bytes.get());
  return {bytes, {bytes.get(), body.bytes.size()}};
}

Side other(Side side) {
  return side == Side::head ? Side::node : Side::head;
}

}  // namespace

void Seal::Free::operator()(evp_cipher_ctx_st* cipher) const {
  EVP_CIPHER_CTX_free(cipher);
}

Seal::Seal(const SessionKey& key, core::Incarnation incarnation, Side own)
    : cipher_(EVP_CIPHER_CTX_new()), incarnation_(incarnation), own_(own) {
  insist(EVP_CipherInit_ex(cipher_.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key.data()), nullptr, 1));
}

Packet Seal::seal(const Packet& packet) {
  const std::uint64_t number = ++sealed_;
  begin(cipher_.get(), Direction::sealing, own_, number);
  cover(cipher_.get(), incarnation_, packet.head.size());
  Packet sealed;
  sealed.head.resize(kPrefixBytes + packet.head.size());
  std::memcpy(sealed.head.data(), &incarnation_, kNumberBytes);
  std::memcpy(sealed.head.data() + kNumberBytes, &number, kNumberBytes);
  transform(cipher_.get(), packet.head, sealed.head.data() + kPrefixBytes);
  sealed.body = transformed(cipher_.get(), packet.body);
  insist(finish(cipher_.get()) ? 1 : 0);
  insist(EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes, sealed.head.data() + 2 * kNumberBytes));
  return sealed;
}

std::variant<Packet, Drop> Seal::open(const Packet& sealed) {
  if (incarnation_of(sealed) != incarnation_) return Drop::forged;
  const std::uint64_t number = number_at(sealed.head.data() + kNumberBytes);
  std::array<std::byte, kTagBytes> tag{};
  std::memcpy(tag.data(), sealed.head.data() + 2 * kNumberBytes, kTagBytes);
  const auto head = std::span(sealed.head).subspan(kPrefixBytes);

  begin(cipher_.get(), Direction::opening, other(own_), number);
  cover(cipher_.get(), incarnation_, head.size());
  Packet packet;
  packet.head.resize(head.size());
  transform(cipher_.get(), head, packet.head.data());
  packet.body = transformed(cipher_.get(), sealed.body);
  insist(EVP_CIPHER_CTX_ctrl(cipher_.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()));
  if (!finish(cipher_.get())) return Drop::forged;
  if (number <= opened_) return Drop::replayed;
  opened_ = number;
  return packet;
}

std::optional<core::Incarnation> Seal::incarnation_of(const Packet& sealed) {
  if (sealed.head.size() < kPrefixBytes) return {};
  return number_at(sealed.head.data());
}

SessionKey draw_session_key() {
  SessionKey key{};
  const int drawn = RAND_priv_bytes(bytes_of(key.data()), static_cast<int>(key.size()));
  FULMAR_ASSERT(drawn == 1, "the system has no randomness to give");
  return key;
}

}  // namespace fulmar::transport
