// The floating-point environment that the bits of a run rest on: round to nearest, subnormal numbers kept, no traps.
// Thread rule: it is a property of each thread; call both functions on the thread itself.
#pragma once

namespace fulmar::models {

/// Called once at the start of every compute thread: sets the environment and checks it. A library that was loaded or
/// called may have changed it.
void prepare_compute_thread();

/// Whether this thread rounds to nearest and neither flushes subnormal results nor reads subnormal operands as zero;
/// found out by computing, so it holds on every CPU.
bool floating_point_environment_ok();

}  // namespace fulmar::models
