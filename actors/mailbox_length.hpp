// How much waits for an actor.
// Thread rule: called by the actor itself.
#pragma once

#include <cstdint>

#include <caf/fwd.hpp>

namespace fulmar::actors {

/// Messages that have come, and not been handled yet.
std::uint64_t queued(caf::scheduled_actor& self);

}  // namespace fulmar::actors
