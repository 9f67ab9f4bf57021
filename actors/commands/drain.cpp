// fulmar drain ENDPOINT NODE: asks a node to leave, without losing anything.
#include <cstdio>
#include <memory>
#include <string>

#include "actors/commands/command.hpp"
#include "actors/commands/head_client.hpp"

namespace fulmar::commands {
namespace {

struct Options {
  HeadOptions head;
  std::string node;
};

int run(const Options& options) {
  const Result<transport::Done> done =
      ask_as_told<transport::Done>(options.head, transport::DrainRequest{options.node});
  if (!done) return report_failure(done.error());
  std::printf("%s finishes what it is computing, hands back the rest, and leaves\n", options.node.c_str());
  return kSuccess;
}

}  // namespace

Command add_drain(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("drain", "Ask a node of a running run to leave gracefully");
  add_head_options(*command, options->head);
  command->add_option("NODE", options->node, "The node's name or number, as fulmar status shows them")->required();
  return [options] { return run(*options); };
}

}  // namespace fulmar::commands
