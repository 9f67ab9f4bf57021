// The whole program, as users have it, on machines as slow as a test wants them. FULMAR_PACE_MS: how long each leaf
// occupies its slot (paced_computation.hpp). FULMAR_EVENTS: a file for what a head sees (event_log.hpp).
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <utility>

#include "actors/commands/program.hpp"
#include "tests/driving/paced/event_log.hpp"
#include "tests/driving/paced/paced_computation.hpp"

int main(int argc, char** argv) {
  using namespace fulmar;
  const auto bad_usage = [](const Error& error) {
    std::fprintf(stderr, "fulmar_paced: %s\n", error.message.c_str());
    return commands::kBadUsage;
  };
  commands::Environment environment;
  if (const char* milliseconds = std::getenv("FULMAR_PACE_MS")) {
    const Result<testing::Pace> pace = testing::parse_pace(milliseconds);
    if (!pace) return bad_usage(pace.error());
    environment.wrap_computation = [pace = *pace](actors::ComputationFactory real) {
      return testing::paced(std::move(real), pace);
    };
  }
  std::unique_ptr<testing::EventLog> events;
  if (const char* path = std::getenv("FULMAR_EVENTS")) {
    Result<std::unique_ptr<testing::EventLog>> opened = testing::EventLog::open(path);
    if (!opened) return bad_usage(opened.error());
    events = std::move(*opened);
    environment.observers.push_back(events.get());
  }
  return commands::run_program(argc, argv, environment);
}
