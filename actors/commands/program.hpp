// The program: one command line, one command.
// Thread rule: called from main() only.
#pragma once

#include "actors/commands/command.hpp"

namespace fulmar::commands {

/// What main() does: reads the command line, carries the command out, and returns the exit code.
int run_program(int argc, char** argv, const Environment& environment = {});

}  // namespace fulmar::commands
