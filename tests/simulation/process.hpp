// A process of the simulated cluster: it has a clock of its own, which may be fast or slow or jump; it may be frozen,
// and then what is due waits until it thaws and comes in order; when it is destroyed, all that was due is lost.
// Thread rule: one simulation, one thread.
//
// PROCESS-1: nothing happens in a process that is frozen or over.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>

#include "tests/simulation/datagram.hpp"

namespace fulmar::simulation {

struct World;

class Process {
 public:
  using Act = std::function<void()>;

  Process(World& world, std::string name, HostId host);
  virtual ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  ProcessId id() const { return id_; }
  HostId host() const { return host_; }
  const std::string& name() const { return name_; }

  /// On its own clock.
  Time now() const;
  Time true_time() const;
  /// Has `act` happen after `delay` of its own clock.
  void after(Time delay, Act act);
  /// The same for work, which takes true time, whatever the clock says.
  void after_work(Time work, Act act);
  /// Has it happen now, or when it thaws.
  void happen(Act act);

  virtual void receive(const Envelope& envelope) = 0;
  /// A connection has closed, and not because this process hung up.
  virtual void see_reset(ConnectionId connection) = 0;
  /// From now on its machine is `after` times as slow as usual; before, it was `before` times.
  virtual void see_slowness(std::int64_t before, std::int64_t after) = 0;

  bool frozen() const { return frozen_; }
  /// How much waits for the thaw.
  std::size_t waiting() const { return waiting_.size(); }
  void freeze() { frozen_ = true; }
  void thaw();
  /// In thousandths of true time.
  void set_clock_rate(std::int64_t rate);
  void jump(Time by) { local_ += by; }

  bool is_over() const { return over_; }
  void end();
  /// For the transcript; `what` is to be made only when world.log.wanted().
  void say(const std::string& what) const;

 protected:
  World& world_;

 private:
  std::string name_;
  HostId host_;
  ProcessId id_;
  bool frozen_ = false, over_ = false;
  std::deque<Act> waiting_;  // for the thaw
  Time local_{}, since_{};   // what the clock said when its rate last changed, and when that was
  std::int64_t rate_ = 1000;
};

}  // namespace fulmar::simulation
