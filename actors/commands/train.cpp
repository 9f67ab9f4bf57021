// fulmar train RUN.toml: the main job.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/commands/command.hpp"
#include "actors/commands/metrics_observer.hpp"
#include "actors/commands/run_display.hpp"
#include "actors/commands/score_table.hpp"
#include "actors/commands/stop_signals.hpp"
#include "actors/evaluation.hpp"
#include "actors/run_opening.hpp"
#include "actors/task_computation.hpp"
#include "actors/training.hpp"
#include "runtime/storage/checkpoint_layout.hpp"

namespace fulmar::commands {
namespace {

struct Options {
  std::string config;
  bool resume = false;
  std::uint32_t slots = std::max(1U, std::thread::hardware_concurrency());
  std::string metrics;
  std::vector<std::string> overrides;
  std::string progress;
  bool json = false;
};

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 && name[0] != '\0' ? name.data() : "head";
}

std::shared_ptr<const actors::RunContext> context_of(const actors::Experiment& experiment,
                                                     const actors::OpenedRun& run) {
  const config::RunConfig& config = experiment.config();
  auto context = std::make_shared<actors::RunContext>();
  context->manifest = run.manifest;
  context->shape = experiment.shape();
  context->optimizer = config.optimizer;
  context->verdict_rule.not_finite = config.policy.not_finite;
  context->shards = core::ShardMap(experiment.layout().size(), config.policy.shards);
  context->term = run.term;
  context->checkpoints_kept = config.checkpoint.keep;
  context->computation = [experiment] {
    return actors::make_task_computation(experiment.shape(), experiment.task(), experiment.make_model());
  };
  core::SupervisorSettings& supervision = context->supervision;
  supervision.shape = experiment.shape();
  supervision.term = run.term;
  supervision.shards = config.policy.shards;
  supervision.end_version = experiment.end_version();
  supervision.patience = config.stop.patience;
  supervision.checkpoint_every_rounds = config.checkpoint.every_rounds;
  supervision.checkpoint_every = config.checkpoint.every;
  supervision.not_finite = config.policy.not_finite;
  return context;
}

/// policy.leaves bounds how many slots a synchronous round can keep busy.
std::optional<std::string> slots_warning(std::uint32_t slots, std::uint64_t leaves) {
  const std::string counts = std::to_string(slots) + " slots and policy.leaves = " + std::to_string(leaves);
  if (slots > leaves) {
    return "warning: " + counts + ": " + std::to_string(slots - leaves) +
           " slots will be idle; use fewer with --slots, or more and smaller leaves (policy.leaf_size)";
  }
  if (slots > 1 && leaves < 4 * std::uint64_t{slots}) {
    return "note: " + counts + ": rounds balance best with at least " + std::to_string(4 * slots) +
           " leaves; use fewer slots, or more and smaller leaves (policy.leaf_size)";
  }
  return std::nullopt;
}

std::string latest_sha256(storage::Storage& storage) {
  const storage::CheckpointStore store(storage);
  const Result<std::optional<core::Version>> latest = store.latest();
  if (!latest || !*latest) return "";
  const Result<storage::StateFile> state = store.load_state(**latest);
  if (!state) return "";
  const auto weights = state->files.find(std::string(storage::kWeightsFile));
  return weights == state->files.end() ? "" : weights->second.sha256;
}

/// As a shell takes it back.
std::string quoted(const std::string& word) {
  static constexpr char kPlain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char letter : word) text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return text + "'";
}

/// The command that goes on with this run.
std::string resume_command(const Options& options) {
  std::string command = "fulmar train " + quoted(options.config) + " --resume";
  for (const std::string& assignment : options.overrides) command += " --set " + quoted(assignment);
  return command;
}

/// What is said at the end.
struct Summary {
  core::RunState state;
  bool completed = false;
  double wall_seconds = 0;
  std::uint64_t nodes_seen = 0;
  std::uint64_t failures_survived = 0;
};

nlohmann::json to_json(const actors::OpenedRun& run, const Summary& summary, const std::string& sha256) {
  return {{"run", run.manifest.run_id},
          {"version", summary.state.version},
          {"epoch", summary.state.ledger.epoch()},
          {"policy", "sync"},
          {"parameters", run.manifest.parameter_count},
          {"weights_sha256", sha256},
          {"samples", summary.state.ledger.samples_counted()},
          {"wall_seconds", summary.wall_seconds},
          {"nodes_seen", summary.nodes_seen},
          {"failures_survived", summary.failures_survived},
          {"completed", summary.completed}};
}

