// The compute threads of a node, as timers: a job takes as long as its leaves do on this machine, which may become
// faster or slower meanwhile, may be told to stop early, and may kill the slot.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "runtime/core/identity.hpp"
#include "tests/simulation/process.hpp"

namespace fulmar::simulation {

class Slots {
 public:
  using Ended = std::function<void(core::SlotId)>;

  /// `ended`: called when the work of a slot is done.
  Slots(Process& process, std::uint32_t count, Ended ended);

  std::uint32_t count() const { return static_cast<std::uint32_t>(slots_.size()); }
  /// `work`: on a machine that is as slow as this one is now.
  void start(core::SlotId slot, Time work);
  /// What it is at ends now.
  void cut_short(core::SlotId slot);
  /// What it is at never ends: the slot is dead, or somebody else by now.
  void forget(core::SlotId slot) { ++slots_.at(slot).started; }
  void change_speed(std::int64_t slowness_before, std::int64_t slowness_after);

 private:
  struct Slot {
    bool busy = false;
    std::uint64_t started = 0;  // tells a job's end from those of earlier ones
    Time ends{};                // in true time
  };
  void plan_end(core::SlotId slot, Time work);

  Process& process_;
  Ended ended_;
  std::vector<Slot> slots_;
  std::shared_ptr<Slots*> self_;  // what is planned looks whether the slots are still there
};

}  // namespace fulmar::simulation
