#include "runtime/transport/assembler.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <numeric>
#include <utility>

#include <boost/test/unit_test.hpp>

#include "runtime/core/vector_arithmetic.hpp"
#include "runtime/transport/codec.hpp"
#include "tests/runtime/transport/sample_datagrams.hpp"

namespace fulmar::transport {
namespace {

constexpr core::Channel kShard1 = core::channel_of(1);
/// Three chunks, the last of them short.
const std::size_t kFloats = 2 * chunk_bytes(0) / sizeof(float) + 1003;

struct Bench {
  /// A vector of kFloats and something on either side of them.
  SharedBuffer vector() {
    const MutableBuffer buffer = pool.take(kFloats + 30);
    std::iota(buffer->values().begin(), buffer->values().end(), -10.0F);
    return buffer;
  }
  static std::span<const float> extent(const SharedBuffer& buffer) { return buffer->values().subspan(10, kFloats); }

  std::vector<Letter> push(core::Version base = 5) {
    const SharedBuffer buffer = vector();
    const core::BlockPushed pushed{kSampleSession, base, {2, 1}, core::digest(extent(buffer)), true, 1, 2};
    return letters_of(pushed, buffer, 10, kFloats);
  }
  std::vector<Letter> slice() { return letters_of(core::VersionSlice{1, 6}, vector(), 10, kFloats); }

  Assembler at_head() { return {{Side::node, kShard1, kFloats}, pool}; }
  Assembler at_node() { return {{Side::head, kShard1, kFloats}, pool}; }

