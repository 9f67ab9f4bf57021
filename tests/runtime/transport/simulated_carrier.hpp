// A network on virtual time, which may lose, double and reorder packets, as a seed has it. It never loses a closing.
// Thread rule: one thread, but for wake().
#pragma once

#include <cstdint>

#include "runtime/simulation/event_queue.hpp"
#include "runtime/vocabulary/random.hpp"
#include "tests/runtime/transport/in_process_carrier.hpp"

namespace fulmar::transport {

class SimulatedNetwork final : public InProcessNetwork {
 public:
  struct Health {
    double lost = 0;  ///< the share of packets that are
    double doubled = 0;
    double late = 0;  ///< overtaken by others
  };
  SimulatedNetwork(std::uint64_t seed, Health health) : seed_(seed), health_(health) {}

  core::Time now() const { return queue_.now(); }
  void pass(core::Time time);

 protected:
  void carry(Wire& wire, int from, Freight freight, std::function<void()> arrive) override;
  bool time_is_real() const override { return false; }

 private:
  /// From 0 to 1, another one each time.
  double dice();

  simulation::EventQueue queue_;
  std::uint64_t seed_;
  std::uint64_t thrown_ = 0;
  Health health_;
};

}  // namespace fulmar::transport
