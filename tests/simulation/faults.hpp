// The ways in which machines, networks and disks fail in a simulation, each a kind of its own, so that a failing seed
// can be tried again without one of them.
// Thread rule: plain values.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "runtime/core/liveness.hpp"

namespace fulmar::simulation {

/// What the amount of each says stands beside it. "times": as often, at moments drawn before the horizon.
enum class Fault {
  node_crash,       ///< times; the process returns after a while, or never
  node_freeze,      ///< times; it thaws after a while
  slow_node,        ///< so many nodes are slow from the beginning
  speed_change,     ///< times
  slot_death,       ///< of a thousand jobs
  local_crash,      ///< times; a worker in the head's process
  message_loss,     ///< of a thousand datagrams
  message_double,   ///< of a thousand datagrams
  message_delay,    ///< so many times the usual latency, for some datagrams
  message_stale,    ///< of ten thousand datagrams: a copy comes seconds later, as of an earlier life or another run
  frame_forged,     ///< of a thousand frames of nodes: somebody else says something in the session's name
  connection_drop,  ///< times; it closes although both ends live
  link_cut,         ///< times; one way or both ways, of one node or all
  clock_rate,       ///< 1: clocks are up to a quarter fast or slow
  clock_jump,       ///< times; forward mostly
  head_crash,       ///< times; the process only
  power_cut,        ///< times; what is not synced may be lost, a write may be torn
  head_freeze,      ///< times; with or without a successor, beside which it thaws
  disk_full,        ///< times; for a while
  sync_failure,     ///< times
  sync_lost,        ///< times; the disk lies for a while, and then power is cut
  bit_flip,         ///< times; in a checkpoint
  node_leave,       ///< times; of itself
  drain_request,    ///< times; an administrator asks
  all_leave,        ///< times
  node_join,        ///< times; a new one
  many_join,        ///< times; several new ones at once
  stop_request,     ///< times; the run is resumed afterwards
  policy_switch,    ///< times; to any policy
  killer_of_slots,  ///< 1: a leaf kills every slot that computes it
  killer_of_nodes   ///< 1: a leaf kills every node that computes it
};
inline constexpr std::size_t kFaultKinds = static_cast<std::size_t>(Fault::killer_of_nodes) + 1;
const char* to_string(Fault fault);

struct Faults {
  std::array<std::uint32_t, kFaultKinds> amounts{};  ///< 0: never
  core::Time horizon{};                              ///< then everything heals, and the run must finish

  std::uint32_t of(Fault fault) const { return amounts[static_cast<std::size_t>(fault)]; }
  bool has(Fault fault) const { return of(fault) > 0; }
  bool none() const { return amounts == decltype(amounts){}; }
  void set(Fault fault, std::uint64_t amount) {
    amounts[static_cast<std::size_t>(fault)] = static_cast<std::uint32_t>(amount);
  }
};

}  // namespace fulmar::simulation
