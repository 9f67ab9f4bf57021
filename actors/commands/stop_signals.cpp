#include "actors/commands/stop_signals.hpp"

#include <csignal>
#include <pthread.h>
#include <unistd.h>
#include <utility>

namespace fulmar::commands {
namespace {

constexpr int kWake = SIGUSR2;  // makes the watcher look whether it is to end; from elsewhere it does nothing

sigset_t watched() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, kWake}) sigaddset(&signals, signal);
  return signals;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t signals = watched();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  watcher_ = std::thread([this] { watch(); });
}

StopSignals::~StopSignals() {
  ended_ = true;
  pthread_kill(watcher_.native_handle(), kWake);
  watcher_.join();
}

void StopSignals::handle_with(Handler handler) {
  const std::lock_guard lock(mutex_);
  handler_ = std::move(handler);
}

void StopSignals::watch() {
  const sigset_t signals = watched();
  while (!ended_) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0 || signal == kWake) continue;
    const std::lock_guard lock(mutex_);
    if (!handler_ || asked_) _exit(128 + signal);
    asked_ = true;
    handler_(signal == SIGINT ? "SIGINT" : "SIGTERM");
  }
}

}  // namespace fulmar::commands
