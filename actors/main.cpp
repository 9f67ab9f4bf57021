// The program: one command line, one command.
#include <cstdio>
#include <exception>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "actors/commands/command.hpp"

namespace {

int run(int argc, char** argv) {
  namespace commands = fulmar::commands;
  CLI::App program("Fulmar: train on machines that come, go and fail, and get the result of one perfect machine.",
                   "fulmar");
  program.require_subcommand(1);
  program.set_version_flag("--version", FULMAR_VERSION);
  const std::vector<commands::Command> all = {commands::add_train(program), commands::add_evaluate(program),
                                              commands::add_inspect(program)};
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? commands::kSuccess : commands::kBadUsage;
  }
  const std::vector<CLI::App*> known = program.get_subcommands([](const CLI::App*) { return true; });
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i]->parsed()) return all[i]();
  }
  return commands::kBadUsage;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "fulmar: unexpected failure: %s\n", problem.what());
    return fulmar::commands::kFailure;
  }
}
