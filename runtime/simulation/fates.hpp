// What happens to the machines of a planned cluster: processes start, fail and start again, newcomers come, speeds
// change. Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/simulation/head.hpp"
#include "runtime/simulation/machine.hpp"

namespace fulmar::planner {

class Fates {
 public:
  Fates(World& world, Head& head);
  Fates(const Fates&) = delete;
  Fates& operator=(const Fates&) = delete;

  /// All nodes start, at once.
  void start();

 private:
  void add_machine(const NodeGroup& group);
  void start_process(Machine& machine);
  void start_session(Machine& machine);
  void plan_failure(Machine& machine);
  void fail(Machine& machine);
  void plan_newcomer();
  void plan_speed_change(Machine& machine);
  void change_speed(Machine& machine);
  void dismissed(Node& node, const core::Farewell& farewell);

  World& world_;
  Head& head_;
  std::vector<std::unique_ptr<Machine>> machines_;
  Chance newcomers_;
  std::uint64_t instances_ = 0;
};

}  // namespace fulmar::planner
