// fulmar simulate: how fast a cluster would train, from the real protocol on a virtual clock.
#include <cstdio>
#include <memory>
#include <string>

#include <nlohmann/json.hpp>

#include "actors/commands/cluster_table.hpp"
#include "actors/commands/cluster_words.hpp"
#include "actors/commands/command.hpp"
#include "runtime/simulation/cluster.hpp"

namespace fulmar::commands {
namespace {

/// As on the command line; numbers go straight into the model.
struct Options {
  planner::ClusterModel model;
  std::string nodes = "16x1@10", bytes = "10MB";
  std::string bandwidth = "10Gbit", head_bandwidth, memory_bandwidth = "12GB", latency = "100us", message_cost = "10us";
  std::string mtbf = "0", return_after = "10s", join_rate = "0", speed_change_every = "0";
  std::string liveness = "1s", duration = "10min";
  bool json = false;
};

/// Reads an option's words into the model; errors name the option.
template <class Value, class Target>
void read(const char* option, const std::string& words, Result<Value> (*parse)(const std::string&), Target& target) {
  Result<Value> parsed = parse(words);
  if (!parsed) insist_on(Error{std::string(option) + ": " + parsed.error().message});
  target = std::move(*parsed);
}

void read_model(Options& options) {
  planner::ClusterModel& model = options.model;
  read("--nodes", options.nodes, parse_nodes, model.nodes);
  read("--model", options.bytes, parse_bytes, model.model_bytes);
  read("--bandwidth", options.bandwidth, parse_bandwidth, model.link_bytes_per_second);
  const std::string& of_head = options.head_bandwidth.empty() ? options.bandwidth : options.head_bandwidth;
  read("--head-bandwidth", of_head, parse_bandwidth, model.head_bytes_per_second);
  read("--memory-bandwidth", options.memory_bandwidth, parse_bandwidth, model.memory_bytes_per_second);
  read("--latency", options.latency, parse_time, model.latency);
  read("--message-cost", options.message_cost, parse_time, model.message_cost);
  read("--mtbf", options.mtbf, parse_time, model.mtbf);
  read("--return", options.return_after, parse_time, model.return_after);
  read("--join-rate", options.join_rate, parse_rate, model.joins_per_second);
  read("--speed-change", options.speed_change_every, parse_time, model.speed_change_every);
  read("--liveness", options.liveness, parse_time, model.liveness.value);
  read("--duration", options.duration, parse_time, model.duration);
  insist_on(planner::check(model));
}

/// CLI11 would take -3 for 2^64 − 3.
CLI::Validator whole_number() {
  return {[](const std::string& text) {
            const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
            return digits ? std::string() : "\"" + text + "\" is not a whole number";
          },
          ""};
}

void add_work_options(CLI::App& command, Options& options) {
  planner::ClusterModel& model = options.model;
  command.add_option("--nodes", options.nodes,
                     "Groups of nodes, COUNTxSLOTS@LEAVES_PER_SECOND (of a slot), with commas between");
  command.add_option("--leaves", model.leaves, "Leaves in a round, a power of two")->check(whole_number());
  command.add_option("--leaf-size", model.leaf_size, "Samples in a leaf")->check(whole_number());
  command.add_option("--samples", model.samples, "Samples in an epoch")->check(whole_number());
  command.add_option("--shards", model.shards, "Aggregators that share the weights")->check(whole_number());
  command.add_option("--policy", model.policy, "sync");
  command.add_option("--model", options.bytes, "Size of the weights, and of a gradient");
}

void add_machine_options(CLI::App& command, Options& options) {
  command.add_option("--bandwidth", options.bandwidth, "Of each node's link, each way, per second");
  command.add_option("--head-bandwidth", options.head_bandwidth, "Of the head's link; by default as --bandwidth");
  command.add_option("--memory-bandwidth", options.memory_bandwidth, "Of a thread that adds vectors, per second");
  command.add_option("--latency", options.latency, "One way");
  command.add_option("--message-cost", options.message_cost, "What a message costs the supervisor or an aggregator");
}

void add_fate_options(CLI::App& command, Options& options) {
  planner::ClusterModel& model = options.model;
  command.add_option("--mtbf", options.mtbf, "Mean time between failures of a node; 0: none fails");
  command.add_option("--return", options.return_after, "How long a failed node stays away");
  command.add_option("--silent", model.silent_fraction, "Fraction of failures that close no connection");
  command.add_option("--join-rate", options.join_rate, "Newcomers, such as 2/min");
  command.add_option("--jitter", model.jitter, "A leaf takes up to this fraction more or less time");
  command.add_option("--speed-change", options.speed_change_every, "Mean time between a node's speeds; 0: steady");
  command.add_option("--slowdown", model.slowdown_max, "How many times slower a changed speed may be, at most");
}

void add_run_options(CLI::App& command, Options& options) {
  planner::ClusterModel& model = options.model;
  command.add_option("--liveness", options.liveness, "The run's one time setting: a silent node is lost within it");
  command.add_option("--duration", options.duration, "Virtual time");
  command.add_option("--rounds", model.rounds, "Stop after so many rounds; 0: no matter how many")
      ->check(whole_number());
  command.add_option("--seed", model.seed, "Of everything that chance decides")->check(whole_number());
  command.add_flag("--json", options.json, "Print one JSON object; times are in seconds");
}

int run(const Options& options) {
  const Result<planner::ClusterReport> report = planner::simulate(options.model);
  if (!report) return report_failure(report.error());
  if (options.json) {
    std::printf("%s\n", cluster_json(options.model, *report).dump().c_str());
  } else {
    std::printf("%s", cluster_table(options.model, *report).c_str());
  }
  return kSuccess;
}

}  // namespace

Command add_simulate(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "simulate", "The capacity planner: how fast a cluster would train, from the real protocol on a virtual clock");
  command->option_defaults()->always_capture_default();
  add_work_options(*command, *options);
  add_machine_options(*command, *options);
  add_fate_options(*command, *options);
  add_run_options(*command, *options);
  command->parse_complete_callback([options] { read_model(*options); });
  return [options] { return run(*options); };
}

}  // namespace fulmar::commands
