// Virtual time and the messages under way in it. Every channel is first in, first out; channels are as slow as the dice
// say. What is sent to an endpoint that has closed is lost; what an endpoint sent before it closed still arrives.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "runtime/core/lease.hpp"
#include "tests/simulation/dice.hpp"

namespace fulmar::simulation {

using core::Time;
using Endpoint = std::uint64_t;

class Network {
 public:
  Network(std::uint64_t seed, Time latency_max, bool transcript);

  Endpoint open(const std::string& name);
  void close(Endpoint endpoint) { open_.erase(endpoint); }
  bool is_open(Endpoint endpoint) const { return open_.contains(endpoint); }

  /// `what` is for the transcript and for the hash of the run.
  void post(Endpoint from, Endpoint to, std::string what, std::function<void()> deliver);
  /// Something that `owner` does to itself after `delay`.
  void after(Endpoint owner, Time delay, std::string what, std::function<void()> act);

  /// Lets the next thing happen. False when nothing is under way.
  bool step();
  Time now() const { return now_; }
  std::uint64_t steps() const { return steps_; }
  /// Of everything that has happened, in order: equal for equal runs.
  std::uint64_t hash() const { return hash_; }
  void say(const std::string& what) const;

 private:
  struct Event {
    Time at;
    std::uint64_t sequence;
    Endpoint from, to;
    std::string what;
    std::function<void()> act;
    bool operator>(const Event& other) const { return std::pair(at, sequence) > std::pair(other.at, other.sequence); }
  };
  void schedule(Time at, Endpoint from, Endpoint to, std::string what, std::function<void()> act);

  Dice dice_;
  Time latency_max_;
  bool transcript_;
  Time now_{};
  std::uint64_t sequence_ = 0, steps_ = 0, hash_ = 0;
  std::vector<std::string> names_;
  std::set<Endpoint> open_;
  std::map<std::pair<Endpoint, Endpoint>, Time> last_arrival_;
  std::priority_queue<Event, std::vector<Event>, std::greater<>> under_way_;
};

}  // namespace fulmar::simulation
