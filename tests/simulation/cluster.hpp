// All processes of a simulation, and those who look after them: operators start heads and nodes again that have died.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "tests/simulation/head_process.hpp"
#include "tests/simulation/node_process.hpp"

namespace fulmar::simulation {

struct World;

class Cluster {
 public:
  /// `ended`: called with a head that has said its end. True: the run is over.
  using Ended = std::function<bool(HeadProcess& head, bool newest)>;

  Cluster(World& world, Ended ended);

  /// Everything that the scenario has from the beginning.
  void start();
  /// To be called after each event: buries who is over, and has somebody follow.
  void reap();

  // Nodes. `which`: any number.
  NodeProcess* node(std::uint64_t which) const;
  std::size_t node_count() const { return nodes_.size(); }
  void add_node(std::uint32_t slots);
  void crash_node(NodeProcess& node, std::optional<Time> returns_after);

  // Heads.
  HeadProcess* head() const { return heads_.empty() ? nullptr : heads_.back().get(); }
  std::uint64_t heads_started() const { return heads_started_; }
  void crash_heads(bool power_cut);
  /// The newest is frozen; `successor_after`: when another is started beside it; none: nobody does.
  void freeze_head(std::optional<Time> successor_after);
  void thaw_heads();

  /// Everything thaws and is there; from now on nobody stays away.
  void heal();
  /// The run is over: nobody is started any more, and the head gets to say what it has to say.
  void settle();

 private:
  void start_node(HostId host);
  void start_node_later(HostId host, Time delay);
  void start_head();
  void start_head_later(Time delay);
  void bury_node(std::size_t index);
  void look_after_heads();
  void remove_head(const HeadProcess& head);

  World& world_;
  Ended ended_;
  std::vector<std::unique_ptr<NodeProcess>> nodes_;
  std::vector<std::unique_ptr<HeadProcess>> heads_;  // the newest last
  std::vector<ProcessId> judged_;                    // heads that have ended and are on their way out
  std::uint64_t instances_ = 0, heads_started_ = 0;
  std::uint64_t head_start_ = 0;  // tells the start that is planned from those that were
  bool settled_ = false;
};

}  // namespace fulmar::simulation
