#include "actors/node_actor.hpp"

#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <caf/all.hpp>

#include "actors/exit_reason.hpp"
#include "actors/worker_actor.hpp"

namespace fulmar::actors {
namespace effect = core::session_effect;
namespace event = core::session_event;
namespace {

template <class Kind, class Variant>
struct IsOneOf;
template <class Kind, class... Kinds>
struct IsOneOf<Kind, std::variant<Kinds...>> : std::disjunction<std::is_same<Kind, Kinds>...> {};

/// A worker's way to one of the shards.
class ShardPort final : public Port<AggregatorMail> {
 public:
  ShardPort(caf::actor node, core::ShardId shard) : node_(std::move(node)), shard_(shard) {}
  void send(AggregatorMail mail) override { caf::anon_send(node_, ShardMail{shard_, std::move(mail)}); }

 private:
  caf::actor node_;
  core::ShardId shard_;
};

WorkerPeers peers_through(const caf::actor& node, std::uint32_t shards) {
  WorkerPeers peers;
  peers.supervisor = std::make_shared<LocalPort<SupervisorMail>>(node);
  for (core::ShardId shard = 0; shard < shards; ++shard) {
    peers.aggregators.push_back(std::make_shared<ShardPort>(node, shard));
  }
  return peers;
}

/// What of a role's events travels, if it is of this session; a worker says nothing else.
template <class Event>
std::optional<core::SessionMessage> of_session(const Event& said, const core::Sender& session) {
  return std::visit(
      [&]<class Kind>(const Kind& concrete) -> std::optional<core::SessionMessage> {
        if constexpr (IsOneOf<Kind, core::SessionMessage>::value && requires { concrete.sender; }) {
          if (concrete.sender == session) return concrete;
        }
        return std::nullopt;
      },
      said);
}

}  // namespace

// ---- from the transport's threads

void NodeMailbox::on_refusal(const transport::Refusal& refusal) {
  caf::anon_send(node_, RefusalMail{refusal});
}
void NodeMailbox::on_greeting(const transport::Greeting& greeting) {
  caf::anon_send(node_, GreetingMail{greeting});
}
void NodeMailbox::on_message(const core::Sender& session, transport::Delivery delivery) {
  caf::anon_send(node_, DeliveryMail{session, std::move(delivery)});
}
void NodeMailbox::on_heard(const core::Sender& session) {
  caf::anon_send(node_, HeardMail{session});
}
void NodeMailbox::on_gone(const core::Sender& session) {
  caf::anon_send(node_, SessionMail{event::Gone{session}});
}
void NodeMailbox::on_broken(const core::Sender& session, const std::string& cause) {
  caf::anon_send(node_, SessionMail{event::Broken{session, cause}});
}
void NodeMailbox::on_dismissed(const core::Sender& session, const core::Farewell& farewell) {
  caf::anon_send(node_, SessionMail{event::Dismissed{session, farewell}});
}

// ---- the session

NodeShell::NodeShell(caf::event_based_actor* self, std::shared_ptr<const RunContext> context, NodeActorStart start)
    : self_(self),
      context_(std::move(context)),
      start_(std::move(start)),
      bounds_{context_->shape, context_->shards.shards(), start_.session.slots},
      core_(start_.session) {}

void NodeShell::step(const core::SessionEvent& happened) {
  if (std::holds_alternative<event::LeaveRequested>(happened)) say_leaving();
  for (const core::SessionEffect& next : core_.step(monotonic_now(), happened)) {
    std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
  }
}

void NodeShell::heard(const HeardMail& mail) {
  if (mail.session == identity_) step(event::Heard{});
}

void NodeShell::greeted(const transport::Greeting& greeting) {
  if (core_.state() != core::SessionState::joining) return;  // said again
  greeting_ = greeting;
  step(greeting_.welcome);
}

void NodeShell::refused(const transport::Refusal& refusal) {
  if (core_.state() != core::SessionState::joining) return;
  if (!refusal.may_retry) return end({true, refusal.reason});
  if (std::exchange(waits_for_, refusal.reason) != refusal.reason) start_.observer->on_put_off(refusal.reason);
}

void NodeShell::carry_out(const effect::SendJoin& send) {
  start_.transport->join(send.join);
}

void NodeShell::carry_out(const effect::BeginSession& begin) {
  start_.transport->begin(greeting_);
  identity_ = begin.welcome.identity;
  waits_for_.clear();
  const caf::actor me(self_);
  worker_ = self_->spawn<caf::monitored>(
      worker_actor, context_,
      WorkerStart{peers_through(me, context_->shards.shards()), start_.session.slots, me, std::nullopt});
  WorkerMail mail;
  mail.event = begin.welcome;
  self_->send(worker_, std::move(mail));
  start_.observer->on_joined(identity_.node);
}

void NodeShell::carry_out(const effect::SendBeat&) {
  self_->send(worker_, BeatDue{});
}

void NodeShell::carry_out(const effect::SendLeave&) {
  send(core::kSupervisorChannel, core::Leave{identity_});
}

void NodeShell::carry_out(const effect::EndSession& ended) {
  start_.transport->end();
  self_->send_exit(worker_, caf::exit_reason::user_shutdown);
  worker_ = nullptr;
  identity_ = {};
  if (core_.state() == core::SessionState::joining) start_.observer->on_lost(ended.cause);
}

void NodeShell::carry_out(const effect::Over& over) {
  end({false, leaving_ ? "it was asked to" : over.reason});
}

void NodeShell::say_leaving() {
  if (!std::exchange(leaving_, true)) start_.observer->on_leaving();
}

void NodeShell::end(NodeOutcome outcome) {
  self_->send(start_.owner, std::move(outcome));
  self_->quit();  // and the worker with it
}

void NodeShell::actor_down(const caf::down_msg& down) {
  if (worker_ && worker_.address() == down.source) {
    step(event::Broken{identity_, "its worker died: " + cause_of(down.reason)});
  }
}

// ---- between the head and the worker

void NodeShell::deliver(DeliveryMail mail) {
  if (!(mail.session == identity_)) return;  // PART-1
  const core::SessionMessage& message = mail.delivery.message;
  if (const auto reason = transport::reason_to_refuse(message, bounds_)) {  // PART-2
    return step(event::Broken{identity_, "the head says what it must not: " + *reason});
  }
  if (std::holds_alternative<core::Drain>(message)) say_leaving();
  hand_on(message, std::move(mail.delivery.tensor));
}

void NodeShell::hand_on(const core::SessionMessage& message, SharedBuffer slice) {
  std::visit(
      [&]<class Kind>(const Kind& concrete) {
        if constexpr (IsOneOf<Kind, core::WorkerEvent>::value) {
          WorkerMail mail;
          mail.event = concrete;
          mail.slice = std::move(slice);
          self_->send(worker_, std::move(mail));
        }
      },
      message);
}

void NodeShell::send(const SupervisorMail& mail) {
  const std::optional<core::SessionMessage> message = of_session(mail.event, identity_);
  if (!message) return;  // of a session that is over
  if (std::holds_alternative<core::Drained>(*message)) {
    start_.transport->send_behind_tensors(*message);
  } else {
    send(core::kSupervisorChannel, *message);
  }
}

void NodeShell::send(ShardMail mail) {
  const std::optional<core::SessionMessage> message = of_session(mail.mail.event, identity_);
  if (!message) return;
  const core::Channel channel = core::channel_of(mail.shard);
  if (!core::has_tensor(*message)) return send(channel, *message);
  const core::Extent extent = context_->shards.shard(mail.shard);
  start_.transport->send(channel, {*message, std::move(mail.mail.vector), extent.begin, extent.size()});
}

void NodeShell::send(core::Channel channel, core::SessionMessage message) {
  start_.transport->send(channel, {std::move(message), nullptr, 0, 0});
}

caf::behavior node_actor(NodeActor* self, std::shared_ptr<const RunContext> context, NodeActorStart start) {
  const core::Time tick_interval = start.session.liveness.tick();
  self->set_exception_handler(exit_reason_of);
  self->set_down_handler([self](const caf::down_msg& down) { self->state.shell->actor_down(down); });
  self->state.shell = std::make_unique<NodeShell>(self, std::move(context), std::move(start));
  return {[self](const SessionMail& mail) { self->state.shell->step(mail.event); },
          [self](const HeardMail& mail) { self->state.shell->heard(mail); },
          [self](const GreetingMail& mail) { self->state.shell->greeted(mail.greeting); },
          [self](const RefusalMail& mail) { self->state.shell->refused(mail.refusal); },
          [self](DeliveryMail& mail) { self->state.shell->deliver(std::move(mail)); },
          [self](const SupervisorMail& mail) { self->state.shell->send(mail); },
          [self](ShardMail& mail) { self->state.shell->send(std::move(mail)); },
          [self, tick_interval](const TickDue&) {
            self->delayed_send(self, tick_interval, TickDue{});
            self->state.shell->step(event::Tick{});
          }};
}

}  // namespace fulmar::actors