  BufferPool pool;
};

/// What comes of the letters; an error only from the last.
Result<std::optional<Delivery>> add_all(Assembler& assembler, const std::vector<Letter>& letters) {
  for (std::size_t i = 0; i + 1 < letters.size(); ++i) {
    const auto added = assembler.add(letters[i]);
    BOOST_REQUIRE(added.ok());
    BOOST_TEST(!added->has_value());
  }
  return assembler.add(letters.back());
}

bool is_error(Assembler& assembler, const std::vector<Letter>& letters, const std::string& why) {
  const auto added = add_all(assembler, letters);
  if (added.ok()) return false;
  BOOST_TEST(added.error().message.find(why) != std::string::npos, added.error().message);
  // ASSEMBLE-2: nothing more is taken, whatever it is.
  BOOST_TEST(!assembler.add(letters.front()).ok());
  return true;
}

BOOST_FIXTURE_TEST_SUITE(assembler, Bench)

// ASSEMBLE-1
BOOST_AUTO_TEST_CASE(a_message_comes_out_once_with_all_of_its_tensor) {
  for (const bool pushes : {true, false}) {
    Assembler receiver = pushes ? at_head() : at_node();
    for (int twice = 0; twice < 2; ++twice) {
      const std::vector<Letter> letters = pushes ? push() : slice();
      BOOST_TEST(letters.size() == 4U);
      const auto added = add_all(receiver, letters);
      BOOST_REQUIRE(added.ok());
      BOOST_REQUIRE(added->has_value());
      const Delivery& delivery = **added;
      BOOST_TEST(std::holds_alternative<core::BlockPushed>(delivery.message) == pushes);
      BOOST_TEST(std::ranges::equal(std::as_const(*delivery.tensor).values(), extent(vector())));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_is_encoded_on_the_way_comes_out_the_same) {
  Assembler receiver = at_node();
  std::optional<Delivery> delivery;
  for (const Letter& letter : slice()) {
    std::variant<Datagram, Drop> datagram = decode(encode(carrying(letter)));
    const auto& segment = std::get<Segment>(std::get<Datagram>(datagram).content);
    auto added = receiver.add(*segment.frame.payload);
    BOOST_REQUIRE(added.ok());
    delivery = std::move(*added);
  }
  BOOST_REQUIRE(delivery.has_value());
  BOOST_TEST(std::get<core::VersionSlice>(delivery->message).version == 6U);
  BOOST_TEST(std::ranges::equal(std::as_const(*delivery->tensor).values(), extent(vector())));
}

BOOST_AUTO_TEST_CASE(floats_may_lie_anywhere_in_a_packet) {
  const std::vector<float> values{1, 2, 3};
  std::vector<std::byte> packet(1 + 3 * sizeof(float));
  std::memcpy(packet.data() + 1, values.data(), 3 * sizeof(float));
  Assembler receiver{{Side::head, kShard1, 3}, pool};
  const std::vector<Letter> letters{{core::SessionMessage{core::VersionSlice{1, 6}}, core::digest(values)},
                                    {Chunk{0, {nullptr, std::span(packet).subspan(1)}}}};
  const auto added = add_all(receiver, letters);
  BOOST_REQUIRE(added.ok());
  BOOST_TEST(std::ranges::equal(std::as_const(*(*added)->tensor).values(), values));
}

BOOST_AUTO_TEST_CASE(a_changed_float_shows) {
  for (const bool pushes : {true, false}) {
    std::vector<Letter> letters = pushes ? push() : slice();
    Chunk& chunk = std::get<Chunk>(letters[2].content);
    std::vector<std::byte> changed(chunk.floats.bytes.begin(), chunk.floats.bytes.end());
    changed[changed.size() / 2] ^= std::byte{1};
    chunk.floats.bytes = changed;
    Assembler receiver = pushes ? at_head() : at_node();
    BOOST_TEST(is_error(receiver, letters, "digest"));
  }
}

BOOST_AUTO_TEST_CASE(a_message_without_a_tensor_comes_out_at_once) {
  Assembler receiver{{Side::node, core::kSupervisorChannel, 0}, pool};
  for (const core::SessionMessage& message :
       {core::SessionMessage{core::Beat{kSampleSession, 3, 1}}, core::SessionMessage{core::Leave{kSampleSession}}}) {
    const std::vector<Letter> letters = letters_of(message, nullptr, 0, 0);
    BOOST_TEST(letters.size() == 1U);
    const auto added = add_all(receiver, letters);
    BOOST_REQUIRE(added.ok());
    BOOST_REQUIRE(added->has_value());
    BOOST_TEST((*added)->message.index() == message.index());
    BOOST_TEST(!(*added)->tensor);
  }
}

BOOST_AUTO_TEST_CASE(a_shard_without_parameters_has_empty_tensors) {
  Assembler receiver{{Side::head, kShard1, 0}, pool};
  const std::vector<Letter> letters = letters_of(core::VersionSlice{1, 6}, vector(), 10, 0);
  BOOST_TEST(letters.size() == 1U);
  const auto added = add_all(receiver, letters);
  BOOST_REQUIRE(added.ok());
  BOOST_REQUIRE(added->has_value());
  BOOST_TEST((*added)->tensor->size() == 0U);
}

// ASSEMBLE-2
BOOST_AUTO_TEST_CASE(a_chunk_without_a_message_is_an_error) {
  Assembler receiver = at_head();
  BOOST_TEST(is_error(receiver, {push()[1]}, "without a message"));
  Assembler later = at_head();
  BOOST_REQUIRE(add_all(later, push()).ok());
  BOOST_TEST(is_error(later, {push()[1]}, "without a message"));
}

BOOST_AUTO_TEST_CASE(a_message_where_a_chunk_is_due_is_an_error) {
  const std::vector<Letter> letters = push();
  Assembler receiver = at_head();
  BOOST_TEST(is_error(receiver, {letters[0], letters[1], letters[0]}, "a message came where"));
}

BOOST_AUTO_TEST_CASE(a_chunk_out_of_place_is_an_error) {
  const std::vector<Letter> letters = push();
  Assembler skipping = at_head();
  BOOST_TEST(is_error(skipping, {letters[0], letters[2]}, "is due"));
  Assembler repeating = at_head();
  BOOST_TEST(is_error(repeating, {letters[0], letters[1], letters[1]}, "is due"));
}

BOOST_AUTO_TEST_CASE(a_chunk_that_is_too_long_or_empty_is_an_error) {
  std::vector<Letter> letters = push();
  Assembler small{{Side::node, kShard1, kFloats - 1}, pool};
  BOOST_TEST(is_error(small, letters, "a chunk of 1003 floats"));
  std::get<Chunk>(letters[1].content).floats.bytes = {};
  Assembler receiver = at_head();
  BOOST_TEST(is_error(receiver, {letters[0], letters[1]}, "a chunk of 0 floats"));
}

BOOST_AUTO_TEST_CASE(each_message_belongs_to_one_side_and_to_its_channels) {
  for (const core::SessionMessage& message : sample_messages()) {
    for (const Side sender : {Side::head, Side::node}) {
      for (core::Channel channel = core::kSupervisorChannel; channel < 4; ++channel) {
        const bool to_supervisor = channel == core::kSupervisorChannel;
        const bool from_node = message.index() <= 7;
        bool belongs = (sender == Side::node) == from_node;
        if (std::holds_alternative<core::BlockPushed>(message)) {
          belongs = belongs && !to_supervisor;
        } else if (std::holds_alternative<core::VersionHeld>(message)) {
          belongs = belongs && channel == core::channel_of(0);
        } else if (std::holds_alternative<core::VersionSlice>(message)) {
          belongs = belongs && channel == kShard1;
        } else {
          belongs = belongs && to_supervisor;
        }
        Assembler receiver{{sender, channel, kFloats}, pool};
        BOOST_TEST(receiver.add({message}).ok() == belongs, "message " << message.index() << " on channel " << channel);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(no_shard_number_wraps_round_to_the_supervisors_channel) {
  Assembler receiver{{Side::head, core::kSupervisorChannel, kFloats}, pool};
  BOOST_TEST(!receiver.add({core::SessionMessage{core::VersionSlice{0xffffffff, 1}}}).ok());
}

// ASSEMBLE-3
BOOST_AUTO_TEST_CASE(one_buffer_is_taken_and_given_back) {
  {
    Assembler receiver = at_head();
    for (int i = 0; i < 5; ++i) BOOST_REQUIRE(add_all(receiver, push()).ok());
    BOOST_REQUIRE(receiver.add(push().front()).ok());
  }
  // One of kFloats, and one of what push() makes; every one was returned.
  BOOST_TEST(pool.idle() == 2U);
}

// ---- what is sent

BOOST_AUTO_TEST_CASE(chunks_share_the_tensors_memory_and_keep_it_alive) {
  std::weak_ptr<const Buffer> watched;
  std::vector<Letter> letters;
  {
    const SharedBuffer buffer = vector();
    watched = buffer;
    letters = letters_of(core::VersionSlice{1, 6}, buffer, 10, kFloats);
    const auto* first = reinterpret_cast<const float*>(std::get<Chunk>(letters[1].content).floats.bytes.data());
    BOOST_TEST(first == extent(buffer).data());
  }
  BOOST_TEST(!watched.expired());
  letters.clear();
  BOOST_TEST(watched.expired());
}

BOOST_AUTO_TEST_CASE(a_link_keeps_dozens_of_tensors_of_any_usual_size) {
  for (std::size_t floats = 1; floats <= std::size_t{128} << 20; floats = floats * 3 + 1) {
    const std::size_t bytes = chunk_bytes(floats);
    BOOST_TEST(bytes % 64 == 0U);
    BOOST_TEST(bytes < kPacketBytesMax);
    const std::size_t letters = 1 + (floats * sizeof(float) + bytes - 1) / bytes;
    BOOST_TEST(letters * 24 < Link::kUnacknowledgedMax, floats << " floats in " << letters << " letters");
  }
  BOOST_TEST(chunk_bytes(1) == std::size_t{256} << 10);
  BOOST_TEST(chunk_bytes(25'000'000) == std::size_t{1} << 20);
  BOOST_TEST(chunk_bytes(std::size_t{1} << 40) == std::size_t{4} << 20);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::transport
