// fulmar train RUN.toml: the main job.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/commands/command.hpp"
#include "actors/commands/listening.hpp"
#include "actors/commands/log.hpp"
#include "actors/commands/monitoring_observer.hpp"
#include "actors/commands/node_options.hpp"
#include "actors/commands/run_display.hpp"
#include "actors/commands/stop_signals.hpp"
#include "actors/commands/train_summary.hpp"
#include "actors/config/toml_document.hpp"
#include "actors/recorder_actor.hpp"
#include "actors/run_opening.hpp"
#include "actors/run_setup.hpp"
#include "actors/training.hpp"
#include "monitoring/listening_address.hpp"

namespace fulmar::commands {
namespace {

struct Options {
  std::string config;
  bool resume = false;
  std::uint32_t slots = default_slots();
  Listening listening;
  std::string metrics;
  std::vector<std::string> overrides;
  std::string progress;
  LogFormat log = LogFormat::text;
  bool json = false;
};

std::shared_ptr<const actors::RunContext> context_of(const actors::Experiment& experiment, const actors::OpenedRun& run,
                                                     const Environment& environment) {
  auto context = actors::make_run_context(experiment, run.manifest, run.term);
  context->supervision.policy = run.policy;
  context->supervision.order = run.order;
  if (environment.wrap_computation) context->computation = environment.wrap_computation(context->computation);
  return context;
}

actors::TrainingStart start_of(const Options& options, std::shared_ptr<const actors::RunContext> context,
                               actors::OpenedRun& run) {
  actors::TrainingStart start;
  start.context = std::move(context);
  start.state = run.state;
  start.policies = run.policies;
  start.policy_wanted = run.policy_wanted;
  start.weights = std::move(run.weights);
  start.optimizer = std::move(run.optimizer);
  start.storage = run.storage.get();
  start.journal = std::move(run.journal);
  start.node_name = host_name("head");
  start.slots = options.slots;
  return start;
}

Result<actors::TrainingOutcome> train(actors::TrainingStart start, actors::ProgressMode mode, LogFormat log,
                                      StopSignals& signals) {
  Result<actors::TrainingOutcome> outcome = actors::train(std::move(start), [&](const actors::RequestStop& request) {
    // From another thread than the display's, so past it; where there is a bar, a line end leaves it above.
    signals.handle_with([request, log, has_bar = mode == actors::ProgressMode::bar](const std::string& signal) {
      if (has_bar) std::fputc('\n', stderr);
      print_log(remark(signal + ": stopping with a checkpoint; once more to stop at once"), log);
      request(signal);
    });
  });
  signals.handle_with(nullptr);
  return outcome;
}

/// The command line that goes on with what this one began.
std::string command_to_go_on(const Options& options) {
  std::vector<std::string> words = words_of(options.listening);
  if (options.slots != default_slots()) words.insert(words.begin(), {"--slots", std::to_string(options.slots)});
  if (!options.metrics.empty()) words.insert(words.end(), {"--metrics", options.metrics});
  return resume_command(options.config, options.overrides, words);
}

std::string resuming(const std::string& directory, const actors::OpenedRun& run) {
  const core::Version version = run.state.version;
  const core::Version end = run.goes_on_from();
  if (end == 0) return directory + " has no update saved to go on from: it begins anew";
  const std::string text = "resuming " + directory + " at version " + std::to_string(version);
  return end == version ? text
                        : text + "; recomputes versions " + std::to_string(version + 1) + " … " + std::to_string(end) +
                              " from the journal";
}

/// As much of what an earlier head wrote as the status page shows the course of a run from.
constexpr std::uint64_t kEarlierMetricsBytesMax = std::uint64_t{32} << 20;
constexpr std::uint64_t kEarlierEventsBytesMax = std::uint64_t{1} << 20;

/// As much as there is; nothing where it cannot be read: pictures are worth no failure.
std::string end_of(const storage::Storage& storage, std::string_view file, std::uint64_t bytes_max) {
  if (!storage.exists(file)) return "";
  const Result<std::vector<std::byte>> end = storage.read_end(file, bytes_max);
  return end ? std::string(reinterpret_cast<const char*>(end->data()), end->size()) : "";
}

void describe_run(MonitoringObserver& monitoring, const actors::Experiment& experiment, const actors::OpenedRun& run) {
  const config::RunConfig& config = experiment.config();
  const std::chrono::duration<double> interval = config.checkpoint.every;
  monitoring::RunIdentity identity{
      run.manifest.run_id, run.manifest.name, config.run.directory, run.term, experiment.end_version(), {}};
  if (interval.count() > 0) identity.checkpoint_interval_seconds = interval.count();

  const core::RunShape& shape = experiment.shape();
  monitoring::RunCard card;
  card.program = FULMAR_VERSION;
  card.id = identity.id;
  card.name = identity.name;
  card.directory = identity.directory;
  card.term = run.term;
  card.end_version = identity.end_version;
  card.epochs = shape.epoch_of(std::max<core::Version>(card.end_version, 1) - 1) + 1;
  card.version = run.state.version;
  card.epoch = run.state.ledger.epoch();
  card.samples = run.state.ledger.samples_counted();
  card.recomputes_to = run.goes_on_from();

  monitoring.run_is(identity, card,
                    {end_of(*run.storage, actors::kMetricsFile, kEarlierMetricsBytesMax),
                     end_of(*run.storage, actors::kEventsFile, kEarlierEventsBytesMax)});
  if (const auto& best = run.state.validation.best) monitoring.best_is(best->version, best->loss);
}

/// What the values of the options look like; whether they can be used shows later.
Result<void> check(const Options& options, bool has_metrics) {
  for (const std::string& assignment : options.overrides) {
    config::Table scratch;
    if (Result<void> applied = config::apply_override(scratch, assignment); !applied) return applied;
  }
  if (Result<void> listening = check(options.listening); !listening) return listening;
  if (options.slots == 0 && !options.listening.is_wanted()) {
    return Error{
        "--slots 0 leaves all computing to others, and nobody can join: add --listen ENDPOINT (such as "
        "tcp://127.0.0.1:7400), or at least one slot"};
  }
  if (options.log == LogFormat::json && !options.progress.empty() && options.progress != "none") {
    return Error{"--progress " + options.progress +
                 " is for people and --log json for machines: leave one of them out"};
  }
  return has_metrics ? monitoring::check_address(options.metrics) : Result<void>{};
}

/// Tells how the run ended; gives the exit code.
int tell_end(const Options& options, const actors::Experiment& experiment, const actors::OpenedRun& run,
             const actors::TrainingOutcome& outcome, double wall_seconds) {
  const std::string go_on = command_to_go_on(options);
  if (outcome.superseded)
    return log_failure(Error{outcome.reason}, options.log);  // there is nothing to go on with here
  if (outcome.failed) {
    return log_failure(Error{outcome.reason + "\n  once that is put right, go on with: " + go_on}, options.log);
  }
  if (!outcome.completed) {
    print_log(remark("stopped (" + outcome.reason + ") at version " + std::to_string(outcome.state.version) +
                     "; go on with: " + go_on),
              options.log);
  }
  return show_end(
      experiment, run,
      {outcome.state, outcome.completed, wall_seconds, outcome.nodes_seen, outcome.failures_survived, outcome.policy},
      {options.json, options.log});
}

int run(const Options& options, const Environment& environment) {
  StopSignals signals;  // before anything that starts threads
  const auto begin = std::chrono::steady_clock::now();
  Result<config::RunConfig> config = config::load_run_config(options.config, options.overrides);
  if (!config) return log_failure(config.error(), options.log);
  const Result<actors::Experiment> experiment = actors::Experiment::open(std::move(*config));
  if (!experiment) return log_failure(experiment.error(), options.log);
  // Before the directory is claimed: an address in use leaves nothing behind.
  std::unique_ptr<MonitoringObserver> metrics;
  if (!options.metrics.empty()) {
    Result<std::unique_ptr<MonitoringObserver>> served = MonitoringObserver::serve(options.metrics);
    if (!served) return log_failure(served.error(), options.log);
    metrics = std::move(*served);
  }
  if (const Result<void> rehearsed = rehearse(options.listening); !rehearsed)
    return log_failure(rehearsed.error(), options.log);
  Result<actors::OpenedRun> opened = actors::open_run(*experiment, options.resume);
  if (!opened) return log_failure(opened.error(), options.log);

  const actors::ProgressMode usual =
      options.log == LogFormat::json ? actors::ProgressMode::none : actors::Progress::suitable_mode(stderr);
  const actors::ProgressMode mode = actors::parse_progress_mode(options.progress).value_or(usual);
  RunDisplay display(mode, options.log, experiment->shape(), experiment->end_version());
  for (const std::string& note : opened->notes) display.say(remark(note, monitoring::Severity::warning));
  const std::string& directory = experiment->config().run.directory;
  if (opened->finished) {
    display.say(remark(directory + " is finished: nothing is left to train"));
    return show_end(*experiment, *opened, {opened->state, true, std::nullopt, 0, 0, core::to_string(opened->policy)},
                    {options.json, options.log});
  }
  if (opened->resumed) display.say(remark(resuming(directory, *opened)));
  if (opened->order) display.recomputes_to(opened->order->end());
  if (metrics) {
    describe_run(*metrics, *experiment, *opened);
    display.say(
        remark("metrics on port " + std::to_string(metrics->port()) + ", path /metrics; status page at path /"));
  }

  const std::shared_ptr<const actors::RunContext> context = context_of(*experiment, *opened, environment);
  actors::TrainingStart start = start_of(options, context, *opened);
  start.observers = {&display};
  if (metrics) start.observers.push_back(metrics.get());
  start.observers.insert(start.observers.end(), environment.observers.begin(), environment.observers.end());
  if (options.listening.is_wanted()) {
    Result<std::shared_ptr<transport::HeadTransport>> listening = listen(options.listening, *context);
    if (!listening) return log_failure(listening.error(), options.log);
    start.transport = std::move(*listening);
    display.say(remark(invitation(options.listening, *start.transport)));
    if (metrics) metrics->watch(start.transport);
  }
  const Result<actors::TrainingOutcome> outcome = train(std::move(start), mode, options.log, signals);
  if (metrics) metrics->watch(nullptr);
  display.finish();
  if (!outcome) return log_failure(outcome.error(), options.log);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  const int code = tell_end(options, *experiment, *opened, *outcome, wall.count());
  if (metrics) metrics->let_the_end_be_seen();
  return code;
}

}  // namespace

Command add_train(CLI::App& program, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("train", "Train a run, on all cores, with no other service");
  command->add_option("RUN.toml", options->config, "The run's config")->required();
  command->add_flag(
      "--resume", options->resume,
      "Go on with the run in run.directory from its newest good checkpoint; starts one where there is none");
  command->add_option("--slots", options->slots, "Compute threads; 0, with --listen: only others compute")
      ->check(CLI::Range(0U, 4096U))
      ->capture_default_str();
  Listening& listening = options->listening;
  command->add_option("--listen", listening.endpoint,
                      "Let others join, with `fulmar join`: tcp://HOST:PORT (port 0: any free one) or ipc://PATH");
  command->add_option(
      "--keys", listening.keys,
      "With --listen: the head's directory of `fulmar keygen`; encrypts, and lets in whose keys it has");
  command->add_flag("--insecure", listening.insecure, "With --listen: beyond this machine without keys");
  command->add_option("--set", options->overrides, "Override a key of the config: key=value")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  const CLI::Option* metrics =
      command->add_option("--metrics", options->metrics,
                          "Serve the status page and Prometheus metrics on HOST:PORT (port 0: any free one)");
  command
      ->add_option("--progress", options->progress,
                   "bar, lines or none; by default a bar on a terminal, lines elsewhere")
      ->check(CLI::IsMember({"bar", "lines", "none"}));
  add_log_option(*command, options->log);
  command->add_flag("--json", options->json, "End with one JSON object on stdout");
  command->parse_complete_callback([options, metrics] { insist_on(check(*options, metrics->count() > 0)); });
  return [options, environment] { return run(*options, environment); };
}

}  // namespace fulmar::commands
