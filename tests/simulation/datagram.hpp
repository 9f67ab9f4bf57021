// What travels in the simulated cluster: the roles' own messages, with the tensors beside them, in the frames of a link
// or as datagrams of their own.
// Thread rule: plain values; what is shared is immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/core/journal_record.hpp"
#include "runtime/core/link.hpp"
#include "runtime/core/session_message.hpp"
#include "tests/simulation/problem.hpp"

namespace fulmar::simulation {

using core::Time;
using ProcessId = std::uint32_t;
using HostId = std::uint32_t;
/// One connection from a node to a head, never used again; 0 is none.
using ConnectionId = std::uint64_t;
/// A machine's own numbers: host 0 runs heads, the others nodes.
inline constexpr HostId kHeadHost = 0;

/// Where a vector comes from, as the simulation knows it, whatever the message says.
struct Origin {
  std::uint64_t run = 0;
  core::Sender sender;
};

/// A tensor, or the extent of one.
struct Cargo {
  Vector values;
  Leaves leaves;  ///< of a gradient
  Origin origin;
};

using core::Channel;
using core::channel_of;
using core::kSupervisorChannel;
using core::SessionMessage;

struct Parcel {
  SessionMessage message;
  std::shared_ptr<const Cargo> cargo;
};
using Letter = std::shared_ptr<const Parcel>;

/// For a link's window: of its cargo.
inline std::size_t size_bytes(const Letter& letter) {
  return letter->cargo ? letter->cargo->values.size() * sizeof(float) : 0;
}

/// A frame of the link between a session and one role of the head.
struct Segment {
  core::Sender session;
  Channel channel = kSupervisorChannel;
  core::Frame<Letter> frame;
};
/// The receiver does not know this session.
struct Gone {
  core::Sender session;
};
struct Dismissal {
  core::Sender session;
  core::Farewell farewell;
};

struct Datagram {
  std::uint64_t run = 0;
  std::variant<core::Join, core::Welcome, Segment, Gone, Dismissal> content;
};

struct Envelope {
  ProcessId from = 0, to = 0;
  ConnectionId connection = 0;
  Datagram datagram;
};

/// For transcripts.
std::string role_name(Channel channel);
std::string describe(const std::vector<core::Block>& blocks);
std::string describe(const core::JournalRecord& record);
std::string describe(const SessionMessage& message);
std::string describe(const Datagram& datagram);

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace fulmar::simulation
