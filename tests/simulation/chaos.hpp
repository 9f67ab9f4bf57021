// What goes wrong when: for each kind of fault, as often as the scenario says, at moments drawn before its horizon.
// Every kind has dice of its own, so that leaving one out moves none of the others.
// Thread rule: one simulation, one thread.
#pragma once

#include <functional>
#include <map>

#include "tests/simulation/cluster.hpp"
#include "tests/simulation/dice.hpp"
#include "tests/simulation/faults.hpp"

namespace fulmar::simulation {

struct World;

class Chaos {
 public:
  Chaos(World& world, Cluster& cluster);

  /// Plans all of it, and that it ends at the horizon.
  void plan();

 private:
  using Act = std::function<void(Dice&)>;
  void plan(Fault fault, Act act);
  void plan_nodes();
  void plan_networks_and_clocks();
  void plan_heads();
  void plan_disk();
  void plan_members();
  void heal();

  void freeze_node(Dice& dice);
  void change_speed(HostId host, std::int64_t slowness);
  void cut_link(Dice& dice);
  void freeze_head(Dice& dice);
  void flip_bit(Dice& dice);
  /// Some node's host, or the head's.
  HostId any_host(Dice& dice) const;
  /// A pause: mostly of the order of liveness, sometimes far longer.
  Time pause(Dice& dice) const;

  World& world_;
  Cluster& cluster_;
  std::map<Fault, Dice> dice_;
};

}  // namespace fulmar::simulation
