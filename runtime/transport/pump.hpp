// The thread that owns a carrier and whatever uses it: it waits for the network, for work from other threads, and for
// the next tick, and does one thing at a time.
// Thread rule: post() from any thread; everything that is called back runs on the pump's thread.
//
// PUMP-1: work is done in the order in which it was posted. PUMP-2: stop() returns when the thread has ended; what was
// posted before is done, what comes later is dropped.
#pragma once

#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/transport/carrier.hpp"

namespace fulmar::transport {

using core::Time;

/// What a pump calls.
class PumpOwner {
 public:
  virtual ~PumpOwner() = default;
  virtual void on(Time now, const carrier_event::Arrived& arrived) = 0;
  virtual void on(Time now, const carrier_event::Closed& closed) = 0;
  virtual void on(Time now, const carrier_event::Refused& refused) = 0;
  virtual void on(Time now, const carrier_event::TurnedAway& turned_away) = 0;
  virtual void tick(Time now) = 0;
};

class Pump {
 public:
  using Work = std::function<void(Time now)>;

  Pump(Carrier& carrier, PumpOwner& owner, Time tick, const char* thread_name);
  ~Pump() { stop(); }
  Pump(const Pump&) = delete;
  Pump& operator=(const Pump&) = delete;

  void post(Work work);
  void stop();

 private:
  void run(Time tick);
  bool do_posted();

  Carrier& carrier_;
  PumpOwner& owner_;
  std::mutex mutex_;
  std::vector<Work> posted_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fulmar::transport
