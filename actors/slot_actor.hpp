// A slot: one compute thread, as a detached actor. It evaluates leaves and adds vectors, one job at a time.
//
// An exception of a model or a loader ends the actor; its exit reason names the leaf and the cause (slot_death()).
// Thread rule: an actor; `abandon_before` is shared with its worker.
#pragma once

#include <atomic>
#include <memory>

#include <caf/actor.hpp>
#include <caf/behavior.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/computation.hpp"
#include "actors/mail.hpp"
#include "actors/run_context.hpp"

namespace fulmar::actors {

/// Gradients of works before this number are of no use any longer: a slot looks at it between leaves.
using AbandonBefore = std::atomic<std::uint64_t>;

struct SlotState {
  std::unique_ptr<Computation> computation;
  core::LeafId leaf;  ///< being computed
  bool at_leaf = false;
};
using SlotActor = caf::stateful_actor<SlotState>;

caf::behavior slot_actor(SlotActor* self, std::shared_ptr<const RunContext> context, core::SlotId slot,
                         caf::actor worker, std::shared_ptr<const AbandonBefore> abandon_before);

/// What a slot's exit reason says.
core::worker_event::SlotDied slot_death(core::SlotId slot, const caf::error& reason);

}  // namespace fulmar::actors
