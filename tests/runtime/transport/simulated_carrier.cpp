#include "tests/runtime/transport/simulated_carrier.hpp"

#include <algorithm>
#include <utility>

namespace fulmar::transport {
namespace {

constexpr core::Time kFastest = std::chrono::microseconds(100);
constexpr core::Time kSpread = std::chrono::microseconds(400);
constexpr core::Time kLateness = std::chrono::milliseconds(20);

core::Time part_of(core::Time time, double part) {
  return core::Time(static_cast<core::Time::rep>(static_cast<double>(time.count()) * part));
}

}  // namespace

double SimulatedNetwork::dice() {
  return static_cast<double>(RandomStream(seed_, Purpose::simulation, 0, 0).uniform(thrown_++));
}

void SimulatedNetwork::carry(Wire& wire, int from, Freight freight, std::function<void()> arrive) {
  core::Time when = queue_.now() + kFastest + part_of(kSpread, dice());
  if (freight == Freight::packet && dice() < health_.lost) {
    --wire.under_way[from];
    return;
  }
  if (freight == Freight::packet && dice() < health_.doubled) {
    ++wire.under_way[from];
    queue_.at(when + part_of(kLateness, dice()), arrive);
  }
  if (freight == Freight::packet && dice() < health_.late) {
    when += part_of(kLateness, dice());
  } else {
    when = wire.last_arrival[from] = std::max(when, wire.last_arrival[from]);
  }
  queue_.at(when, std::move(arrive));
}

void SimulatedNetwork::pass(core::Time time) {
  const std::lock_guard lock(mutex());
  bool is_over = false;
  queue_.after(time, [&is_over] { is_over = true; });
  while (!is_over) queue_.step();
}

}  // namespace fulmar::transport
