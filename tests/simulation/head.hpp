// One life of a head: the shell of core::Supervisor, the shards, the workers that it knows, and the writer of
// checkpoints. Killing it is destroying it: only the disk stays.
// Thread rule: one simulation, one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/core/supervisor.hpp"
#include "tests/simulation/node.hpp"
#include "tests/simulation/shard.hpp"
#include "tests/simulation/world.hpp"

namespace fulmar::simulation {

class Head {
 public:
  Head(World& world, core::Term term);
  ~Head();
  Head(const Head&) = delete;
  Head& operator=(const Head&) = delete;

  void start();
  void add_worker(const std::string& name, std::uint32_t slots);
  /// Kills a worker, if there is one. Its peers see it later.
  void kill_worker(std::uint64_t which);
  void request_stop();
  bool faults_are_on() const { return faults_on_; }
  /// From now on machines and disk are well.
  void end_faults() { faults_on_ = false; }

  Endpoint endpoint() const { return endpoint_; }
  void receive_join(const core::Join& join, const std::weak_ptr<Node>& node);
  void send_to_supervisor(Endpoint from, const std::string& what, core::SupervisorEvent event);
  void send_to_shard(Endpoint from, core::ShardId shard, const std::string& what, core::AggregatorEvent event,
                     const ShardCargo& cargo = {});

  const std::optional<core::supervisor_effect::EndRun>& ended() const { return ended_; }
  /// SUP-4, once all is said: nothing that the end did not void is kept.
  void check_released();

 private:
  void step(const core::SupervisorEvent& event);
  void carry_out(const core::supervisor_effect::Admit& admit);
  void carry_out(const core::supervisor_effect::SendToWorker& send);
  void carry_out(const core::supervisor_effect::SendToAggregators& send);
  void carry_out(const core::supervisor_effect::Release& release);
  void carry_out(const core::supervisor_effect::RespawnWorker& respawn);
  void carry_out(const core::supervisor_effect::WriteCheckpoint& write);
  void carry_out(const core::supervisor_effect::Record& record);
  void carry_out(const core::supervisor_effect::Report& report);
  void carry_out(const core::supervisor_effect::EndRun& end);

  void tick();
  void see_death(Endpoint worker, const std::string& name, std::uint32_t slots);
  void check_state(const core::RunState& state, const std::string& where);

  using WritingKey = std::pair<core::Version, core::CheckpointKind>;
  struct Writing {
    core::supervisor_effect::WriteCheckpoint request;
    std::vector<std::optional<Shard::Pinned>> parts;  // of each shard, as they come
  };
  void deliver(core::ShardId shard, const WritingKey& key, const Shard::Pinned& part);
  void write(const Writing& writing);

  World& world_;
  Disk::Checkpoint from_;
  core::Supervisor core_;
  Endpoint endpoint_, writer_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::shared_ptr<Node>> alive_;
  std::map<core::NodeId, std::weak_ptr<Node>> members_;
  std::map<Endpoint, core::NodeId> nodes_;
  std::map<WritingKey, Writing> writing_;
  std::weak_ptr<Node> joining_;
  bool faults_on_ = true;
  std::optional<core::supervisor_effect::EndRun> ended_;
};

}  // namespace fulmar::simulation
