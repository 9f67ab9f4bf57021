// What codec.cpp is made of: the letters of links (codec_letters.cpp), and the words around sessions (codec_words.cpp).
// Included by codec*.cpp only, so that FlatBuffers stay behind codec.hpp. Thread rule: pure functions.
#pragma once

#include <control_generated.h>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/transport/datagram.hpp"
#include "runtime/transport/readable_text.hpp"

namespace fulmar::transport {

using Builder = flatbuffers::FlatBufferBuilder;
using Content = decltype(Datagram::content);

/// So many nodes are listed in a status at most.
inline constexpr std::size_t kStatusNodesMax = 10'000;

/// A member of one of the two unions, as it was written.
template <class Kind>
struct Written {
  Kind kind = Kind::NONE;
  flatbuffers::Offset<void> offset;
};

Written<wire::Letter> write(Builder& builder, const Letter& letter);
/// Everything but segments.
Written<wire::Content> write_word(Builder& builder, const Content& content);

/// What `segment` carries beside `body`; `session` is who speaks in its messages. Nothing: it is malformed.
std::optional<Letter> read_letter(const wire::Segment& segment, const core::Sender& session, const Body& body);
std::optional<Content> read_word(const wire::Datagram& datagram);

// ---- what both are made of

inline wire::Session to_wire(const core::Sender& session) {
  return {session.incarnation, session.term, session.node};
}
inline core::Sender from_wire(const wire::Session& session) {
  return {session.node(), session.incarnation(), session.term()};
}

inline flatbuffers::Offset<flatbuffers::String> write_text(Builder& builder, std::string_view text, TextLimits limits) {
  return builder.CreateString(readable(text, limits));
}
/// Whether the text is what it may be; only then it is copied.
inline bool read_text(const flatbuffers::String& from, TextLimits limits, std::string& to) {
  const std::string_view text(from.c_str(), from.size());
  if (!is_readable(text, limits)) return false;
  to = text;
  return true;
}

/// Whether the elements lie where their type may: the verifier looks at the vector's length only.
template <class Element>
bool is_aligned(const flatbuffers::Vector<Element>& vector, std::size_t alignment) {
  return reinterpret_cast<std::uintptr_t>(vector.Data()) % alignment == 0;
}

}  // namespace fulmar::transport
