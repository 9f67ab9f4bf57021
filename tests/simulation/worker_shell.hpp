// The shell of one core::Worker, for one session: carries out what it says, as its header describes, with real vectors.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "runtime/core/worker.hpp"
#include "tests/simulation/datagram.hpp"
#include "tests/simulation/slots.hpp"

namespace fulmar::simulation {

struct World;

/// How a worker's words get to the head, and what becomes of it when a leaf kills it.
class Outbox {
 public:
  virtual ~Outbox() = default;
  virtual void send(Channel to, Letter letter) = 0;
  /// Tell the supervisor, once the shards have what was sent to them.
  virtual void say_drained() = 0;
  /// The process dies, and this shell with it, when the event under way is over.
  virtual void die() = 0;
};

class WorkerShell {
 public:
  WorkerShell(World& world, Process& process, std::uint32_t slots, Outbox& outbox);

  void begin(const core::Welcome& welcome);
  void receive(const Letter& letter);
  void send_beat();
  void see_slowness(std::int64_t before, std::int64_t after) { slots_.change_speed(before, after); }
  const core::Sender& identity() const { return identity_; }

 private:
  struct Running {
    core::Job job;
    core::Version version = 0;              // whose weights are used
    std::shared_ptr<const Vector> weights;  // gradient, validate
    Gradient left, right;                   // combine
    bool cut_short = false;
  };

  void step(const core::WorkerEvent& event);
  void carry_out(const core::worker_effect::StartJob& start);
  void carry_out(const core::worker_effect::KeepSlice& keep);
  void carry_out(const core::worker_effect::AssembleVersion& assemble);
  void carry_out(const core::worker_effect::ForgetVersion& forget);
  void carry_out(const core::worker_effect::AbandonBefore& abandon);
  void carry_out(const core::worker_effect::KeepVector& keep);
  void carry_out(const core::worker_effect::ReleaseVectors& release);
  void carry_out(const core::worker_effect::Push& push);
  void carry_out(const core::worker_effect::SendLosses& send);
  void carry_out(const core::worker_effect::SpawnSlot& spawn) { slots_.forget(spawn.slot); }
  void carry_out(const core::worker_effect::Tell& tell);
  void carry_out(const core::worker_effect::AcknowledgeVersion& acknowledge);
  void carry_out(const core::worker_effect::SendBeat& send);
  void carry_out(const core::worker_effect::SayDrained& say);

  core::BlockTree tree_of(const core::Job& job) const;
  Time work_of(const core::Job& job) const;
  void end_job(core::SlotId slot);
  void compute(const Running& running, core::worker_event::JobDone& done);
  /// The leaf that kills this job's slot, if one does.
  std::optional<std::uint64_t> killer_in(const core::Job& job) const;
  bool dies(core::SlotId slot, const core::Job& job);
  Gradient take(const core::Work& work, const core::Block& block);
  void send(Channel to, SessionMessage message, std::shared_ptr<const Cargo> cargo = nullptr);
  void check_bounds() const;

  World& world_;
  Process& process_;
  Outbox& outbox_;
  core::Worker core_;
  Slots slots_;
  core::Sender identity_;
  std::map<core::SlotId, Running> running_;
  std::map<core::Version, std::vector<std::shared_ptr<const Cargo>>> slices_;
  std::map<core::Version, std::shared_ptr<const Vector>> weights_;
  std::map<std::pair<std::uint64_t, core::Block>, Gradient> vectors_;  // by work and block
  std::shared_ptr<const Cargo> slice_;                                 // beside the VersionSlice that is being handled
  Gradient outcome_;                                                   // beside the JobDone that is being handled
  std::vector<core::LeafLoss> losses_;                                 // likewise
};

}  // namespace fulmar::simulation
