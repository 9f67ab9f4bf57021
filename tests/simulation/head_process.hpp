// One life of a head: a process with the supervisor, the shards, the recorder, the links to its members and workers of
// its own. Within it messages are reliable and, from one role to another, in order, each after a little while.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "tests/simulation/aggregator_shell.hpp"
#include "tests/simulation/local_workers.hpp"
#include "tests/simulation/process.hpp"
#include "tests/simulation/recorder.hpp"
#include "tests/simulation/run_directory.hpp"
#include "tests/simulation/supervisor_shell.hpp"
#include "tests/simulation/switchboard.hpp"
#include "tests/simulation/timeline.hpp"

namespace fulmar::simulation {

class HeadProcess final : public Process {
 public:
  /// A role within the process.
  using Endpoint = std::uint32_t;

  HeadProcess(World& world, OpenedRun run);
  void start();

  core::Term term() const { return term_; }
  Timeline& timeline() { return timeline_; }
  /// Up to here it recomputes what its journal says.
  core::Version prescribed_end() const { return prescribed_end_; }
  SupervisorShell& supervisor() { return *supervisor_; }
  const SupervisorShell& supervisor() const { return *supervisor_; }
  AggregatorShell& shard(core::ShardId shard) { return *shards_.at(shard); }
  LocalWorkers& local_workers() { return local_workers_; }
  const Switchboard& switchboard() const { return switchboard_; }
  /// The machine goes off in the middle of what it writes.
  void lose_power() { recorder_.lose_power(); }

  Endpoint supervisor_endpoint() const { return 0; }
  Endpoint shard_endpoint(core::ShardId shard) const { return 1 + shard; }
  Endpoint recorder_endpoint() const { return 1 + static_cast<Endpoint>(shards_.size()); }
  Endpoint switchboard_endpoint() const { return recorder_endpoint() + 1; }
  Endpoint new_endpoint() { return endpoints_++; }

  // What the roles say to each other.
  void post(Endpoint from, Endpoint to, Act act);
  void to_supervisor(Endpoint from, core::SupervisorEvent event);
  /// Not before what `from` has sent to the shards is there.
  void to_supervisor_behind_shards(Endpoint from, core::SupervisorEvent event);
  void to_shard(Endpoint from, core::ShardId shard, core::AggregatorEvent event,
                std::shared_ptr<const Cargo> cargo = nullptr);
  void to_member(core::Incarnation member, Channel channel, SessionMessage message, std::shared_ptr<const Cargo> cargo);
  /// What a member sends to a role.
  void deliver(Endpoint from, Channel channel, const Letter& letter);
  void join(const core::Join& join, ConnectionId connection, ProcessId peer);
  void join_locally(Endpoint from, const core::Join& join, std::uint64_t ticket);
  void see_newer_term(Endpoint from, core::Term term);

  // What the supervisor has the process do.
  void admit(const core::Welcome& welcome, const Joiner& joiner);
  void greet(const core::Welcome& welcome, const Joiner& joiner);
  void dismiss(const core::Sender& member, const core::Farewell& farewell);
  void write_checkpoint(const core::supervisor_effect::WriteCheckpoint& write);
  void record(const core::JournalRecord& record);

  void receive(const Envelope& envelope) override { switchboard_.receive(envelope); }
  void see_reset(ConnectionId connection) override { switchboard_.see_reset(connection); }
  void see_slowness(std::int64_t before, std::int64_t after) override { local_workers_.see_slowness(before, after); }

 private:
  void tick();
  Time arrival(Endpoint from, Endpoint to);
  void check_holders();

  core::Term term_;
  Timeline timeline_;
  core::Version prescribed_end_;
  std::vector<std::unique_ptr<AggregatorShell>> shards_;
  std::unique_ptr<SupervisorShell> supervisor_;
  Recorder recorder_;
  Switchboard switchboard_;
  LocalWorkers local_workers_;
  Endpoint endpoints_;
  std::map<std::pair<Endpoint, Endpoint>, Time> last_arrival_;  // in true time
  std::uint64_t under_way_ = 0;                                 // posts
  bool superseded_ = false;
};

}  // namespace fulmar::simulation
