#include "runtime/simulation/fates.hpp"

namespace fulmar::planner {

Fates::Fates(World& world, Head& head) : world_(world), head_(head), newcomers_(world.model.seed, Use::newcomers, 0) {
  head.when_dismissed([this](Node& node, const core::Farewell& farewell) { dismissed(node, farewell); });
}

void Fates::start() {
  for (const NodeGroup& group : world_.model.nodes) {
    for (std::uint64_t i = 0; i < group.count; ++i) add_machine(group);
  }
  if (world_.model.joins_per_second > 0) plan_newcomer();
}

void Fates::add_machine(const NodeGroup& group) {
  machines_.push_back(std::make_unique<Machine>(world_.model, group, machines_.size() + 1));
  Machine& machine = *machines_.back();
  start_process(machine);
  if (world_.model.speed_change_every > Time(0)) plan_speed_change(machine);
}

void Fates::plan_newcomer() {
  const Time pause = newcomers_.exponential(time_for(1, world_.model.joins_per_second));
  world_.queue.after(pause, [this, group = machines_.size() % world_.model.nodes.size()] {
    add_machine(world_.model.nodes[group]);
    plan_newcomer();
  });
}

// ---- processes

void Fates::start_process(Machine& machine) {
  machine.instance = ++instances_;
  machine.attempt = 0;
  world_.ideal.change(world_.queue.now(), machine.leaves_per_second());
  start_session(machine);
  if (world_.model.mtbf > Time(0)) plan_failure(machine);
}

void Fates::start_session(Machine& machine) {
  ++machine.attempt;
  machine.node = std::make_shared<Node>(world_, head_, machine);
  machine.node->join();
}

void Fates::dismissed(Node& node, const core::Farewell& farewell) {
  Machine& machine = node.machine();
  machine.node.reset();
  if (!farewell.may_return) return;
  world_.queue.after(world_.model.liveness.rejoin_first(), [this, &machine, instance = machine.instance] {
    if (machine.instance == instance) start_session(machine);
  });
}

void Fates::plan_failure(Machine& machine) {
  world_.queue.after(machine.fate.exponential(world_.model.mtbf), [this, &machine] { fail(machine); });
}

void Fates::fail(Machine& machine) {
  const Time now = world_.queue.now();
  const bool silent = machine.fate.uniform() < world_.model.silent_fraction;
  if (machine.node && machine.node->identity()) {
    world_.recoveries.failed(machine.node->identity()->incarnation, now);
  } else {
    world_.recoveries.failed_outside();
  }
  if (!silent) head_.close_connection(machine.instance, machine.attempt);
  machine.node.reset();
  machine.instance = 0;
  world_.ideal.change(now, -machine.leaves_per_second());
  world_.queue.after(world_.model.return_after, [this, &machine] { start_process(machine); });
}

// ---- speed

void Fates::plan_speed_change(Machine& machine) {
  world_.queue.after(machine.pace.exponential(world_.model.speed_change_every), [this, &machine] {
    change_speed(machine);
    plan_speed_change(machine);
  });
}

void Fates::change_speed(Machine& machine) {
  const double before = machine.leaves_per_second();
  machine.slowdown = 1 + (world_.model.slowdown_max - 1) * machine.pace.uniform();
  if (machine.instance != 0) world_.ideal.change(world_.queue.now(), machine.leaves_per_second() - before);
}

}  // namespace fulmar::planner
