// SIGINT and SIGTERM: the first asks the run to end cleanly, the second ends the process at once. With nobody to ask,
// before the training and after it, the first does so as well.
// Thread rule: construct it before any other thread is started, so that all of them leave the signals to this one.
#pragma once

#include <atomic>
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

  /// From now on the first signal calls `handler`, on this object's thread. nullptr: from now on there is none, and
  /// none is still being called.
  void handle_with(Handler handler);

 private:
  void watch();

  std::mutex mutex_;
  Handler handler_;
  bool asked_ = false;  ///< the handler was called
  std::atomic<bool> ended_ = false;
  std::thread watcher_;
};

}  // namespace fulmar::commands
