#include "monitoring/storage_watch.hpp"

#include <chrono>
#include <utility>

namespace fulmar::monitoring {
namespace {

constexpr auto kPause = std::chrono::seconds(2);

}  // namespace

StorageWatch::StorageWatch(std::string directory, std::function<void(const StorageSpace&)> tell)
    : directory_(std::move(directory)),
      tell_(std::move(tell)),
      thread_([this](const std::stop_token& stop) { watch(stop); }) {}

void StorageWatch::watch(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (const auto space = storage_space(directory_)) tell_(*space);
    std::unique_lock lock(mutex_);
    stopped_.wait_for(lock, stop, kPause, [] { return false; });
  }
}

}  // namespace fulmar::monitoring
