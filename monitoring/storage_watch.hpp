// Looks every few seconds how full a file system is, on a thread of its own: one that does not answer holds up nobody
// else.
// Thread rule: made and destroyed by one thread; `tell` is called on the watch's own.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "monitoring/storage_space.hpp"

namespace fulmar::monitoring {

class StorageWatch {
 public:
  StorageWatch(std::string directory, std::function<void(const StorageSpace&)> tell);

 private:
  void watch(const std::stop_token& stop);

  std::string directory_;
  std::function<void(const StorageSpace&)> tell_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;  // the last member: what it uses outlives it
};

}  // namespace fulmar::monitoring
