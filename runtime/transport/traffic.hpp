// What went over the network, and what was not taken and why: for metrics.
// Thread rule: one writer for each object's counters; any thread may read.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace fulmar::transport {

/// Why something that came was not taken.
enum class Drop {
  malformed,        ///< not a datagram
  other_schema,     ///< of another version of the wire format
  other_run,        ///
  unknown_session,  ///< over, or never begun
  other_term,       ///< of a head before or after this one
  wrong_peer,       ///< a session's frame on a connection that is not the session's
  forged,           ///< the seal does not open
  replayed,         ///< it does, but has been seen
  out_of_order,     ///< in a session: a message or chunk that cannot come now
  not_allowed,      ///< the key's role does not include this
  key_refused,      ///< no such key is allowed
  turned_away,      ///< no handshake, or a claim beyond the largest packet
  queue_full,       ///< to be sent, but the peer does not read; the link sends it again
};
inline constexpr std::size_t kDrops = static_cast<std::size_t>(Drop::queue_full) + 1;
/// As metrics name it.
const char* to_string(Drop drop);

struct Traffic {
  std::atomic<std::uint64_t> packets_sent{0};
  std::atomic<std::uint64_t> packets_received{0};
  std::atomic<std::uint64_t> bytes_sent{0};
  std::atomic<std::uint64_t> bytes_received{0};
  std::array<std::atomic<std::uint64_t>, kDrops> dropped{};
  std::atomic<std::uint64_t> messages_waiting{0};  ///< in sessions: not sent, or not acknowledged; as of the last tick

  void sent(std::size_t bytes) {
    packets_sent.fetch_add(1, std::memory_order_relaxed);
    bytes_sent.fetch_add(bytes, std::memory_order_relaxed);
  }
  void received(std::size_t bytes) {
    packets_received.fetch_add(1, std::memory_order_relaxed);
    bytes_received.fetch_add(bytes, std::memory_order_relaxed);
  }
  void drop(Drop reason) { dropped[static_cast<std::size_t>(reason)].fetch_add(1, std::memory_order_relaxed); }
};

}  // namespace fulmar::transport
