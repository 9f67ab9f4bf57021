#include "tests/simulation/network.hpp"

#include <algorithm>
#include <iostream>

namespace fulmar::simulation {

Network::Network(std::uint64_t seed, Time latency_max, bool transcript)
    : dice_(seed, 1), latency_max_(latency_max), transcript_(transcript) {}

Endpoint Network::open(const std::string& name) {
  names_.push_back(name);
  open_.insert(names_.size() - 1);
  return names_.size() - 1;
}

void Network::post(Endpoint from, Endpoint to, std::string what, std::function<void()> deliver) {
  Time latency(dice_.below(static_cast<std::uint64_t>(latency_max_.count()) + 1));
  if (dice_.one_in(50)) latency *= 20;  // once in a while a channel stalls
  Time& last = last_arrival_[{from, to}];
  last = std::max(last, now_ + latency);
  schedule(last, from, to, std::move(what), std::move(deliver));
}

void Network::after(Endpoint owner, Time delay, std::string what, std::function<void()> act) {
  schedule(now_ + delay, owner, owner, std::move(what), std::move(act));
}

void Network::schedule(Time at, Endpoint from, Endpoint to, std::string what, std::function<void()> act) {
  under_way_.push({at, sequence_++, from, to, std::move(what), std::move(act)});
}

bool Network::step() {
  if (under_way_.empty()) return false;
  const Event event = under_way_.top();
  under_way_.pop();
  now_ = event.at;
  ++steps_;
  const bool arrives = is_open(event.to);
  for (const char c : event.what) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash_ = (hash_ ^ static_cast<std::uint64_t>(now_.count()) ^ (event.from << 40) ^ (event.to << 20) ^ arrives) *
          0x100000001b3;
  if (transcript_) {
    const std::string path = event.from == event.to ? names_[event.to] : names_[event.from] + " -> " + names_[event.to];
    say(path + ": " + event.what + (arrives ? "" : " (lost)"));
  }
  if (arrives) event.act();
  return true;
}

void Network::say(const std::string& what) const {
  if (transcript_) std::cout << now_.count() / 1000 << " us  " << what << "\n";
}

}  // namespace fulmar::simulation
