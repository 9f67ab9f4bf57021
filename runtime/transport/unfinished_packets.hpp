// Cuts off who sends a packet without an end. ZeroMQ keeps the frames of a message until its last one has come, and
// sets no limit to their number. The system knows how many bytes of a connection have been read; those that have not
// become a packet are in ZeroMQ's memory. Thread rule: one owner, the listener.
//
// UNFINISHED-1: a TCP connection of which more than kUnfinishedBytesMax have been read, with no packet among them, is
// cut off at the second look that finds it so. The first may have come between the reading and the packet.
// Connections within a machine (ipc) are not looked at: the system does not count for them.
#pragma once

#include <cstdint>
#include <map>

#include "runtime/core/liveness.hpp"
#include "runtime/transport/connection_table.hpp"

namespace fulmar::transport {

/// A packet, and half as much for what goes round it and the beginning of the next.
inline constexpr std::uint64_t kUnfinishedBytesMax = kPacketBytesMax + kPacketBytesMax / 2;

class UnfinishedPackets {
 public:
  /// Looks every `period`; to be called when all packets that are there have been taken.
  explicit UnfinishedPackets(core::Time period) : period_(period) {}
  void look(core::Time now, ConnectionTable& table);

 private:
  struct Reading {
    std::uint64_t packets = 0;
    std::uint64_t bytes = 0;  ///< when there had been so many packets
    bool is_too_much = false;
  };
  /// True: it is to be cut off.
  bool judge(Reading& reading, std::uint64_t packets, std::uint64_t bytes);

  core::Time period_;
  core::Time next_look_{};
  std::map<PeerId, Reading> readings_;
};

/// Has the system close it, for whoever owns the descriptor to find out. It cannot have been closed unless that is on
/// its way already; where it has, and is somebody else's by now, that one has to connect once more.
void cut_off(const Connection& connection);

}  // namespace fulmar::transport
