// fulmar drain ENDPOINT NODE: asks a node to leave, without losing anything.
#include <cstdio>
#include <memory>
#include <string>

#include "actors/commands/command.hpp"
#include "actors/commands/head_client.hpp"

namespace fulmar::commands {
namespace {

struct Options {
  std::string endpoint;
  std::string node;
  std::string keys;
};

int run(const Options& options) {
  const Result<HeadAddress> head = head_address(options.endpoint, options.keys);
  if (!head) return report_failure(head.error());
  const auto said = ask_for<transport::Done>(*head, transport::DrainRequest{options.node});
  if (const auto* refusal = std::get_if<transport::Refusal>(&said)) return report_failure(Error{refusal->reason});
  std::printf("%s finishes what it is computing, hands back the rest, and leaves\n", options.node.c_str());
  return kSuccess;
}

}  // namespace

Command add_drain(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("drain", "Ask a node of a running run to leave gracefully");
  command->add_option("ENDPOINT", options->endpoint, "Where the head listens: tcp://HOST:PORT or ipc://PATH")
      ->required();
  command->add_option("NODE", options->node, "The node's name or number, as fulmar status shows them")->required();
  command->add_option("--keys", options->keys, "Folder with this administrator's keys, as fulmar keygen makes it");
  return [options] { return run(*options); };
}

}  // namespace fulmar::commands
