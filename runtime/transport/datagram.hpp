// What travels between a head and whoever talks to it: frames of links, and the words around sessions. Every datagram
// carries schema version and run; every frame its session (node, incarnation, term) and sequence.
// Thread rule: plain values.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "runtime/core/link.hpp"
#include "runtime/core/session_message.hpp"
#include "runtime/transport/packet.hpp"

namespace fulmar::transport {

/// Raised with every change of control.fbs that an older program would misread.
inline constexpr std::uint16_t kSchemaVersion = 2;

/// The manifest's run id, as a number. All zero: not known yet.
using RunId = std::array<std::uint8_t, 16>;
/// 32 hex digits; nothing where the text is not that.
std::optional<RunId> parse_run_id(const std::string& text);

/// Tensor memory of one session is sealed with it, or, where there are no keys, the node shows it once.
using SessionKey = std::array<std::byte, 32>;

/// No tensor has more.
inline constexpr std::uint64_t kTensorFloatsMax = std::uint64_t{1} << 40;

/// A part of the tensor that belongs to the message before it on the same link.
struct Chunk {
  std::uint64_t offset = 0;  ///< in floats, from the beginning of the shard's extent
  Body floats;               ///< little-endian float32
};

/// An end of a session.
enum class Side { head, node };

/// What a link carries.
struct Letter {
  std::variant<core::SessionMessage, Chunk> content;
  std::uint64_t slice_digest = 0;  ///< of the tensor that follows a VersionSlice; a BlockPushed says its own
};
/// What it counts for in a link's window: chunks and lists; what is left out is small.
std::size_t size_bytes(const Letter& letter);

using Link = core::Link<Letter>;

// ---- both ways, in a session

struct Segment {
  core::Sender session;
  core::Channel channel = core::kSupervisorChannel;
  core::Frame<Letter> frame;
};

// ---- to the head

/// Which run is this? Answered with Offer.
struct Hello {};

/// What a node has to agree with the head on.
struct Credentials {
  std::string data_fingerprint;
  std::string determinism_class;
  bool operator==(const Credentials&) const = default;
};
struct JoinRequest {
  core::Join join;
  Credentials credentials;
};
/// The first word on a session's tensor connection, which is the session's from then on.
struct Attach {
  core::Sender session;
  SessionKey key{};  ///< all zero where packets are sealed with it: that it opens the seal shows that it has the key
};
struct StatusRequest {};
struct DrainRequest {
  std::string node;  ///< its name or its number
};
/// Go on by another policy.
struct PolicyRequest {
  std::string policy;  ///< as core::parse_policy reads it
};

// ---- to a node

/// What the run is. A node opens its data with this before it joins.
struct Offer {
  std::string manifest;  ///< as manifest.json has it
  std::chrono::nanoseconds liveness{};
};
/// A word that was understood, and is not done.
struct Refusal {
  std::string reason;      ///< what, and what to do about it
  bool may_retry = false;  ///< it may be different later
};
struct Greeting {
  core::Welcome welcome;
  std::string tensors;  ///< the endpoint; a host of * means: where the control connection goes to
  bool sealed = false;  ///< packets on it are sealed with `key`
  SessionKey key{};
};
/// The head does not know this session.
struct Gone {
  core::Sender session;
};
struct Dismissal {
  core::Sender session;
  core::Farewell farewell;
};

// ---- to an administrator

struct NodeStatus {
  std::string name;
  std::uint32_t node = 0;
  std::string state;
  std::uint32_t slots = 0;
  double samples_per_second = 0;
  double share = 0;              ///< of a round, 0 to 1
  std::uint64_t staleness = 0;   ///< of its last update; in rounds, and until it has made one: how far it is behind
  double gate_idle_seconds = 0;  ///< that it waited because the policy let it begin nothing, in this session
  double last_seen_seconds = 0;
};
struct Status {
  std::string run;
  std::uint64_t version = 0;
  std::uint64_t epoch = 0;
  std::optional<double> loss;
  double samples_per_second = 0;
  std::string policy;                 ///< in force
  std::uint64_t units_in_flight = 0;  ///< leased, and not yet applied
  std::uint64_t staleness_max = 0;    ///< of all updates of this term
  double gate_idle_seconds = 0;       ///< of all nodes, in this term
  std::vector<NodeStatus> nodes;
};
/// It is under way.
struct Done {};

struct Datagram {
  RunId run{};
  std::variant<Segment, Hello, JoinRequest, Attach, StatusRequest, DrainRequest, PolicyRequest, Offer, Refusal,
               Greeting, Gone, Dismissal, Status, Done>
      content;
};

}  // namespace fulmar::transport
