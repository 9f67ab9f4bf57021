#include "actors/commands/stop_signals.hpp"

#include <csignal>
#include <pthread.h>
#include <unistd.h>
#include <utility>

namespace fulmar::commands {
namespace {

constexpr int kEndWatch = SIGUSR2;  // from the destructor, to the watcher only

sigset_t watched() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, kEndWatch}) sigaddset(&signals, signal);
  return signals;
}

}  // namespace

StopSignals::StopSignals() {
  const sigset_t signals = watched();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  watcher_ = std::thread([this] { watch(); });
}

StopSignals::~StopSignals() {
  pthread_kill(watcher_.native_handle(), kEndWatch);
  watcher_.join();
}

void StopSignals::handle_with(Handler handler) {
  const std::lock_guard lock(mutex_);
  handler_ = std::move(handler);
  if (!received_.empty()) handler_(received_);
}

void StopSignals::watch() {
  const sigset_t signals = watched();
  while (true) {
    int signal = 0;
    if (sigwait(&signals, &signal) != 0) continue;
    if (signal == kEndWatch) return;
    const std::lock_guard lock(mutex_);
    if (!received_.empty()) _exit(128 + signal);
    received_ = signal == SIGINT ? "SIGINT" : "SIGTERM";
    if (handler_) handler_(received_);
  }
}

}  // namespace fulmar::commands
