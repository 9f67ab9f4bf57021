// A node of somebody else's run: the shell of core::NodeSession, and of one worker for each session. What the network
// says comes as mail; what the worker says goes through here to the network.
// Thread rule: an actor; it alone uses the transport once it is running.
//
// PART-1: a session's worker gets nothing, and gets nothing sent, of another session. PART-2: what a head sends is
// checked before it reaches the worker; what breaks a rule ends the session. PART-3: a worker that dies ends its
// session, and no session's worker outlives it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <caf/actor.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/behavior.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/mail.hpp"
#include "actors/node_run.hpp"
#include "actors/run_context.hpp"
#include "runtime/core/session.hpp"
#include "runtime/transport/message_rules.hpp"
#include "runtime/transport/node_transport.hpp"

namespace fulmar::actors {

/// To a node: what happens to its session.
struct SessionMail {
  core::SessionEvent event;
};
/// Something of this session came from the supervisor.
struct HeardMail {
  core::Sender session;
};
struct GreetingMail {
  transport::Greeting greeting;
};
struct RefusalMail {
  transport::Refusal refusal;
};
struct DeliveryMail {
  core::Sender session;
  transport::Delivery delivery;
};
/// From its worker, for a shard.
struct ShardMail {
  core::ShardId shard = 0;
  AggregatorMail mail;
};

/// Hands what the transport says on to a node, as mail.
class NodeMailbox final : public transport::NodeSink {
 public:
  explicit NodeMailbox(caf::actor node) : node_(std::move(node)) {}

  void on_refusal(const transport::Refusal& refusal) override;
  void on_greeting(const transport::Greeting& greeting) override;
  void on_message(const core::Sender& session, transport::Delivery delivery) override;
  void on_heard(const core::Sender& session) override;
  void on_gone(const core::Sender& session) override;
  void on_broken(const core::Sender& session, const std::string& cause) override;
  void on_dismissed(const core::Sender& session, const core::Farewell& farewell) override;

 private:
  caf::actor node_;
};

struct NodeActorStart {
  core::SessionSettings session;
  transport::NodeTransport* transport = nullptr;  ///< outlives the actor
  NodeObserver* observer = nullptr;               ///< likewise
  caf::actor owner;                               ///< gets the NodeOutcome
};

class NodeShell {
 public:
  NodeShell(caf::event_based_actor* self, std::shared_ptr<const RunContext> context, NodeActorStart start);

  void step(const core::SessionEvent& event);
  void heard(const HeardMail& mail);
  void greeted(const transport::Greeting& greeting);
  void refused(const transport::Refusal& refusal);
  void deliver(DeliveryMail mail);
  void actor_down(const caf::down_msg& down);
  /// What the worker says.
  void send(const SupervisorMail& mail);
  void send(ShardMail mail);

 private:
  void carry_out(const core::session_effect::SendJoin& effect);
  void carry_out(const core::session_effect::BeginSession& effect);
  void carry_out(const core::session_effect::SendBeat& effect);
  void carry_out(const core::session_effect::SendLeave& effect);
  void carry_out(const core::session_effect::EndSession& effect);
  void carry_out(const core::session_effect::Over& effect);
  void hand_on(const core::SessionMessage& message, SharedBuffer slice);
  void send(core::Channel channel, core::SessionMessage message);
  void say_leaving();
  void end(NodeOutcome outcome);

  caf::event_based_actor* self_;
  std::shared_ptr<const RunContext> context_;
  NodeActorStart start_;
  transport::MessageBounds bounds_;
  core::NodeSession core_;
  transport::Greeting greeting_;  // being handled, or of the present session
  core::Sender identity_;         // in the present session; incarnation 0: there is none
  caf::actor worker_;             // of the present session
  bool leaving_ = false;          // on somebody's wish
  std::string waits_for_;         // what the head said to a Join that may be repeated
};

struct NodeState {
  std::unique_ptr<NodeShell> shell;
};
using NodeActor = caf::stateful_actor<NodeState>;

caf::behavior node_actor(NodeActor* self, std::shared_ptr<const RunContext> context, NodeActorStart start);

}  // namespace fulmar::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::SessionMail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::HeardMail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::GreetingMail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::RefusalMail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::DeliveryMail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::ShardMail)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::NodeOutcome)
