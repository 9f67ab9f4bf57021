#include "tests/simulation/chaos.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/world.hpp"

namespace fulmar::simulation {

using std::chrono::milliseconds;

Chaos::Chaos(World& world, Cluster& cluster) : world_(world), cluster_(cluster) {}

void Chaos::plan() {
  plan_nodes();
  plan_networks_and_clocks();
  plan_heads();
  plan_disk();
  plan_members();
  world_.queue.at(world_.scenario.faults.horizon, [this] { heal(); });
}

void Chaos::plan(Fault fault, Act act) {
  Dice& dice = dice_.try_emplace(fault, world_.scenario.seed, 100 + static_cast<std::uint64_t>(fault)).first->second;
  for (std::uint32_t times = world_.scenario.faults.of(fault); times > 0; --times) {
    // Many things happen early, while everybody is still joining.
    const Time horizon = world_.scenario.faults.horizon;
    const Time at = dice.time(Time(0), dice.one_in(5) ? std::min<Time>(horizon, milliseconds(500)) : horizon);
    world_.queue.at(at, [this, &dice, act] {
      if (!world_.healed) act(dice);
    });
  }
}

void Chaos::heal() {
  world_.healed = true;
  world_.log.say(world_.queue.now(), "chaos", "everything heals");
  world_.network.heal();
  world_.disk.clear_space_limit();
  world_.disk.lose_syncs(false);
  cluster_.heal();
}

Time Chaos::pause(Dice& dice) const {
  const Time liveness = world_.scenario.liveness.value;
  return dice.one_in(4) ? dice.time(liveness, 5 * liveness) : dice.time(Time(0), 2 * liveness);
}

HostId Chaos::any_host(Dice& dice) const {
  return static_cast<HostId>(dice.below(world_.hosts.size()));
}

// ---- nodes

void Chaos::plan_nodes() {
  plan(Fault::node_crash, [this](Dice& dice) {
    NodeProcess* node = cluster_.node(dice.below(1000));
    const std::optional<Time> returns = dice.one_in(4) ? std::nullopt : std::optional(pause(dice));
    if (node != nullptr) cluster_.crash_node(*node, returns);
  });
  plan(Fault::node_freeze, [this](Dice& dice) { freeze_node(dice); });
  plan(Fault::speed_change,
       [this](Dice& dice) { change_speed(any_host(dice), static_cast<std::int64_t>(dice.between(1, 50))); });
  plan(Fault::local_crash, [this](Dice& dice) {
    HeadProcess* head = cluster_.head();
    if (head != nullptr) head->happen([head, which = dice.below(100)] { head->local_workers().crash(which); });
  });
  Dice dice(world_.scenario.seed, 3);
  for (std::uint32_t slow = world_.scenario.faults.of(Fault::slow_node); slow > 0; --slow) {
    change_speed(any_host(dice), static_cast<std::int64_t>(dice.between(2, 50)));
  }
}

void Chaos::freeze_node(Dice& dice) {
  NodeProcess* node = cluster_.node(dice.below(1000));
  const Time thaws_after = pause(dice);
  if (node == nullptr || node->frozen()) return;
  if (world_.log.wanted()) node->say("freezes");
  node->freeze();
  world_.queue.after(thaws_after, [this, id = node->id()] {
    Process* frozen = world_.processes.find(id);
    if (frozen == nullptr || !frozen->frozen()) return;
    if (world_.log.wanted()) frozen->say("thaws");
    frozen->thaw();
  });
}

void Chaos::change_speed(HostId host, std::int64_t slowness) {
  Host& machine = world_.hosts.at(host);
  world_.processes.for_each([&](Process& process) {
    if (process.host() == host) process.see_slowness(machine.slowness, slowness);
  });
  machine.slowness = slowness;
}

// ---- networks and clocks

void Chaos::plan_networks_and_clocks() {
  plan(Fault::link_cut, [this](Dice& dice) { cut_link(dice); });
  plan(Fault::connection_drop, [this](Dice& dice) { world_.network.drop(dice.below(1000)); });
  plan(Fault::clock_jump, [this](Dice& dice) {
    const HostId host = any_host(dice);
    const Time forward = dice.time(Time(0), 20 * world_.scenario.liveness.value);
    const Time by = dice.one_in(4) ? -forward / 4 : forward;
    world_.processes.for_each([&](Process& process) {
      if (process.host() == host) process.jump(by);
    });
  });
}

void Chaos::cut_link(Dice& dice) {
  const bool in = dice.one_in(2);
  const bool out = !in || dice.one_in(2);
  const bool all = dice.one_in(5);
  const HostId one = any_host(dice);
  const Time heals_after = pause(dice);
  const auto set = [this, in, out, all, one](bool cut) {
    for (HostId host = 0; host < world_.hosts.size(); ++host) {
      if (!all && host != one) continue;
      if (in) world_.hosts[host].cut_in = cut;
      if (out) world_.hosts[host].cut_out = cut;
    }
  };
  set(true);
  if (world_.log.wanted()) {
    world_.log.say(world_.queue.now(), "chaos",
                   "cuts " + (all ? std::string("everybody") : "host " + std::to_string(one)) + (in ? " in" : "") +
                       (out ? " out" : ""));
  }
  world_.queue.after(heals_after, [set] { set(false); });
}

// ---- heads

void Chaos::plan_heads() {
  plan(Fault::head_crash, [this](Dice&) { cluster_.crash_heads(false); });
  plan(Fault::power_cut, [this](Dice&) { cluster_.crash_heads(true); });
  plan(Fault::head_freeze, [this](Dice& dice) { freeze_head(dice); });
  plan(Fault::stop_request, [this](Dice&) {
    HeadProcess* head = cluster_.head();
    if (head != nullptr) head->happen([head] { head->supervisor().request_stop(); });
  });
  plan(Fault::policy_switch, [this](Dice& dice) {
    HeadProcess* head = cluster_.head();
    const core::PolicySettings policy = draw_policy(dice, world_.scenario.policy.on_stale);
    if (head != nullptr) head->happen([head, policy] { head->supervisor().request_policy(policy); });
  });
}

void Chaos::freeze_head(Dice& dice) {
  const bool has_successor = dice.one_in(2);
  const Time successor_after = pause(dice);
  const Time thaws_after = pause(dice);
  cluster_.freeze_head(has_successor ? std::optional(successor_after) : std::nullopt);
  world_.queue.after(thaws_after, [this] { cluster_.thaw_heads(); });
}

// ---- the disk

void Chaos::plan_disk() {
  plan(Fault::disk_full, [this](Dice& dice) {
    world_.disk.limit_space(dice.below(4000));
    world_.queue.after(pause(dice), [this] { world_.disk.clear_space_limit(); });
  });
  plan(Fault::sync_failure, [this](Dice&) { world_.disk.fail_next_sync(); });
  plan(Fault::sync_lost, [this](Dice& dice) {
    world_.disk.lose_syncs(true);
    world_.queue.after(dice.time(Time(0), milliseconds(500)), [this] {
      if (!world_.healed) cluster_.crash_heads(true);
    });
  });
  plan(Fault::bit_flip, [this](Dice& dice) { flip_bit(dice); });
}

// Only in what a resume can do without: a rotten journal is refused, and a person has to see to it.
void Chaos::flip_bit(Dice& dice) {
  std::vector<std::string> files = world_.disk.all_paths();
  std::erase_if(files, [&](const std::string& path) {
    const bool in_checkpoint = path.starts_with("checkpoints/0") && (path.ends_with("s") || path.ends_with(".json"));
    return !in_checkpoint || world_.disk.read(path).value().empty();
  });
  if (files.empty()) return;
  const std::string& path = files[dice.below(files.size())];
  if (world_.log.wanted()) world_.log.say(world_.queue.now(), "chaos", "flips a bit of " + path);
  world_.disk.flip_bit(path, dice.below(8 * world_.disk.read(path).value().size()));
}

// ---- who comes and goes

void Chaos::plan_members() {
  plan(Fault::node_leave, [this](Dice& dice) {
    NodeProcess* node = cluster_.node(dice.below(1000));
    if (node != nullptr) node->request_leave();
  });
  plan(Fault::all_leave, [this](Dice&) {
    for (std::uint64_t i = 0; i < cluster_.node_count(); ++i) cluster_.node(i)->request_leave();
  });
  plan(Fault::drain_request, [this](Dice& dice) {
    HeadProcess* head = cluster_.head();
    if (head != nullptr) head->happen([head, which = dice.below(100)] { head->supervisor().request_drain(which); });
  });
  plan(Fault::node_join, [this](Dice& dice) { cluster_.add_node(static_cast<std::uint32_t>(dice.between(1, 3))); });
  plan(Fault::many_join, [this](Dice& dice) {
    for (std::uint64_t nodes = dice.between(5, 20); nodes > 0; --nodes) cluster_.add_node(1);
  });
}

}  // namespace fulmar::simulation