int show_end(const Options& options, const actors::Experiment& experiment, actors::OpenedRun& run,
             const Summary& summary) {
  const std::string& directory = experiment.config().run.directory;
  const std::string sha256 = latest_sha256(*run.storage);
  std::optional<nlohmann::json> scores;
  if (summary.completed && experiment.task()->sample_count(data::Split::test) > 0) {
    const Result<actors::Evaluation> evaluation = actors::evaluate(experiment, *run.storage, data::Split::test, "");
    if (!evaluation) return report_failure(evaluation.error());
    if (options.json) {
      scores = score_json(*evaluation);
    } else {
      std::printf("%s\n", score_table(*evaluation).c_str());
    }
  }
  if (options.json) {
    nlohmann::json json = to_json(run, summary, sha256);
    if (scores) json["evaluation"] = std::move(*scores);
    std::printf("%s\n", json.dump().c_str());
    return kSuccess;
  }
  std::printf("  run directory   %s\n", directory.c_str());
  std::printf("  version         %llu (epoch %llu, %llu samples) in %.1f s\n",
              static_cast<unsigned long long>(summary.state.version),
              static_cast<unsigned long long>(summary.state.ledger.epoch()),
              static_cast<unsigned long long>(summary.state.ledger.samples_counted()), summary.wall_seconds);
  std::printf("  weights_sha256  %s\n", sha256.c_str());
  return kSuccess;
}

Result<actors::TrainingOutcome> train(const Options& options, const actors::Experiment& experiment,
                                      actors::OpenedRun& run, RunDisplay& display, MetricsObserver* metrics,
                                      StopSignals& signals) {
  actors::TrainingStart start;
  start.context = context_of(experiment, run);
  start.state = run.state;
  start.weights = std::move(run.weights);
  start.optimizer = std::move(run.optimizer);
  start.storage = run.storage.get();
  start.journal = std::move(run.journal);
  start.node_name = host_name();
  start.slots = options.slots;
  start.observers = {&display};
  if (metrics) start.observers.push_back(metrics);
  return actors::train(std::move(start), [&](const actors::RequestStop& request) {
    signals.handle_with([&display, request](const std::string& signal) {
      std::fprintf(stderr, "\n%s: stopping with a checkpoint; once more to stop at once\n", signal.c_str());
      request(signal);
    });
  });
}

int run(const Options& options) {
  StopSignals signals;  // before anything that starts threads
  const auto begin = std::chrono::steady_clock::now();
  Result<config::RunConfig> config = config::load_run_config(options.config, options.overrides);
  if (!config) return report_failure(config.error());
  const Result<actors::Experiment> experiment = actors::Experiment::open(std::move(*config));
  if (!experiment) return report_failure(experiment.error());
  std::unique_ptr<MetricsObserver> metrics;
  if (!options.metrics.empty()) {  // before the directory is claimed: an address in use leaves nothing behind
    Result<std::unique_ptr<MetricsObserver>> served = MetricsObserver::serve(options.metrics);
    if (!served) return report_failure(served.error());
    metrics = std::move(*served);
  }
  Result<actors::OpenedRun> opened = actors::open_run(*experiment, options.resume);
  if (!opened) return report_failure(opened.error());

  const auto mode = actors::parse_progress_mode(options.progress);
  RunDisplay display(mode.value_or(actors::Progress::suitable_mode(stderr)), experiment->shape(),
                     experiment->end_version());
  for (const std::string& note : opened->notes) display.note("warning: " + note);
  const std::string& directory = experiment->config().run.directory;
  if (opened->finished) {
    display.note(directory + " is finished: nothing is left to train");
    return show_end(options, *experiment, *opened, {opened->state, true, 0, 0, 0});
  }
  if (opened->resumed) display.note("resuming " + directory + " at version " + std::to_string(opened->state.version));
  if (const auto warning = slots_warning(options.slots, experiment->shape().leaves)) display.note(*warning);

  if (metrics) display.note("metrics on port " + std::to_string(metrics->port()) + ", path /metrics");
  const Result<actors::TrainingOutcome> outcome = train(options, *experiment, *opened, display, metrics.get(), signals);
  display.finish();
  if (!outcome) return report_failure(outcome.error());
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  if (outcome->failed) {
    return report_failure(Error{outcome->reason + "\n  once that is put right: " + resume_command(options)});
  }
  if (!outcome->completed) {
    std::fprintf(stderr, "stopped (%s) at version %llu; go on with: %s\n", outcome->reason.c_str(),
                 static_cast<unsigned long long>(outcome->state.version), resume_command(options).c_str());
  }
  return show_end(options, *experiment, *opened,
                  {outcome->state, outcome->completed, wall.count(), outcome->nodes_seen, outcome->failures_survived});
}

}  // namespace

Command add_train(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("train", "Train a run, on all cores, with no other service");
  command->add_option("RUN.toml", options->config, "The run's config")->required();
  command->add_flag(
      "--resume", options->resume,
      "Go on with the run in run.directory from its newest good checkpoint; starts one where there is none");
  command->add_option("--slots", options->slots, "Compute threads")
      ->check(CLI::Range(1U, 4096U))
      ->capture_default_str();
  command->add_option("--set", options->overrides, "Override a key of the config: key=value")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--metrics", options->metrics, "Serve Prometheus metrics on HOST:PORT (port 0: any free one)");
  command
      ->add_option("--progress", options->progress,
                   "bar, lines or none; by default a bar on a terminal, lines elsewhere")
      ->check(CLI::IsMember({"bar", "lines", "none"}));
  command->add_flag("--json", options->json, "End with one JSON object on stdout");
  return [options] { return run(*options); };
}

}  // namespace fulmar::commands
