// SIGINT and SIGTERM: the first asks the run to end cleanly, the second ends the process at once.
// Thread rule: construct it before any other thread is started, so that all of them leave the signals to this one.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace fulmar::commands {

class StopSignals {
 public:
  using Handler = std::function<void(const std::string& signal)>;

  StopSignals();
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  /// From now on the first signal calls `handler`, on this object's thread; one that came before does so at once.
  void handle_with(Handler handler);

 private:
  void watch();

  std::mutex mutex_;
  Handler handler_;
  std::string received_;
  std::thread watcher_;
};

}  // namespace fulmar::commands
