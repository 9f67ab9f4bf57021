// An update on its way: which unit of work, computed from which version, under which lease.
//
// The units of a run are numbered as the epoch order has them: unit u is what round u of a synchronous run computes.
// There u is also the version that it is computed from, and nobody has a lease. In an asynchronous policy a node leases
// a whole unit with its base, and whatever it brings takes the next place in the run's one order of updates.
// Thread rule: plain values.
#pragma once

#include <cstdint>

#include "runtime/core/identity.hpp"

namespace fulmar::core {

/// Ascending in a term; 0: none, a synchronous round.
using LeaseNumber = std::uint64_t;
/// One update's worth of leaves.
using Unit = std::uint64_t;

struct Attempt {
  LeaseNumber lease = 0;
  NodeId node = 0;
  Incarnation incarnation = 0;
  Unit unit = 0;
  Version base = 0;
  bool operator==(const Attempt&) const = default;
};

/// What makes version base + 1 of version `base` in a synchronous round.
inline Attempt synchronous_attempt(Version base) {
  return {0, 0, 0, base, base};
}

}  // namespace fulmar::core
