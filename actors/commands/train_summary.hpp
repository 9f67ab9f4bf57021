// What `fulmar train` says at its end: where the run is, what it has become, how well it does.
// Thread rule: called from main() only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/commands/log.hpp"
#include "actors/experiment.hpp"
#include "actors/run_opening.hpp"
#include "runtime/core/run_state.hpp"

namespace fulmar::commands {

struct Summary {
  core::RunState state;
  bool completed = false;
  std::optional<double> wall_seconds;  ///< nothing where there was nothing to train
  std::uint64_t nodes_seen = 0;
  std::uint64_t failures_survived = 0;
  std::string policy;  ///< in force at the end
};

/// How it is said.
struct Manner {
  bool json = false;  ///< the summary, as one object
  LogFormat log = LogFormat::text;
};

/// Prints the scores of a completed run and the summary, and writes its report; returns the exit code. Scores that
/// cannot be had are a failure, told last: the weights are there all the same.
int show_end(const actors::Experiment& experiment, const actors::OpenedRun& run, const Summary& summary,
             const Manner& manner);

/// The command line that goes on with a run, as a shell takes it; `words`: what else is on it.
std::string resume_command(const std::string& config, const std::vector<std::string>& overrides,
                           const std::vector<std::string>& words);

}  // namespace fulmar::commands
