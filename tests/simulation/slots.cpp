#include "tests/simulation/slots.hpp"

#include <utility>

namespace fulmar::simulation {

Slots::Slots(Process& process, std::uint32_t count, Ended ended)
    : process_(process), ended_(std::move(ended)), slots_(count), self_(std::make_shared<Slots*>(this)) {}

void Slots::start(core::SlotId slot, Time work) {
  slots_.at(slot).busy = true;
  plan_end(slot, work);
}

void Slots::plan_end(core::SlotId slot, Time work) {
  Slot& planned = slots_.at(slot);
  planned.ends = process_.true_time() + work;
  const std::uint64_t started = ++planned.started;
  process_.after_work(work, [self = std::weak_ptr(self_), slot, started] {
    const std::shared_ptr<Slots*> slots = self.lock();
    if (!slots) return;
    Slot& ending = (*slots)->slots_.at(slot);
    if (ending.started != started) return;
    ending.busy = false;
    (*slots)->ended_(slot);
  });
}

void Slots::cut_short(core::SlotId slot) {
  if (slots_.at(slot).busy) plan_end(slot, Time(0));
}

void Slots::change_speed(std::int64_t slowness_before, std::int64_t slowness_after) {
  for (core::SlotId slot = 0; slot < count(); ++slot) {
    const Time left = slots_[slot].ends - process_.true_time();
    if (slots_[slot].busy && left > Time(0)) plan_end(slot, left / slowness_before * slowness_after);
  }
}

}  // namespace fulmar::simulation
