// The shell of a worker with its slots: carries out what core::Worker says, as its header describes. A slot is a timer:
// its job takes as long as the dice say, or kills it.
// Thread rule: one simulation, one thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/core/worker.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {

class Head;

class Node : public std::enable_shared_from_this<Node> {
 public:
  Node(World& world, Head& head, std::string name, std::uint32_t slots);
  ~Node() { world_.network.close(endpoint_); }
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  Endpoint endpoint() const { return endpoint_; }
  const std::string& name() const { return name_; }
  std::uint32_t slots() const { return static_cast<std::uint32_t>(lives_.size()); }
  void join();
  /// Has the network bring an event, with a slice of weights beside it.
  void send(Endpoint from, const std::string& what, core::WorkerEvent event,
            std::shared_ptr<const Vector> slice = nullptr);

 private:
  void receive(const core::WorkerEvent& event, const std::shared_ptr<const Vector>& slice);
  void step(const core::WorkerEvent& event);
  void beat();

  void carry_out(const core::worker_effect::StartJob& start);
  void carry_out(const core::worker_effect::AssembleVersion& assemble);
  void carry_out(const core::worker_effect::ForgetVersion& forget);
  void carry_out(const core::worker_effect::AbandonBefore& abandon) { abandon_before_ = abandon.version; }
  void carry_out(const core::worker_effect::KeepVector& keep);
  void carry_out(const core::worker_effect::ReleaseVectors& release);
  void carry_out(const core::worker_effect::Push& push);
  void carry_out(const core::worker_effect::SendLosses& send);
  void carry_out(const core::worker_effect::SpawnSlot& spawn);
  void carry_out(const core::worker_effect::Tell& tell);

  /// What a slot computes for `job`, from weights or from two halves.
  void compute(core::SlotId slot, const core::Job& job, const Vector& weights, Gradient left, const Gradient& right);
  void die(core::SlotId slot, const core::Job& job, bool at_leaf, std::uint64_t leaf);
  bool meets_killer(const core::Job& job) const;
  Gradient take(core::Version base, const core::Block& block);

  World& world_;
  Head& head_;
  std::string name_;
  core::Worker core_;
  Endpoint endpoint_;
  core::Sender identity_;
  core::Version abandon_before_ = 0;
  std::vector<std::uint64_t> lives_;  // of each slot: what an earlier life started does not finish
  std::map<core::Version, std::vector<std::shared_ptr<const Vector>>> slices_;
  std::map<core::Version, std::shared_ptr<const Vector>> weights_;
  std::map<std::pair<core::Version, core::Block>, Gradient> vectors_;
  Gradient outcome_;                    // beside the JobDone that is being handled
  std::vector<core::LeafLoss> losses_;  // likewise
};

}  // namespace fulmar::simulation
