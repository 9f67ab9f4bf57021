// The worker of this process, for one session: a thin shell that carries the Worker state machine's effects to its
// slots, to the aggregators and to the supervisor, wherever they are. It holds weights by version and finished vectors
// by work and block.
// Thread rule: an actor.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <caf/actor.hpp>
#include <caf/behavior.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/mail.hpp"
#include "actors/run_context.hpp"
#include "actors/slot_actor.hpp"

namespace fulmar::actors {

struct WorkerPeers {
  PortTo<SupervisorMail> supervisor;
  std::vector<PortTo<AggregatorMail>> aggregators;  ///< by shard
};
struct WorkerStart {
  WorkerPeers peers;
  std::uint32_t slots = 1;
  caf::actor owner;                 ///< which the worker does not outlive
  std::optional<core::Time> beats;  ///< how often; empty: its owner says when, by BeatDue
};

class WorkerShell {
 public:
  WorkerShell(caf::event_based_actor* self, std::shared_ptr<const RunContext> context, WorkerPeers peers,
              std::uint32_t slots);

  void handle(WorkerMail mail);
  void slot_down(const caf::down_msg& down);
  /// Tells the supervisor how it is, once it has been welcomed.
  void beat();

 private:
  void carry_out(const core::worker_effect::StartJob& effect);
  void carry_out(const core::worker_effect::KeepSlice& effect);
  void carry_out(const core::worker_effect::AssembleVersion& effect);
  void carry_out(const core::worker_effect::ForgetVersion& effect);
  void carry_out(const core::worker_effect::AbandonBefore& effect);
  void carry_out(const core::worker_effect::KeepVector& effect);
  void carry_out(const core::worker_effect::ReleaseVectors& effect);
  void carry_out(const core::worker_effect::Push& effect);
  void carry_out(const core::worker_effect::SendLosses& effect);
  void carry_out(const core::worker_effect::SpawnSlot& effect);
  void carry_out(const core::worker_effect::Tell& effect);
  void carry_out(const core::worker_effect::AcknowledgeVersion& effect);
  void carry_out(const core::worker_effect::SendBeat& effect);
  void carry_out(const core::worker_effect::SayDrained& effect);
  void step(const core::WorkerEvent& event);
  void spawn_slot(core::SlotId slot);
  JobOutcome take_vector(std::uint64_t work, const core::Block& block);

  caf::event_based_actor* self_;
  std::shared_ptr<const RunContext> context_;
  WorkerPeers peers_;
  core::Worker core_;
  core::Sender identity_;  // incarnation 0: not welcomed yet
  std::vector<caf::actor> slots_;
  std::shared_ptr<AbandonBefore> abandon_before_;
  std::map<core::Version, std::vector<SharedBuffer>> slices_;  // by shard, of versions that are not complete
  std::map<core::Version, SharedBuffer> weights_;
  std::map<std::pair<std::uint64_t, core::Block>, JobOutcome> vectors_;  // by the number of their work
  WorkerMail mail_;                                                      // being handled
};

struct WorkerState {
  std::unique_ptr<WorkerShell> shell;
};
using WorkerActor = caf::stateful_actor<WorkerState>;

caf::behavior worker_actor(WorkerActor* self, std::shared_ptr<const RunContext> context, WorkerStart start);

}  // namespace fulmar::actors
