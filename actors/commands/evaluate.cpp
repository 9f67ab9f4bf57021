// fulmar evaluate RUNDIR: the scores of a run's weights, by variable and lead, beside the baselines.
#include <cstdio>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "actors/commands/command.hpp"
#include "actors/commands/score_table.hpp"
#include "actors/evaluation.hpp"
#include "runtime/storage/posix_storage.hpp"

namespace fulmar::commands {
namespace {

struct Options {
  std::string directory;
  std::string split = "test";
  std::string weights;
  bool json = false;
};

int run(const Options& options) {
  const Result<core::Manifest> manifest = read_run_manifest(options.directory);
  if (!manifest) return report_failure(manifest.error());
  const Result<actors::Experiment> experiment = open_run_experiment(*manifest, options.directory);
  if (!experiment) return report_failure(experiment.error());
  storage::PosixStorage storage(options.directory);
  const Result<actors::Evaluation> evaluation =
      actors::evaluate(*experiment, storage, *data::parse_split(options.split), options.weights);
  if (!evaluation) return report_failure(evaluation.error());
  if (options.json) {
    std::printf("%s\n", score_json(*evaluation).dump().c_str());
  } else {
    std::printf("%s", score_table(*evaluation).c_str());
  }
  return kSuccess;
}

}  // namespace

Command add_evaluate(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("evaluate", "Scores by variable and lead, beside the baselines");
  command->add_option("RUNDIR", options->directory, "The directory of a run")->required();
  command->add_option("--split", options->split, "Which samples to score")
      ->check(CLI::IsMember({"train", "validation", "test"}))
      ->capture_default_str();
  const CLI::Option* weights = command->add_option(
      "--weights", options->weights, "best, latest or a version; by default best where there is a validation split");
  command->add_flag("--json", options->json, "Print one JSON object");
  command->parse_complete_callback([options, weights] {
    if (weights->count() > 0) insist_on(actors::check_selection(options->weights));
  });
  return [options] { return run(*options); };
}

}  // namespace fulmar::commands
