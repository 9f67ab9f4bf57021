// fulmar join ENDPOINT: this machine takes part in a run that another one leads.
#include <algorithm>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <utility>

#include "actors/commands/command.hpp"
#include "actors/commands/head_client.hpp"
#include "actors/commands/log.hpp"
#include "actors/commands/node_options.hpp"
#include "actors/commands/stop_signals.hpp"
#include "actors/idle_capacity.hpp"
#include "actors/node_run.hpp"
#include "actors/run_agreement.hpp"
#include "actors/task_computation.hpp"
#include "runtime/storage/manifest_file.hpp"

namespace fulmar::commands {
namespace {

struct Options {
  std::string endpoint;
  std::uint32_t slots = default_slots();
  std::string data;
  std::string keys;
  std::string name = host_name("node");
  LogFormat log = LogFormat::text;
};

/// Says a thing that a user should know, a line each.
class Voice {
 public:
  explicit Voice(LogFormat format) : format_(format) {}

  void say(const char* kind, const std::string& text, const std::string& reason = "") const {
    monitoring::RunEvent event = remark(text);
    // A person reads the text alone; a machine looks for the kind.
    if (format_ == LogFormat::json) event.kind = kind;
    event.reason = reason;
    print_log(event, format_);
  }

 private:
  LogFormat format_;
};

/// Pauses that grow, so that many who wait for one head do not come back to it together.
class Pauses {
 public:
  void wait() {
    std::uniform_real_distribution<double> part(0.5, 1.0);
    std::this_thread::sleep_for(pause_ * part(entropy_));  // style: allow(no-sleep) because it waits to ask again
    pause_ = std::min(2 * pause_, std::chrono::duration<double>(kMax));
  }

 private:
  static constexpr auto kMax = std::chrono::seconds(4);
  std::random_device entropy_;
  std::chrono::duration<double> pause_ = std::chrono::milliseconds(100);
};

/// What the run is, once a head is there to say so.
Result<transport::Offer> wait_for_offer(const HeadAddress& head, const Voice& voice) {
  Pauses pauses;
  bool waiting = false;
  while (true) {
    auto said = ask_for<transport::Offer>(head, transport::Hello{});
    if (auto* offer = std::get_if<transport::Offer>(&said)) return std::move(*offer);
    const auto& refusal = std::get<transport::Refusal>(said);
    if (!refusal.may_retry) return Error{refusal.reason};
    if (!std::exchange(waiting, true)) {
      voice.say("waiting", "waiting for a head at " + transport::to_string(head.endpoint), refusal.reason);
    }
    pauses.wait();
  }
}

std::shared_ptr<const actors::RunContext> context_of(const actors::Experiment& experiment,
                                                     const core::Manifest& manifest, core::Time liveness,
                                                     const Environment& environment) {
  auto context = std::make_shared<actors::RunContext>();
  context->manifest = manifest;
  context->shape = experiment.shape();
  context->shards = core::ShardMap(manifest.parameter_floats, manifest.shards);
  context->supervision.shape = experiment.shape();
  context->supervision.shards = manifest.shards;
  context->supervision.end_version = experiment.end_version();
  context->supervision.liveness.value = liveness;
  context->computation = [experiment] {
    return actors::make_task_computation(experiment.shape(), experiment.task(), experiment.make_model());
  };
  if (environment.wrap_computation) context->computation = environment.wrap_computation(context->computation);
  return context;
}

class Display final : public actors::NodeObserver {
 public:
  Display(Voice voice, std::string head, std::string run, std::uint32_t slots)
      : voice_(voice), head_(std::move(head)), run_(std::move(run)), slots_(slots) {}

  void on_joined(core::NodeId node) override {
    voice_.say("joined", "joined as node " + std::to_string(node) + " of run " + run_ + " with " +
                             std::to_string(slots_) + (slots_ == 1 ? " slot" : " slots"));
  }
  void on_lost(const std::string& cause) override {
    voice_.say("head_lost", "lost the head at " + head_ + " (" + cause + "), trying again", cause);
  }
  void on_put_off(const std::string& reason) override { voice_.say("put_off", reason + "; trying again", reason); }
  void on_leaving() override { voice_.say("leaving", "leaving: what is running is finished, the rest is handed back"); }

 private:
  Voice voice_;
  std::string head_;
  std::string run_;
  std::uint32_t slots_;
};

int run(const Options& options, const Environment& environment) {
  StopSignals signals;  // before anything that starts threads
  const Voice voice(options.log);
  const Result<HeadAddress> head = head_address(options.endpoint, options.keys);
  if (!head) return log_failure(head.error(), options.log);
  const Result<transport::Offer> offer = wait_for_offer(*head, voice);
  if (!offer) return log_failure(offer.error(), options.log);
  const std::string place = transport::to_string(head->endpoint);
  const Result<core::Manifest> manifest = storage::parse_manifest(offer->manifest, "the manifest from " + place);
  if (!manifest) return log_failure(manifest.error(), options.log);
  const Result<actors::Experiment> experiment = actors::open_agreed(*manifest, options.data);
  if (!experiment) return log_failure(experiment.error(), options.log);
  if (const auto advice = actors::slots_advice(options.slots, manifest->leaves)) {
    monitoring::RunEvent event = remark(advice->text, advice->severity);
    event.kind = "advice";
    print_log(event, options.log);
  }

  actors::NodeStart start;
  start.context = context_of(*experiment, *manifest, offer->liveness, environment);
  start.head = head->endpoint;
  start.keys = head->keys;
  start.credentials = {manifest->data_fingerprint, manifest->determinism_class};
  start.name = options.name;
  start.slots = options.slots;
  Display display(voice, place, manifest->name + " (" + manifest->run_id + ")", options.slots);
  start.observer = &display;
  const Result<actors::NodeOutcome> outcome =
      actors::take_part(std::move(start), [&](const actors::RequestLeave& leave) {
        signals.handle_with([leave, voice](const std::string& signal) {
          voice.say("signal", signal + ": leaving the run; once more to stop at once", signal);
          leave();
        });
      });
  signals.handle_with(nullptr);
  if (!outcome) return log_failure(outcome.error(), options.log);
  if (outcome->failed) return log_failure(Error{outcome->reason}, options.log);
  voice.say("left", "left the run: " + outcome->reason, outcome->reason);
  return kSuccess;
}

}  // namespace

Command add_join(CLI::App& program, const Environment& environment) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("join", "Take part in a run that another process leads");
  command->add_option("ENDPOINT", options->endpoint, "Where its head listens: tcp://HOST:PORT or ipc://PATH")
      ->required();
  command->add_option("--slots", options->slots, "Compute threads")
      ->check(CLI::Range(1U, 4096U))
      ->capture_default_str();
  command->add_option("--data", options->data,
                      "The run's data on this machine: a file, or the folder that has its files; by default they are "
                      "where the run's config says");
  command->add_option("--keys", options->keys, "Folder with this node's keys, as fulmar keygen makes it");
  command->add_option("--name", options->name, "What the node is called")->capture_default_str();
  add_log_option(*command, options->log);
  return [options, environment] { return run(*options, environment); };
}

}  // namespace fulmar::commands
