#include "runtime/transport/pump.hpp"

#include <algorithm>
#include <chrono>
#include <pthread.h>
#include <utility>

namespace fulmar::transport {
namespace {

Time monotonic_now() {
  return std::chrono::steady_clock::now().time_since_epoch();
}

}  // namespace

Pump::Pump(Carrier& carrier, PumpOwner& owner, Time tick, const char* thread_name) : carrier_(carrier), owner_(owner) {
  thread_ = std::thread([this, tick] { run(tick); });
  pthread_setname_np(thread_.native_handle(), thread_name);
}

void Pump::post(Work work) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    posted_.push_back(std::move(work));
    if (posted_.size() > 1) return;  // it was woken for the first
  }
  carrier_.wake();
}

void Pump::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  carrier_.wake();
  if (thread_.joinable()) thread_.join();
}

bool Pump::do_posted() {
  std::vector<Work> works;
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    works.swap(posted_);
    stopping = stopping_;
  }
  for (const Work& work : works) work(monotonic_now());
  return !stopping;
}

// What has arrived is taken before the clock is looked at: after a freeze nobody is found silent whose word is there.
void Pump::run(Time tick) {
  Time next_tick = monotonic_now();
  while (do_posted()) {
    const Time limit = std::max(Time(0), next_tick - monotonic_now());
    for (const CarrierEvent& event : carrier_.wait(limit)) {
      std::visit([this](const auto& happened) { owner_.on(monotonic_now(), happened); }, event);
    }
    if (const Time now = monotonic_now(); now >= next_tick) {
      owner_.tick(now);
      next_tick = now + tick;
    }
  }
}

}  // namespace fulmar::transport
