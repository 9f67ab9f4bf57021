// One session of a node: the shell of core::Worker. Slots are timers, vectors are counts of leaves, and whatever has a
// tensor beside it takes its time on the link. Its end is its destruction: what is on its way then is lost.
// Thread rule: one simulation, one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/core/worker.hpp"
#include "runtime/simulation/machine.hpp"
#include "runtime/simulation/world.hpp"

namespace fulmar::planner {

class Head;

class Node : public std::enable_shared_from_this<Node> {
 public:
  Node(World& world, Head& head, Machine& machine);
  /// Counts what it has computed and nobody has got as lost.
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  void join();
  /// From the head, at this moment.
  void receive(const core::WorkerEvent& event);
  /// From a shard: begins to send its part of a version.
  void send_slice(const core::VersionSlice& slice);

  Machine& machine() { return machine_; }
  /// Of the session; nothing until it was welcomed.
  const std::optional<core::Sender>& identity() const { return identity_; }

 private:
  struct Slot {
    core::Job job;
    std::uint64_t leaves = 0;  // in the job's vector, as far as it has got
  };

  void step(const core::WorkerEvent& event);
  void beat();
  void beat_regularly();
  void compute_leaf(core::SlotId id);
  void finish(core::SlotId id);
  std::uint64_t take(const core::Work& work, const core::Block& block);

  void carry_out(const core::worker_effect::StartJob& start);
  void carry_out(const core::worker_effect::KeepSlice&) {}
  void carry_out(const core::worker_effect::AssembleVersion& assemble) { held_[assemble.version] = world_.queue.now(); }
  void carry_out(const core::worker_effect::ForgetVersion& forget) { held_.erase(forget.version); }
  void carry_out(const core::worker_effect::AbandonBefore& abandon) { abandon_before_ = abandon.work; }
  void carry_out(const core::worker_effect::KeepVector& keep);
  void carry_out(const core::worker_effect::ReleaseVectors& release);
  void carry_out(const core::worker_effect::Push& push);
  void carry_out(const core::worker_effect::AcknowledgeVersion& acknowledge);
  void carry_out(const core::worker_effect::SendBeat&) { beat(); }
  void carry_out(const core::worker_effect::SayDrained&);
  // Nothing is validated and no slot dies in a planned cluster.
  void carry_out(const core::worker_effect::SendLosses&) {}
  void carry_out(const core::worker_effect::SpawnSlot&) {}
  void carry_out(const core::worker_effect::Tell&) {}

  World& world_;
  Head& head_;
  Machine& machine_;
  core::Worker core_;
  std::optional<core::Sender> identity_;
  std::uint64_t abandon_before_ = 0;  // works before this one
  std::vector<std::optional<Slot>> slots_;
  std::map<core::Version, Time> held_;                                      // since when
  std::map<std::pair<std::uint64_t, core::Block>, std::uint64_t> vectors_;  // leaves in each, by work and block
  std::optional<std::uint64_t> outcome_;  // leaves in the vector beside the JobDone that is being handled
};

}  // namespace fulmar::planner
