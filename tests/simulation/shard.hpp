// The shell of an aggregator: carries out what core::Aggregator says, as its header describes, over the simulated
// network.
// Thread rule: one simulation, one thread.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <vector>

#include "runtime/core/aggregator.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {

class Head;
class Node;

/// What travels beside an event.
struct ShardCargo {
  std::shared_ptr<const Vector> vector;  ///< BlockPushed: the shard's extent
  std::weak_ptr<Node> worker;            ///< MemberAdmitted: who it is
};

class Shard {
 public:
  struct Pinned {
    Vector weights;
    std::vector<Vector> optimizer;
  };

  Shard(World& world, Head& head, core::ShardId shard, core::Term term, const Disk::Checkpoint& from);
  ~Shard() { world_.network.close(endpoint_); }
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  Endpoint endpoint() const { return endpoint_; }
  void receive(core::AggregatorEvent event, const ShardCargo& cargo);
  const std::map<core::Version, Pinned>& pinned() const { return pinned_; }

 private:
  void carry_out(const core::aggregator_effect::Keep& keep);
  void carry_out(const core::aggregator_effect::Drop& drop);
  void carry_out(const core::aggregator_effect::Discard& discard);
  void carry_out(const core::aggregator_effect::Combine& combine);
  void carry_out(const core::aggregator_effect::ReportRoot& report);
  void carry_out(const core::aggregator_effect::SendVerdict& send);
  void carry_out(const core::aggregator_effect::Apply& apply);
  void carry_out(const core::aggregator_effect::Publish& publish);
  void carry_out(const core::aggregator_effect::Pin& pin);
  void carry_out(const core::aggregator_effect::Unpin& unpin);
  void carry_out(const core::aggregator_effect::SendVersions& send);
  void carry_out(const core::aggregator_effect::Tell& tell);

  void send_version(const std::weak_ptr<Node>& worker, core::Version version, const Vector& weights);
  std::vector<double> chunk_norms(const Vector& root) const;
  void check_weights();

  World& world_;
  Head& head_;
  core::ShardId shard_;
  core::Extent extent_;
  core::Aggregator core_;
  Endpoint endpoint_;
  Vector weights_;
  std::vector<Vector> optimizer_;
  std::map<core::Block, Vector> vectors_;
  std::map<core::Version, Pinned> pinned_;
  std::map<core::Incarnation, std::weak_ptr<Node>> workers_;
  ShardCargo cargo_;  // of the event that is being handled
};

}  // namespace fulmar::simulation
