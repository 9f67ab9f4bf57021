#include "actors/commands/program.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

namespace fulmar::commands {
namespace {

/// Says what was wrong on the command line whose first word is `first`, and where to read more.
std::string usage_error(const CLI::App& program, const std::vector<CLI::App*>& known, const std::string& first,
                        const CLI::Error& error) {
  const auto parsed =
      std::find_if(known.begin(), known.end(), [](const CLI::App* command) { return command->parsed(); });
  if (parsed != known.end()) {
    const std::string command = program.get_name() + " " + (*parsed)->get_name();
    return command + ": " + error.what() + "\n  see: " + command + " --help\n";
  }
  std::string commands;
  for (const CLI::App* command : known) commands += (commands.empty() ? "" : ", ") + command->get_name();
  const std::string found =
      first.empty() || first.front() == '-' ? "a command is missing" : "there is no command " + first;
  return program.get_name() + ": " + found + "; the commands are: " + commands + "\n  see: " + program.get_name() +
         " --help\n";
}

int run(int argc, char** argv, const Environment& environment) {
  CLI::App program("Fulmar: train on machines that come, go and fail, and get the result of one perfect machine.",
                   "fulmar");
  program.require_subcommand(1);
  program.set_version_flag("--version", FULMAR_VERSION);
  const std::vector<Command> all = {add_train(program, environment),
                                    add_join(program, environment),
                                    add_status(program),
                                    add_drain(program),
                                    add_policy(program),
                                    add_keygen(program),
                                    add_evaluate(program),
                                    add_report(program),
                                    add_inspect(program),
                                    add_replay(program),
                                    add_simulate(program)};
  const std::vector<CLI::App*> known = program.get_subcommands([](const CLI::App*) { return true; });
  program.failure_message([&](const CLI::App* app, const CLI::Error& error) {
    return usage_error(*app, known, argc > 1 ? argv[1] : "", error);
  });
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return program.exit(error) == 0 ? kSuccess : kBadUsage;
  }
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (known[i]->parsed()) return all[i]();
  }
  return kBadUsage;
}

/// What was printed may still wait in a buffer, and a full disk shows only when it is written.
int finish_output(int code) {
  errno = 0;
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  const std::string reason = errno != 0 ? " (" + std::generic_category().message(errno) + ")" : "";
  std::fprintf(stderr, "fulmar: standard output could not be written%s; what it should say is lost\n", reason.c_str());
  return code == kSuccess ? kFailure : code;
}

}  // namespace

int run_program(int argc, char** argv, const Environment& environment) {
  try {
    return finish_output(run(argc, argv, environment));
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "fulmar: unexpected failure: %s\n", problem.what());
    return kFailure;
  }
}

}  // namespace fulmar::commands
