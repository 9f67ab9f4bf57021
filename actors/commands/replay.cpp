// fulmar replay RUNDIR: recomputes a run from its journal and compares.
#include "actors/replay.hpp"

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "actors/commands/command.hpp"
#include "actors/commands/node_options.hpp"
#include "actors/commands/run_display.hpp"
#include "actors/commands/stop_signals.hpp"
#include "runtime/storage/posix_storage.hpp"

namespace fulmar::commands {
namespace {

struct Options {
  std::string directory;
  core::Version until = 0;
  std::uint32_t slots = default_slots();
  std::string progress;
  bool json = false;
};

void print_json(const actors::ReplayOutcome& outcome) {
  nlohmann::json json = {{"updates", outcome.updates},
                         {"checkpoints_compared", outcome.checkpoints_compared},
                         {"validations_compared", outcome.validations_compared},
                         {"equal", !outcome.first_difference.has_value()},
                         {"first_difference", nullptr}};
  if (outcome.first_difference) {
    json["first_difference"] = {{"version", outcome.first_difference->version},
                                {"what", outcome.first_difference->what}};
  }
  std::printf("%s\n", json.dump().c_str());
}

void print_text(const actors::ReplayOutcome& outcome) {
  std::printf("recomputed  %llu updates\n", static_cast<unsigned long long>(outcome.updates));
  std::printf("compared    %llu checkpoints, %llu validations\n",
              static_cast<unsigned long long>(outcome.checkpoints_compared),
              static_cast<unsigned long long>(outcome.validations_compared));
  if (outcome.first_difference) {
    std::printf("DIFFERS     first at version %llu: %s\n",
                static_cast<unsigned long long>(outcome.first_difference->version),
                outcome.first_difference->what.c_str());
  } else {
    std::printf("equal       every one of them\n");
  }
}

Result<actors::ReplayOutcome> recompute(const Options& options, const actors::Experiment& experiment,
                                        const actors::RecordedRun& run, const actors::ReplayPlan& plan,
                                        StopSignals& signals) {
  const actors::ProgressMode mode =
      actors::parse_progress_mode(options.progress).value_or(actors::Progress::suitable_mode(stderr));
  RunDisplay display(mode, LogFormat::text, experiment.shape(), plan.end);
  for (const std::string& note : run.notes) display.say(remark(note, monitoring::Severity::warning));
  Result<actors::ReplayOutcome> outcome =
      actors::replay(experiment, run, plan, options.slots, {&display}, [&](const actors::RequestStop& stop) {
        signals.handle_with([stop](const std::string& signal) { stop(signal); });
      });
  signals.handle_with(nullptr);
  display.finish();
  return outcome;
}

int run(const Options& options) {
  StopSignals signals;  // before anything that starts threads
  const Result<core::Manifest> manifest = read_run_manifest(options.directory);
  if (!manifest) return report_failure(manifest.error());
  const Result<actors::Experiment> experiment = open_run_experiment(*manifest, options.directory);
  if (!experiment) return report_failure(experiment.error());
  const storage::PosixStorage storage(options.directory);
  const Result<actors::RecordedRun> run = actors::read_recorded_run(*experiment, *manifest, storage);
  if (!run) return report_failure(run.error());
  const std::optional<core::Version> until = options.until > 0 ? std::optional(options.until) : std::nullopt;
  const Result<actors::ReplayPlan> plan = actors::plan_replay(run->history, until);
  if (!plan) return report_failure(Error{options.directory + ": " + plan.error().message});

  const Result<actors::ReplayOutcome> outcome = recompute(options, *experiment, *run, *plan, signals);
  if (!outcome) return report_failure(outcome.error());
  if (outcome->interrupted) {
    return report_failure(Error{"stopped at version " + std::to_string(outcome->updates) + " of " +
                                std::to_string(plan->end) + ": no difference up to there"});
  }
  if (options.json) {
    print_json(*outcome);
  } else {
    print_text(*outcome);
  }
  return outcome->first_difference ? kFailure : kSuccess;
}

}  // namespace

Command add_replay(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("replay", "Recompute a run from its config, data and journal, and compare the weights");
  command->add_option("RUNDIR", options->directory, "The directory of a run")->required();
  command->add_option("--until", options->until, "Stop at this version")->check(CLI::Range(1UL, ~0UL));
  command->add_option("--slots", options->slots, "Compute threads")
      ->check(CLI::Range(1U, 4096U))
      ->capture_default_str();
  command
      ->add_option("--progress", options->progress,
                   "bar, lines or none; by default a bar on a terminal, lines elsewhere")
      ->check(CLI::IsMember({"bar", "lines", "none"}));
  command->add_flag("--json", options->json, "Print one JSON object");
  return [options] { return run(*options); };
}

}  // namespace fulmar::commands
