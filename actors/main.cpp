// The program, as users run it.
#include "actors/commands/program.hpp"

int main(int argc, char** argv) {
  return fulmar::commands::run_program(argc, argv);
}
