// The shell of core::Supervisor: carries out what it says, as its header describes.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "runtime/core/supervisor.hpp"
#include "tests/simulation/datagram.hpp"
#include "tests/simulation/run_directory.hpp"

namespace fulmar::simulation {

struct World;
class HeadProcess;

/// Who asks to take part: a process at the other end of the network, or a local worker.
struct Joiner {
  ConnectionId connection = 0;
  ProcessId peer = 0;
  std::optional<std::uint64_t> local_ticket;
};

class SupervisorShell {
 public:
  SupervisorShell(World& world, HeadProcess& head, const OpenedRun& from);

  void start();
  void step(const core::SupervisorEvent& event);
  void join(const core::Join& join, const Joiner& joiner);
  void request_stop();
  void request_policy(const core::PolicySettings& policy);
  /// Asks one of the members to leave, whichever the number means.
  void request_drain(std::uint64_t which);

  const core::Supervisor& core() const { return core_; }
  /// How many messages it was given, without beats, looks at the clock and what shards say of late rounds.
  std::uint64_t heard() const { return heard_; }
  const std::optional<core::supervisor_effect::EndRun>& ended() const { return ended_; }

 private:
  void carry_out(const core::SupervisorEffects& effects);
  void carry_out(const core::supervisor_effect::Admit& admit);
  void carry_out(const core::supervisor_effect::Greet& greet);
  void carry_out(const core::supervisor_effect::SendToWorker& send);
  void carry_out(const core::supervisor_effect::SendToAggregators& send);
  void carry_out(const core::supervisor_effect::Dismiss& dismiss);
  void carry_out(const core::supervisor_effect::Revoked& revoked);
  void carry_out(const core::supervisor_effect::Relieved& relieved);
  void carry_out(const core::supervisor_effect::Recovered& recovered);
  void carry_out(const core::supervisor_effect::Release& release);
  void carry_out(const core::supervisor_effect::RespawnWorker& respawn);
  void carry_out(const core::supervisor_effect::WriteCheckpoint& write);
  void carry_out(const core::supervisor_effect::Record& record);
  void carry_out(const core::supervisor_effect::Report& report);
  void carry_out(const core::supervisor_effect::EndRun& end);

  void note_revoked();
  void note_switch(const core::PolicySwitched& switched);

  World& world_;
  HeadProcess& head_;
  core::Supervisor core_;
  Joiner joiner_;                                 // of the Join that is being handled
  std::map<core::NodeId, core::Sender> members_;  // in their present sessions
  std::uint64_t heard_ = 0;
  bool was_asked_by_clock_ = false;  // what is being handled is a look at the clock, or the death of a slot
  std::optional<core::supervisor_effect::EndRun> ended_;
};

}  // namespace fulmar::simulation
