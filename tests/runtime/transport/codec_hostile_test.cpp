// What nobody sends on purpose, or somebody does: whatever comes, decode() gives a datagram that could have been sent,
// or refuses. The sanitizers watch it; tests/fuzz goes on where this ends.
#include <algorithm>
#include <bit>
#include <cstring>

#include <boost/test/unit_test.hpp>

#include "runtime/transport/codec.hpp"
#include "runtime/vocabulary/random.hpp"
#include "tests/runtime/transport/sample_datagrams.hpp"

namespace fulmar::transport {
namespace {

/// What is not refused is a datagram like any other: it can be sent on, and comes out again.
bool is_taken(const Packet& packet) {
  const std::variant<Datagram, Drop> result = decode(packet);
  const auto* datagram = std::get_if<Datagram>(&result);
  if (datagram == nullptr) return false;
  BOOST_TEST(std::holds_alternative<Datagram>(decode(encode(*datagram))));
  return true;
}

/// Numbers drawn one after the other.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : stream_(seed, Purpose::simulation, 0, 0) {}
  std::uint64_t next() {
    const auto words = stream_.words(drawn_++);
    return std::uint64_t{words[0]} << 32 | words[1];
  }

 private:
  RandomStream stream_;
  std::uint64_t drawn_ = 0;
};

BOOST_AUTO_TEST_SUITE(codec_hostile)

// What a FlatBuffer ends with may be padding, so a packet may lose some bytes and still say the same.
BOOST_AUTO_TEST_CASE(every_truncation_is_refused_or_harmless) {
  for (const SampleDatagram& sample : sample_datagrams()) {
    const Packet packet = encode(sample.datagram);
    for (std::size_t bytes = 0; bytes < packet.head.size(); ++bytes) {
      Packet cut = packet;
      cut.head.resize(bytes);
      cut.head.shrink_to_fit();  // so that the sanitizer sees who reads beyond
      const bool taken = is_taken(cut);
      BOOST_TEST((!taken || bytes + 8 > packet.head.size()), sample.name << " cut to " << bytes << " bytes");
    }
  }
}

BOOST_AUTO_TEST_CASE(every_single_flipped_bit_is_refused_or_harmless) {
  std::size_t refused = 0;
  for (const SampleDatagram& sample : sample_datagrams()) {
    Packet packet = encode(sample.datagram);
    for (std::size_t bit = 0; bit < 8 * packet.head.size(); ++bit) {
      const std::byte mask{static_cast<unsigned char>(1U << bit % 8)};
      packet.head[bit / 8] ^= mask;
      if (!is_taken(packet)) ++refused;
      packet.head[bit / 8] ^= mask;
    }
  }
  BOOST_TEST(refused > std::size_t{1000});
}

// The verifier looks at a vector's length, not at where its elements lie: shifted by half an element, what was the
// first one's beginning is a length, and everything else is still in bounds.
BOOST_AUTO_TEST_CASE(lists_whose_elements_lie_across_their_alignment_are_refused) {
  const double one_as_bits = std::bit_cast<double>(std::uint64_t{1});
  const auto round = encode(carrying({core::SessionMessage{core::RoundLease{9, {{0, 1}, {0, 0}}}}}));
  const auto losses = encode(
      carrying({core::SessionMessage{core::BlockValidated{kSampleSession, 9, {1, 0}, {{one_as_bits, 0}, {0, 0}}}}}));
  const auto answer = encode(in_session({0, 0, {}, {}, core::ProbeAnswer{core::Time(9), {1, std::uint64_t{2} << 32}}}));
  for (Packet packet : {round, losses, answer}) {
    // A vector of two, and after its length the number 1 in 64 bits.
    static constexpr std::uint32_t kBegin[] = {2, 1, 0};
    const auto begins = [&](std::size_t at) {
      return std::memcmp(packet.head.data() + at, kBegin, sizeof(kBegin)) == 0;
    };
    std::size_t vector = 0;
    while (!begins(vector)) BOOST_REQUIRE((vector += 4) + sizeof(kBegin) <= packet.head.size());
    std::size_t shifted = 0;
    for (std::size_t at = 0; at < vector; at += 4) {
      std::uint32_t offset = 0;
      std::memcpy(&offset, packet.head.data() + at, sizeof(offset));
      if (at + offset != vector) continue;
      offset += 4;
      std::memcpy(packet.head.data() + at, &offset, sizeof(offset));
      ++shifted;
    }
    BOOST_TEST(shifted == 1U);
    BOOST_TEST(!is_taken(packet));
  }
}

BOOST_AUTO_TEST_CASE(random_bytes_are_refused) {
  Draws draws(20);
  for (std::size_t round = 0; round < 20'000; ++round) {
    Bytes head(draws.next() % 200);
    for (std::byte& byte : head) byte = static_cast<std::byte>(draws.next());
    BOOST_TEST(!is_taken({head, {}}));
    if (head.size() < 8) continue;
    std::memcpy(head.data() + 4, "FULM", 4);
    is_taken({head, {}});
  }
}

BOOST_AUTO_TEST_CASE(real_packets_with_random_damage_are_refused_or_harmless) {
  Draws draws(21);
  std::vector<Packet> packets;
  for (const SampleDatagram& sample : sample_datagrams()) packets.push_back(encode(sample.datagram));
  for (std::size_t round = 0; round < 50'000; ++round) {
    Packet packet = packets[draws.next() % packets.size()];
    const std::uint64_t changes = 1 + draws.next() % 4;
    for (std::uint64_t i = 0; i < changes; ++i) {
      const std::uint64_t draw = draws.next();
      const std::size_t at = draw % packet.head.size();
      const std::size_t length = std::min(std::size_t{1} << (draw >> 60) % 3, packet.head.size() - at);
      // Small numbers and the ends of the range are where lengths and offsets go wrong.
      static constexpr std::uint64_t kTempting[] = {0, 1, 4, 8, 0x7f, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff};
      const std::uint64_t value = (draw >> 40) % 2 == 0 ? kTempting[(draw >> 44) % std::size(kTempting)] : draw >> 20;
      std::memcpy(packet.head.data() + at, &value, length);
    }
    is_taken(packet);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::transport
