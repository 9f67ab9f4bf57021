#include "runtime/transport/seal.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <openssl/evp.h>

namespace fulmar::transport {
namespace {

const SessionKey kKey{std::byte{1}, std::byte{2}, std::byte{3}};
constexpr core::Incarnation kIncarnation = 42;

Packet packet_of(std::size_t head_bytes, std::size_t body_bytes) {
  const auto body = std::make_shared<Bytes>(body_bytes);
  for (std::size_t i = 0; i < body_bytes; ++i) (*body)[i] = static_cast<std::byte>(i % 253);
  return {Bytes(head_bytes, std::byte{5}), {body, *body}};
}

bool is_same(const Packet& a, const Packet& b) {
  return a.head == b.head && std::ranges::equal(a.body.bytes, b.body.bytes);
}

/// A body that can be spoilt.
Packet copy_of(const Packet& packet) {
  const auto body = std::make_shared<Bytes>(packet.body.bytes.begin(), packet.body.bytes.end());
  return {packet.head, {body, *body}};
}

bool is(const std::variant<Packet, Drop>& opened, Drop reason) {
  const Drop* drop = std::get_if<Drop>(&opened);
  return drop != nullptr && *drop == reason;
}

struct Ends {
  Seal head{kKey, kIncarnation, Side::head};
  Seal node{kKey, kIncarnation, Side::node};
};

/// AES-256-GCM, as OpenSSL does it in one call each, for what a packet should be.
Bytes reference(Side side, std::uint64_t number, std::uint64_t head_bytes, const Bytes& plain, Bytes& tag) {
  std::array<unsigned char, 12> nonce{static_cast<unsigned char>(side)};
  std::memcpy(nonce.data() + 4, &number, sizeof number);
  const std::array<std::uint64_t, 2> covered = {kIncarnation, head_bytes};
  Bytes cipher(plain.size());
  tag.resize(16);
  int done = 0;
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nullptr, reinterpret_cast<const unsigned char*>(kKey.data()),
                     nonce.data());
  EVP_EncryptUpdate(context, nullptr, &done, reinterpret_cast<const unsigned char*>(covered.data()), sizeof covered);
  EVP_EncryptUpdate(context, reinterpret_cast<unsigned char*>(cipher.data()), &done,
                    reinterpret_cast<const unsigned char*>(plain.data()), static_cast<int>(plain.size()));
  unsigned char nothing = 0;
  EVP_EncryptFinal_ex(context, &nothing, &done);
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, 16, tag.data());
  EVP_CIPHER_CTX_free(context);
  return cipher;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(seal)

BOOST_AUTO_TEST_CASE(what_was_sealed_opens_at_the_other_end) {
  Ends ends;
  for (const auto& [head, body] :
       std::vector<std::pair<std::size_t, std::size_t>>{{0, 0}, {1, 0}, {0, 1}, {100, 70'001}}) {
    const Packet packet = packet_of(head, body);
    for (auto [from, to] : {std::pair(&ends.head, &ends.node), std::pair(&ends.node, &ends.head)}) {
      const Packet sealed = from->seal(packet);
      BOOST_TEST(Seal::incarnation_of(sealed).value() == kIncarnation);
      BOOST_TEST((body == 0 || !std::ranges::equal(sealed.body.bytes, packet.body.bytes) || body == 1));
      const auto opened = to->open(sealed);
      BOOST_TEST_REQUIRE(std::holds_alternative<Packet>(opened));
      BOOST_TEST(is_same(std::get<Packet>(opened), packet));
    }
  }
}

BOOST_AUTO_TEST_CASE(it_is_aes_256_gcm_with_direction_and_number_as_nonce) {
  Seal node(kKey, kIncarnation, Side::node);
  static_cast<void>(node.seal(packet_of(3, 3)));
  const Packet packet = packet_of(20, 1000);
  const Packet sealed = node.seal(packet);
  Bytes plain = packet.head;
  plain.insert(plain.end(), packet.body.bytes.begin(), packet.body.bytes.end());
  Bytes tag;
  const Bytes cipher = reference(Side::node, 2, packet.head.size(), plain, tag);
  BOOST_TEST(std::equal(tag.begin(), tag.end(), sealed.head.begin() + 16));
  BOOST_TEST(std::equal(sealed.head.begin() + 32, sealed.head.end(), cipher.begin()));
  BOOST_TEST(std::ranges::equal(sealed.body.bytes, std::span(cipher).subspan(packet.head.size())));
}

// SEAL-1.
BOOST_AUTO_TEST_CASE(any_changed_bit_is_noticed) {
  Seal node(kKey, kIncarnation, Side::node);
  const Packet sealed = node.seal(packet_of(5, 40));
  for (std::size_t bit = 0; bit < (sealed.head.size() + sealed.body.bytes.size()) * 8; ++bit) {
    Packet changed = copy_of(sealed);
    const std::size_t byte = bit / 8;
    const std::byte flip{static_cast<unsigned char>(1U << bit % 8)};
    if (byte < changed.head.size()) {
      changed.head[byte] ^= flip;
    } else {
      const_cast<std::byte&>(changed.body.bytes[byte - changed.head.size()]) ^= flip;
    }
    Seal head(kKey, kIncarnation, Side::head);
    BOOST_TEST(is(head.open(changed), Drop::forged), bit);
    BOOST_TEST(std::holds_alternative<Packet>(head.open(sealed)));
  }
}

BOOST_AUTO_TEST_CASE(what_is_cut_or_divided_otherwise_does_not_open) {
  Seal node(kKey, kIncarnation, Side::node);
  Seal head(kKey, kIncarnation, Side::head);
  const Packet sealed = node.seal(packet_of(5, 40));
  Packet cut = sealed;
  cut.body.bytes = cut.body.bytes.first(39);
  BOOST_TEST(is(head.open(cut), Drop::forged));
  for (std::size_t size = 0; size < sealed.head.size(); ++size) {
    Packet shorter = sealed;
    shorter.head.resize(size);
    BOOST_TEST(is(head.open(shorter), Drop::forged));
  }
  Packet moved = sealed;
  moved.head.push_back(sealed.body.bytes[0]);
  moved.body.bytes = sealed.body.bytes.subspan(1);
  BOOST_TEST(is(head.open(moved), Drop::forged));
  BOOST_TEST(is(head.open({}), Drop::forged));
}

BOOST_AUTO_TEST_CASE(another_session_direction_or_key_does_not_open) {
  Ends ends;
  const Packet sealed = ends.node.seal(packet_of(5, 40));
  BOOST_TEST(is(ends.node.open(sealed), Drop::forged));  // thrown back
  BOOST_TEST(is(Seal(kKey, kIncarnation + 1, Side::head).open(sealed), Drop::forged));
  BOOST_TEST(is(Seal({std::byte{9}}, kIncarnation, Side::head).open(sealed), Drop::forged));
  Packet renamed = sealed;  // in another session's name
  renamed.head[0] ^= std::byte{1};
  BOOST_TEST(is(Seal(kKey, kIncarnation ^ 1, Side::head).open(renamed), Drop::forged));
}

// SEAL-2.
BOOST_AUTO_TEST_CASE(a_packet_opens_once_and_none_after_a_later_one) {
  Ends ends;
  const Packet first = ends.node.seal(packet_of(1, 10));
  const Packet second = ends.node.seal(packet_of(2, 10));
  const Packet third = ends.node.seal(packet_of(3, 10));
  BOOST_TEST(std::holds_alternative<Packet>(ends.head.open(first)));
  BOOST_TEST(is(ends.head.open(first), Drop::replayed));
  BOOST_TEST(std::holds_alternative<Packet>(ends.head.open(third)));
  BOOST_TEST(is(ends.head.open(second), Drop::replayed));
  BOOST_TEST(std::holds_alternative<Packet>(ends.head.open(ends.node.seal(packet_of(4, 10)))));
}

// A number that nobody sealed must not make those that come look old.
BOOST_AUTO_TEST_CASE(what_is_forged_changes_nothing) {
  Ends ends;
  Packet forged = ends.node.seal(packet_of(1, 10));
  forged.head[8] = std::byte{200};
  BOOST_TEST(is(ends.head.open(forged), Drop::forged));
  BOOST_TEST(std::holds_alternative<Packet>(ends.head.open(ends.node.seal(packet_of(1, 10)))));
}

// SEAL-3: with the same plaintext, a nonce that is used again would give the same ciphertext again.
BOOST_AUTO_TEST_CASE(the_same_packet_never_looks_the_same) {
  Ends ends;
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    for (Seal* seal : {&ends.head, &ends.node}) {
      const Packet sealed = seal->seal(packet_of(40, 0));
      BOOST_TEST(seen.insert(std::string(reinterpret_cast<const char*>(sealed.head.data()) + 32, 40)).second);
    }
  }
}

BOOST_AUTO_TEST_CASE(session_keys_are_drawn_anew) {
  BOOST_TEST((draw_session_key() != draw_session_key()));
  BOOST_TEST((draw_session_key() != SessionKey{}));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::transport
