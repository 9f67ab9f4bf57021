// The process of a node: the shell of core::NodeSession, and of one worker with its links for each session.
// Thread rule: one simulation, one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/core/session.hpp"
#include "tests/simulation/process.hpp"
#include "tests/simulation/worker_shell.hpp"

namespace fulmar::simulation {

class NodeProcess final : public Process, public Outbox {
 public:
  /// `instance`: never used before.
  NodeProcess(World& world, HostId host, std::uint64_t instance);

  void request_leave();
  /// It is over because a leaf killed it.
  bool was_killed() const { return killed_; }
  core::SessionState state() const { return session_.state(); }
  /// Who it is in its present session; node 0 while it has none.
  core::Sender identity() const { return life_ ? life_->identity : core::Sender{}; }
  /// Of its present session; 0 while it has none.
  ConnectionId connection() const { return life_ ? life_->connection : 0; }

  void receive(const Envelope& envelope) override;
  void see_reset(ConnectionId connection) override;
  void see_slowness(std::int64_t before, std::int64_t after) override;

 private:
  using LetterLink = core::Link<Letter>;
  /// Of one session.
  struct Life {
    core::Sender identity;
    ProcessId head = 0;
    ConnectionId connection = 0;
    std::vector<LetterLink> links;  // to the supervisor, and to each shard
    std::unique_ptr<WorkerShell> worker;
    bool drained = false;  // and it is still to be said
  };

  void tick();
  void step(const core::SessionEvent& event);
  void carry_out(const core::session_effect::SendJoin& send);
  void carry_out(const core::session_effect::BeginSession& begin);
  void carry_out(const core::session_effect::SendBeat& send);
  void carry_out(const core::session_effect::SendLeave& send);
  void carry_out(const core::session_effect::EndSession& end);
  void carry_out(const core::session_effect::Over& over);

  void handle(ConnectionId connection, const Segment& segment);
  void transmit(Channel channel, LetterLink::Frames frames);
  void look_after_links();
  /// Whether the shards have all that was sent to them.
  bool shards_have_all() const;
  void hang_up();
  ProcessId head() const;

  void send(Channel to, Letter letter) override;
  void say_drained() override;
  void die() override;

  core::NodeSession session_;
  std::shared_ptr<Life> life_;   // shared, so that it outlasts what ends it
  ConnectionId connection_ = 0;  // the newest; 0: it was closed
  ProcessId welcomed_by_ = 0;
  ConnectionId welcomed_on_ = 0;
  std::uint64_t attempt_ = 0;  // of the latest Join
  bool killed_ = false;
};

}  // namespace fulmar::simulation
