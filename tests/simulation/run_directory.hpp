// Opening the run directory on the simulated disk, as the program's own opening does it: what a crash left is cleared,
// the newest good checkpoint is taken, and the term is raised durably before anything else is written.
// Thread rule: one simulation, one thread.
#pragma once

#include <string>
#include <vector>

#include "runtime/core/manifest.hpp"
#include "runtime/core/run_state.hpp"
#include "runtime/storage/checkpoint.hpp"
#include "runtime/storage/journal.hpp"
#include "tests/simulation/problem.hpp"

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
};

/// Fails where the disk does.
Result<OpenedRun> open_run(World& world);

/// The one tensor that the parameters are.
std::vector<core::ManifestTensor> tensors_of(const World& world);

}  // namespace fulmar::simulation
