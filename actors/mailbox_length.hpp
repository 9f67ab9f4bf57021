// How much waits for an actor.
// Thread rule: called by the actor itself.
#pragma once

#include <cstdint>

#include <caf/scheduled_actor.hpp>

namespace fulmar::actors {

/// Messages that have come, and not been handled yet.
inline std::uint64_t queued(caf::scheduled_actor& self) {
  self.mailbox().fetch_more();
  return self.mailbox().size();
}

}  // namespace fulmar::actors
