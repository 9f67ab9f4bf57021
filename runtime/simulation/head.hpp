// The head of a planned cluster: the shell of core::Supervisor, with its shards. It has no slots and never fails, and
// its disk takes no time.
// Thread rule: one simulation, one thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/core/supervisor.hpp"
#include "runtime/simulation/mailbox.hpp"
#include "runtime/simulation/node.hpp"
#include "runtime/simulation/shard.hpp"

namespace fulmar::planner {

inline constexpr core::Term kTerm = 1;

class Head {
 public:
  explicit Head(World& world);
  Head(const Head&) = delete;
  Head& operator=(const Head&) = delete;

  void start();
  /// What happens to a session that the head has given up, when the node hears of it.
  void when_dismissed(std::function<void(Node&, const core::Farewell&)> act) { dismissed_ = std::move(act); }

  // From nodes: arrives after the latency.
  void receive_join(const core::Join& join, const std::weak_ptr<Node>& node);
  void send(const core::SupervisorEvent& event);
  void send_to_lead(const core::VersionHeld& held);
  /// The connection of a node that failed is closed.
  void close_connection(std::uint64_t instance, std::uint64_t attempt);

  // Within the head: at this moment.
  void receive(const core::SupervisorEvent& event);
  void send_to_shards(const core::AggregatorEvent& event);
  Shard& shard(core::ShardId id) { return *shards_[id]; }

  const core::RunState& state() const { return core_.state(); }
  const std::optional<core::supervisor_effect::EndRun>& ended() const { return ended_; }
  const Mailbox& mailbox() const { return mailbox_; }
  std::uint64_t admitted() const { return admitted_; }
  std::uint64_t plan_changes() const { return plan_changes_; }

 private:
  struct Member {
    core::Sender identity;
    std::uint64_t instance = 0, attempt = 0;
    std::weak_ptr<Node> node;
  };

  void tick();
  void receive_tick();
  void carry_out_all(const core::SupervisorEffects& effects);
  void carry_out(const core::supervisor_effect::Admit& admit);
  void carry_out(const core::supervisor_effect::Greet& greet) { welcome(greet.welcome); }
  void carry_out(const core::supervisor_effect::SendToWorker& send);
  void carry_out(const core::supervisor_effect::SendToAggregators& send);
  void carry_out(const core::supervisor_effect::Dismiss& dismiss);
  void carry_out(const core::supervisor_effect::Relieved& relieved);
  void carry_out(const core::supervisor_effect::Release& release);
  void carry_out(const core::supervisor_effect::WriteCheckpoint& write);
  void carry_out(const core::supervisor_effect::Record& record);
  void carry_out(const core::supervisor_effect::EndRun& end) { ended_ = end; }
  // Nobody is local, what is reported is measured at the shards, and recoveries from the failure itself on.
  void carry_out(const core::supervisor_effect::RespawnWorker&) {}
  void carry_out(const core::supervisor_effect::Report&) {}
  void carry_out(const core::supervisor_effect::Recovered&) {}
  void carry_out(const core::supervisor_effect::Revoked&) {}

  void welcome(const core::Welcome& welcome);
  void send_to_node(const std::weak_ptr<Node>& node, const core::WorkerEvent& event);

  World& world_;
  core::Supervisor core_;
  Mailbox mailbox_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::map<core::NodeId, Member> members_;
  Member joining_;  // whose Join is being handled
  std::function<void(Node&, const core::Farewell&)> dismissed_;
  std::optional<core::supervisor_effect::EndRun> ended_;
  std::uint64_t admitted_ = 0, plan_changes_ = 0;
};

}  // namespace fulmar::planner
