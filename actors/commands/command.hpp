// The program's commands: each adds itself to the command line and says how to run it.
// Exit codes: 0 success, 1 failure, 2 bad usage. Errors are one or two lines on stderr.
// Thread rule: called from main() only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "actors/computation.hpp"
#include "actors/experiment.hpp"
#include "actors/run_observer.hpp"
#include "runtime/core/manifest.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::commands {

inline constexpr int kSuccess = 0;
inline constexpr int kFailure = 1;
inline constexpr int kBadUsage = 2;

/// Runs what was parsed and returns the exit code.
using Command = std::function<int()>;

/// What a program that is not the user's own puts round a run: the tests pace its computation and look on.
struct Environment {
  /// Puts something round the computation of each slot; empty: nothing.
  std::function<actors::ComputationFactory(actors::ComputationFactory)> wrap_computation;
  std::vector<actors::RunObserver*> observers;  ///< of `train`; outlive the program's run
};

Command add_train(CLI::App& program, const Environment& environment);
Command add_join(CLI::App& program, const Environment& environment);
Command add_status(CLI::App& program);
Command add_drain(CLI::App& program);
Command add_policy(CLI::App& program);
Command add_keygen(CLI::App& program);
Command add_evaluate(CLI::App& program);
Command add_report(CLI::App& program);
Command add_inspect(CLI::App& program);
Command add_replay(CLI::App& program);
Command add_simulate(CLI::App& program);

/// Prints "fulmar: MESSAGE" on stderr.
int report_failure(const Error& error);

/// While the command line is read: ends that as bad usage if what was found is an error.
void insist_on(const Result<void>& checked);

/// The manifest of the run in `directory`; the error of a directory without a run says so.
Result<core::Manifest> read_run_manifest(const std::string& directory);
/// The experiment of a run, from its manifest's config, wherever the directory lies now.
Result<actors::Experiment> open_run_experiment(const core::Manifest& manifest, const std::string& directory);

}  // namespace fulmar::commands
