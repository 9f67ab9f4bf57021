#include "runtime/transport/codec.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include <boost/test/unit_test.hpp>

#include "runtime/transport/readable_text.hpp"
#include "tests/runtime/transport/same_datagram.hpp"
#include "tests/runtime/transport/sample_datagrams.hpp"

namespace fulmar::transport {
namespace {

Datagram decoded(const Packet& packet) {
  std::variant<Datagram, Drop> result = decode(packet);
  BOOST_REQUIRE(std::holds_alternative<Datagram>(result));
  return std::get<Datagram>(std::move(result));
}

bool is_refused(const Packet& packet, Drop reason = Drop::malformed) {
  const std::variant<Datagram, Drop> result = decode(packet);
  const Drop* drop = std::get_if<Drop>(&result);
  return drop != nullptr && *drop == reason;
}

template <class Message>
Message message_of(const Datagram& datagram) {
  const Letter& letter = *std::get<Segment>(datagram.content).frame.payload;
  return std::get<Message>(std::get<core::SessionMessage>(letter.content));
}

bool is_refused(core::SessionMessage message) {
  return is_refused(encode(carrying({std::move(message)})));
}

template <class Unsigned>
Unsigned read_at(const Bytes& bytes, std::size_t at) {
  Unsigned value = 0;
  std::memcpy(&value, bytes.data() + at, sizeof(value));
  return value;
}

/// Where a FlatBuffer keeps the first field of its root table, by the format's description.
std::size_t first_field(const Bytes& head) {
  const std::size_t root = read_at<std::uint32_t>(head, 0);
  const std::size_t vtable = root - static_cast<std::size_t>(read_at<std::int32_t>(head, root));
  return root + read_at<std::uint16_t>(head, vtable + 4);
}

BOOST_AUTO_TEST_SUITE(codec)

// CODEC-1
BOOST_AUTO_TEST_CASE(every_datagram_comes_out_as_it_went_in) {
  std::vector<bool> seen(std::variant_size_v<decltype(Datagram::content)>);
  for (const SampleDatagram& sample : sample_datagrams()) {
    BOOST_TEST_CONTEXT(sample.name) {
      BOOST_TEST(same(decoded(encode(sample.datagram)), sample.datagram));
    }
    seen[sample.datagram.content.index()] = true;
  }
  BOOST_TEST(std::count(seen.begin(), seen.end(), false) == 0);
}

BOOST_AUTO_TEST_CASE(every_message_is_among_the_samples) {
  std::vector<bool> seen(std::variant_size_v<core::SessionMessage>);
  for (const core::SessionMessage& message : sample_messages()) seen[message.index()] = true;
  BOOST_TEST(std::count(seen.begin(), seen.end(), false) == 0);
}

BOOST_AUTO_TEST_CASE(nobody_speaks_in_the_name_of_another_session) {
  const core::Sender stranger{8, 99, 3};
  const Datagram datagram = decoded(encode(carrying({core::SessionMessage{core::Leave{stranger}}})));
  BOOST_TEST((message_of<core::Leave>(datagram).sender == kSampleSession));
}

BOOST_AUTO_TEST_CASE(who_joins_over_a_network_is_not_the_heads_own_worker) {
  JoinRequest request;
  request.join = {"node", 1, 1, 1, true};
  const Datagram datagram = decoded(encode({{}, request}));
  BOOST_TEST(!std::get<JoinRequest>(datagram.content).join.local);
}

BOOST_AUTO_TEST_CASE(sums_keep_their_bits) {
  const double special[] = {-0.0, std::numeric_limits<double>::infinity(), -std::nan("0x5ca1ab1e"),
                            std::numeric_limits<double>::denorm_min()};
  for (const double sum : special) {
    core::BlockPushed pushed;
    pushed.loss_sum = sum;
    pushed.weight_sum = -sum;
    const auto out = message_of<core::BlockPushed>(decoded(encode(carrying({core::SessionMessage{pushed}}))));
    BOOST_TEST(std::bit_cast<std::uint64_t>(out.loss_sum) == std::bit_cast<std::uint64_t>(sum));
    BOOST_TEST(std::bit_cast<std::uint64_t>(out.weight_sum) == std::bit_cast<std::uint64_t>(-sum));
  }
}

BOOST_AUTO_TEST_CASE(the_floats_of_a_chunk_are_shared_not_copied) {
  const Body body = counting_floats(1000);
  const Packet packet = encode(carrying({Chunk{0, body}}));
  BOOST_TEST(packet.body.bytes.data() == body.bytes.data());
  BOOST_TEST(packet.head.size() < 256U);
  const Datagram datagram = decoded(packet);
  const Letter& letter = *std::get<Segment>(datagram.content).frame.payload;
  BOOST_TEST(std::get<Chunk>(letter.content).floats.bytes.data() == body.bytes.data());
}

BOOST_AUTO_TEST_CASE(texts_come_out_readable) {
  core::SlotFailed failed;
  failed.cause = "bad\x1b[31m\xff" + std::string(2 * kProse.bytes_max, 'x');
  const auto out = message_of<core::SlotFailed>(decoded(encode(carrying({core::SessionMessage{failed}}))));
  BOOST_TEST(out.cause.starts_with("bad?[31m?xxx"));
  BOOST_TEST(out.cause.size() == kProse.bytes_max);
}

// CODEC-2
BOOST_AUTO_TEST_CASE(blocks_beyond_all_trees_are_refused) {
  for (const core::Block& block : {core::Block{64, 0}, core::Block{0xffffffff, 0}, core::Block{0, ~std::uint64_t{0}},
                                   core::Block{60, 8}, core::Block{63, 1}}) {
    BOOST_TEST_CONTEXT(to_string(block)) {
      BOOST_TEST(is_refused(core::PlanChanged{1, 1, {{0, 0}, block}}));
      BOOST_TEST(is_refused(core::RoundLease{1, {block}}));
      BOOST_TEST(is_refused(core::ValidationLease{1, {block}}));
      BOOST_TEST(is_refused(core::BlockPushed{kSampleSession, 1, block, 0, true, 0, 0}));
      BOOST_TEST(is_refused(core::BlockValidated{kSampleSession, 1, block, {}}));
    }
  }
  BOOST_TEST(!is_refused(core::RoundLease{1, {{63, 0}, {60, 7}, {0, (std::uint64_t{1} << 63) - 1}}}));
}

BOOST_AUTO_TEST_CASE(a_chunk_is_made_of_whole_floats) {
  for (const std::size_t bytes : {0U, 1U, 3U, 5U, 21U}) {
    Body body = counting_floats(8);
    body.bytes = body.bytes.first(bytes);
    BOOST_TEST(is_refused(encode(carrying({Chunk{0, body}}))), bytes << " bytes");
  }
  BOOST_TEST(is_refused(encode(carrying({Chunk{kTensorFloatsMax + 1, counting_floats(1)}}))));
}

BOOST_AUTO_TEST_CASE(only_a_chunk_has_a_body) {
  for (const SampleDatagram& sample : sample_datagrams()) {
    Packet packet = encode(sample.datagram);
    if (!packet.body.bytes.empty()) continue;
    packet.body = counting_floats(1);
    BOOST_TEST_CONTEXT(sample.name) {
      BOOST_TEST(is_refused(packet));
    }
  }
}

BOOST_AUTO_TEST_CASE(what_a_link_carries_has_a_number_and_nothing_else_has) {
  BOOST_TEST(is_refused(encode(in_session({0, 0, Letter{core::SessionMessage{core::Drain{}}}, {}, {}}))));
  BOOST_TEST(is_refused(encode(in_session({5, 0, {}, {}, {}}))));
}

BOOST_AUTO_TEST_CASE(an_answer_names_what_a_window_can_lack_in_order) {
  const auto answer = [](std::vector<std::uint64_t> missing) {
    return encode(in_session({0, 0, {}, {}, core::ProbeAnswer{core::Time(1), std::move(missing)}}));
  };
  std::vector<std::uint64_t> many(Link::kWindowMax);
  for (std::size_t i = 0; i < many.size(); ++i) many[i] = i + 1;
  BOOST_TEST(!is_refused(answer(many)));
  many.push_back(many.back() + 1);
  BOOST_TEST(is_refused(answer(many)));
  BOOST_TEST(is_refused(answer({2, 1})));
  BOOST_TEST(is_refused(answer({1, 1})));
}

BOOST_AUTO_TEST_CASE(a_liveness_that_is_no_time_is_refused) {
  for (const core::Time liveness :
       {core::Time(0), core::Time(-1), core::Time(std::chrono::hours(25)), core::Time::max()}) {
    BOOST_TEST(is_refused(encode({{}, Offer{"{}", liveness}})));
  }
  BOOST_TEST(!is_refused(encode({{}, Offer{"{}", core::Time(1)}})));
}

BOOST_AUTO_TEST_CASE(a_packet_beyond_the_largest_is_refused) {
  const Packet packet = encode(carrying({Chunk{0, counting_floats(kPacketBytesMax / sizeof(float))}}));
  BOOST_TEST(is_refused(packet));
}

// CODEC-3
BOOST_AUTO_TEST_CASE(another_schema_is_told_apart_from_garbage) {
  for (const SampleDatagram& sample : sample_datagrams()) {
    Packet packet = encode(sample.datagram);
    const std::size_t schema = first_field(packet.head);
    BOOST_REQUIRE(read_at<std::uint16_t>(packet.head, schema) == kSchemaVersion);
    packet.head[schema] = std::byte{kSchemaVersion + 1};
    BOOST_TEST(is_refused(packet, Drop::other_schema));
    packet.head[4] ^= std::byte{1};  // the identifier
    BOOST_TEST(is_refused(packet, Drop::malformed));
  }
}

BOOST_AUTO_TEST_CASE(a_later_schema_may_be_unlike_this_one_in_all_but_its_beginning) {
  // A root table with two fields: a later schema, and at the place of `run` something much shorter.
  const std::array<std::uint8_t, 24> later{
      16, 0, 0, 0, 'F', 'U', 'L', 'M', 8, 0, 8, 0, 4, 0, 6, 0, 8, 0, 0, 0, kSchemaVersion + 1, 0, 1, 0};
  Packet packet;
  packet.head.resize(later.size());
  std::memcpy(packet.head.data(), later.data(), later.size());
  BOOST_TEST(is_refused(packet, Drop::other_schema));
  packet.head[20] = std::byte{kSchemaVersion};
  BOOST_TEST(is_refused(packet, Drop::malformed));
}

BOOST_AUTO_TEST_CASE(a_windows_account_is_the_same_at_both_ends) {
  for (const core::SessionMessage& message : sample_messages()) {
    const Letter sent{message};
    const Datagram datagram = decoded(encode(carrying(sent)));
    BOOST_TEST(size_bytes(*std::get<Segment>(datagram.content).frame.payload) == size_bytes(sent));
  }
  BOOST_TEST(size_bytes({core::SessionMessage{core::RoundLease{1, std::vector<core::Block>(100)}}}) >= 1600U);
  BOOST_TEST(size_bytes({Chunk{0, counting_floats(100)}}) == 400U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::transport
