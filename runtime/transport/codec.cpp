#include "runtime/transport/codec.hpp"

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

#include "runtime/transport/codec_parts.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::transport {
namespace {

/// Datagram, its content, what that holds, and one to spare.
constexpr flatbuffers::uoffset_t kDepthMax = 4;
/// A status is the only datagram with more than a few tables.
constexpr flatbuffers::uoffset_t kTablesMax = kStatusNodesMax + 8;
constexpr std::size_t kBuilderBytes = 512;

// ---- segments, written

Written<wire::Content> write_segment(Builder& builder, const Segment& segment) {
  const core::Frame<Letter>& frame = segment.frame;
  Written<wire::Letter> letter;
  if (frame.payload) letter = write(builder, *frame.payload);
  flatbuffers::Offset<wire::ProbeAnswer> answer;
  if (frame.answer) {
    answer = wire::CreateProbeAnswer(builder, frame.answer->asked.count(), builder.CreateVector(frame.answer->missing));
  }
  const wire::Session session = to_wire(segment.session);
  const wire::Probe probe = frame.probe ? wire::Probe(frame.probe->asked.count(), frame.probe->sent) : wire::Probe();
  const auto written = wire::CreateSegment(builder, &session, segment.channel, frame.sequence, frame.acknowledged,
                                           letter.kind, letter.offset, frame.probe ? &probe : nullptr, answer);
  return {wire::Content::Segment, written.Union()};
}

Body body_of(const Datagram& datagram) {
  const auto* segment = std::get_if<Segment>(&datagram.content);
  if (segment == nullptr || !segment->frame.payload) return {};
  const auto* chunk = std::get_if<Chunk>(&segment->frame.payload->content);
  return chunk == nullptr ? Body{} : chunk->floats;
}

// ---- segments, read

std::optional<core::ProbeAnswer> read_answer(const wire::ProbeAnswer& from) {
  const flatbuffers::Vector<std::uint64_t>& missing = *from.missing();
  if (missing.size() > Link::kWindowMax || !is_aligned(missing, alignof(std::uint64_t))) return std::nullopt;
  core::ProbeAnswer answer{core::Time(from.asked()), {missing.begin(), missing.end()}};
  const bool ascends =
      std::adjacent_find(answer.missing.begin(), answer.missing.end(), std::greater_equal<>()) == answer.missing.end();
  return ascends ? std::optional(std::move(answer)) : std::nullopt;
}

std::optional<Content> read_segment(const wire::Segment& from, const Body& body) {
  const core::Sender session = from_wire(*from.session());
  Segment segment{session, from.channel(), {from.sequence(), from.acknowledged(), {}, {}, {}}};
  const bool has_letter = from.letter_type() != wire::Letter::NONE;
  if (has_letter != (from.sequence() > 0) || (!has_letter && !body.bytes.empty())) return std::nullopt;
  if (has_letter) {
    segment.frame.payload = read_letter(from, session, body);
    if (!segment.frame.payload) return std::nullopt;
  }
  if (from.probe() != nullptr) segment.frame.probe = {core::Time(from.probe()->asked()), from.probe()->sent()};
  if (from.answer() != nullptr) {
    segment.frame.answer = read_answer(*from.answer());
    if (!segment.frame.answer) return std::nullopt;
  }
  return segment;
}

std::optional<Content> read_content(const wire::Datagram& datagram, const Body& body) {
  if (const wire::Segment* segment = datagram.content_as_Segment()) return read_segment(*segment, body);
  return body.bytes.empty() ? read_word(datagram) : std::nullopt;
}

template <class Table>
bool verify(const std::uint8_t* data, std::size_t bytes) {
  flatbuffers::Verifier verifier(data, bytes, kDepthMax, kTablesMax);
  return verifier.VerifyBuffer<Table>(wire::DatagramIdentifier());
}

}  // namespace

Packet encode(const Datagram& datagram) {
  Builder builder(kBuilderBytes);
  const auto* segment = std::get_if<Segment>(&datagram.content);
  const Written<wire::Content> content =
      segment != nullptr ? write_segment(builder, *segment) : write_word(builder, datagram.content);
  const wire::Run run(datagram.run);
  wire::FinishDatagramBuffer(builder,
                             wire::CreateDatagram(builder, kSchemaVersion, &run, content.kind, content.offset));
  Packet packet{Bytes(builder.GetSize()), body_of(datagram)};
  std::memcpy(packet.head.data(), builder.GetBufferPointer(), packet.head.size());
  return packet;
}

std::variant<Datagram, Drop> decode(const Packet& packet) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(packet.head.data());
  FULMAR_ASSERT(reinterpret_cast<std::uintptr_t>(data) % alignof(std::uint64_t) == 0, "a packet's head is not aligned");
  if (packet.size() > kPacketBytesMax || !verify<wire::Preface>(data, packet.head.size())) return Drop::malformed;
  if (flatbuffers::GetRoot<wire::Preface>(data)->schema() != kSchemaVersion) return Drop::other_schema;
  if (!verify<wire::Datagram>(data, packet.head.size())) return Drop::malformed;

  const wire::Datagram& read = *wire::GetDatagram(data);
  std::optional<Content> content = read_content(read, packet.body);
  if (!content) return Drop::malformed;
  Datagram datagram{{}, std::move(*content)};
  std::copy(read.run()->bytes()->begin(), read.run()->bytes()->end(), datagram.run.begin());
  return datagram;
}

}  // namespace fulmar::transport
