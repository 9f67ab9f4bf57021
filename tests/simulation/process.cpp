#include "tests/simulation/process.hpp"

#include <utility>

#include "tests/simulation/world.hpp"

namespace fulmar::simulation {

Process::Process(World& world, std::string name, HostId host)
    : world_(world),
      name_(std::move(name)),
      host_(host),
      id_(world.processes.add(this)),
      local_(world.hosts.at(host).clock_offset),
      since_(world.queue.now()) {
  set_clock_rate(world.hosts.at(host).clock_rate);
}

Process::~Process() {
  world_.processes.remove(id_);
}

Time Process::now() const {
  return local_ + (world_.queue.now() - since_) * rate_ / 1000;
}

Time Process::true_time() const {
  return world_.queue.now();
}

void Process::set_clock_rate(std::int64_t rate) {
  local_ = now();
  since_ = world_.queue.now();
  rate_ = rate;
}

void Process::after(Time delay, Act act) {
  after_work(delay * 1000 / rate_, std::move(act));
}

void Process::after_work(Time work, Act act) {
  world_.queue.after(work, [&world = world_, id = id_, act = std::move(act)]() mutable {
    if (Process* process = world.processes.find(id)) process->happen(std::move(act));
  });
}

void Process::happen(Act act) {
  if (over_) return;
  if (frozen_) {
    waiting_.push_back(std::move(act));
  } else {
    act();
  }
}

void Process::thaw() {
  frozen_ = false;
  while (!waiting_.empty() && !frozen_ && !over_) {
    const Act act = std::move(waiting_.front());
    waiting_.pop_front();
    act();
  }
}

void Process::end() {
  over_ = true;
  waiting_.clear();
}

void Process::say(const std::string& what) const {
  world_.log.say(world_.queue.now(), name_, what);
}

}  // namespace fulmar::simulation
