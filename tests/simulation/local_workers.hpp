// The workers in the head's own process: no network lies between them and the head, and their end is seen there.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "tests/simulation/worker_shell.hpp"

namespace fulmar::simulation {

struct World;
class HeadProcess;

class LocalWorkers {
 public:
  LocalWorkers(World& world, HeadProcess& head) : world_(world), head_(head) {}

  void start(const std::string& name, std::uint32_t slots);
  /// One of them dies, whichever the number means.
  void crash(std::uint64_t which);
  void crash_the_dead(std::uint64_t ticket);

  /// `ticket`: as given with its Join. False: it is dead.
  bool is_there(std::uint64_t ticket) const;
  void welcome(std::uint64_t ticket, const core::Welcome& welcome);
  void dismiss(core::Incarnation incarnation);
  bool has(core::Incarnation incarnation) const;
  void send(core::Incarnation to, std::uint32_t from_endpoint, Letter letter);
  void see_slowness(std::int64_t before, std::int64_t after);

 private:
  class Local;
  void beat(std::uint64_t ticket);
  void bury(const std::shared_ptr<Local>& dead);
  std::shared_ptr<Local> find(std::uint64_t ticket) const;

  World& world_;
  HeadProcess& head_;
  std::list<std::shared_ptr<Local>> all_;
  std::uint64_t tickets_ = 0;
};

}  // namespace fulmar::simulation
