// Opening the run directory on the simulated disk, as the program's own opening does it: what a crash left is cleared,
// the newest good checkpoint is taken, what the journal has beyond it is to be recomputed, and the term is raised
// durably before anything else is written.
// Thread rule: one simulation, one thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/core/manifest.hpp"
#include "runtime/core/prescribed_order.hpp"
#include "runtime/core/run_state.hpp"
#include "runtime/storage/checkpoint.hpp"
#include "runtime/storage/journal.hpp"
#include "tests/simulation/problem.hpp"
#include "tests/simulation/timeline.hpp"

namespace fulmar::simulation {

struct World;

inline constexpr const char* kRunId = "00000000000000000000000000000001";
inline constexpr const char* kConfigSha256 = "0000000000000000000000000000000000000000000000000000000000000000";

struct OpenedRun {
  storage::Journal journal;
  core::Term term = 0;
  core::RunState state;
  Vector weights;
  std::vector<Vector> optimizer;
  core::PolicySettings policy;                         ///< by which it goes on
  std::shared_ptr<const core::PrescribedOrder> order;  ///< of what it recomputes first; none: nothing
  Timeline timeline;                                   ///< up to the end of that
};

/// Fails where the disk does.
Result<OpenedRun> open_run(World& world);

/// The one tensor that the parameters are.
std::vector<core::ManifestTensor> tensors_of(const World& world);

}  // namespace fulmar::simulation
