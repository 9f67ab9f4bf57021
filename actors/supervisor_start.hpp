// From what a training job starts with to what its supervisor starts with: flat vectors are cut into the shards'
// extents. Thread rule: pure function.
#pragma once

#include "actors/supervisor_actor.hpp"
#include "actors/training.hpp"

namespace fulmar::actors {

/// `gate`: of the start's transport, if it has one. `owner` gets the TrainingOutcome.
SupervisorStart supervisor_start(TrainingStart start, HeadGate* gate, caf::actor owner);

}  // namespace fulmar::actors
