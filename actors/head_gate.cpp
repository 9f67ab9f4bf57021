#include "actors/head_gate.hpp"

#include <type_traits>
#include <utility>
#include <variant>

#include <caf/send.hpp>

#include "runtime/transport/message_rules.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::actors {
namespace event = core::supervisor_event;
namespace {

constexpr core::Time kFenceInterval = std::chrono::seconds(1);

}  // namespace

/// The worker of a node, in one session.
class HeadGate::RemoteWorkerPort final : public Port<WorkerMail> {
 public:
  RemoteWorkerPort(std::shared_ptr<transport::HeadTransport> transport, core::Incarnation incarnation,
                   std::shared_ptr<Horizon> horizon)
      : transport_(std::move(transport)), incarnation_(incarnation), horizon_(std::move(horizon)) {}

  void send(WorkerMail mail) override {
    std::visit([&](auto& message) { send(std::move(message), std::move(mail.slice)); }, mail.event);
  }

 private:
  template <class Message>
  void send(Message message, SharedBuffer slice) {
    if constexpr (std::is_constructible_v<core::SessionMessage, Message>) {
      widen(message);
      const std::size_t floats = slice ? slice->size() : 0;
      transport_->send(incarnation_, {std::move(message), std::move(slice), 0, floats});
    } else {
      FULMAR_ASSERT(false, "a node's worker is sent what is said within a process only");
    }
  }

  void widen(const core::VersionSlice& slice) {
    raise(horizon_->newest, slice.version);
    raise(horizon_->newest_unit, slice.version);
  }
  void widen(const core::UnitLease& lease) {
    raise(horizon_->newest_lease, lease.lease);
    raise(horizon_->newest_unit, lease.unit);
  }
  template <class Message>
  void widen(const Message&) {}

  /// Shards send on threads of their own.
  static void raise(std::atomic<std::uint64_t>& newest, std::uint64_t to) {
    std::uint64_t known = newest;
    while (known < to && !newest.compare_exchange_weak(known, to)) continue;
  }

  std::shared_ptr<transport::HeadTransport> transport_;
  core::Incarnation incarnation_;
  std::shared_ptr<Horizon> horizon_;
};

HeadGate::HeadGate(std::shared_ptr<const RunContext> context, std::shared_ptr<transport::HeadTransport> transport)
    : context_(std::move(context)), transport_(std::move(transport)) {}

void HeadGate::start(caf::actor supervisor, std::vector<caf::actor> shards) {
  supervisor_ = std::move(supervisor);
  shards_ = std::move(shards);
  transport_->start(*this);
}

void HeadGate::stop() {
  transport_->stop();
  supervisor_ = nullptr;
  shards_.clear();
}

PortTo<WorkerMail> HeadGate::open(const core::Sender& session, transport::PeerId peer, std::uint32_t slots) {
  const auto horizon = std::make_shared<Horizon>();
  horizon->slots = slots;
  {
    const std::lock_guard lock(mutex_);
    horizons_[session.incarnation] = horizon;
  }
  transport_->open(session, peer);
  return std::make_shared<RemoteWorkerPort>(transport_, session.incarnation, horizon);
}

void HeadGate::close(const core::Sender& session, const core::Farewell& farewell) {
  transport_->close(session, farewell);
  const std::lock_guard lock(mutex_);
  horizons_.erase(session.incarnation);
}

std::shared_ptr<const HeadGate::Horizon> HeadGate::horizon_of(const core::Sender& session) const {
  const std::lock_guard lock(mutex_);
  const auto found = horizons_.find(session.incarnation);
  return found == horizons_.end() ? nullptr : found->second;
}

// ---- what nodes say

void HeadGate::on_join(transport::PeerId peer, const core::Join& join) {
  if (const std::optional<std::string> reason = transport::reason_to_refuse(join)) {
    return transport_->refuse(peer, {*reason, false});
  }
  RemoteJoin asked{peer, join};
  asked.join.local = false;
  caf::anon_send(supervisor_, std::move(asked));
}

// What nodes say carries its sender; what a head says does not.
std::string HeadGate::reason_to_refuse(const core::Sender& session, const core::SessionMessage& message,
                                       const Horizon& horizon) const {
  const std::string untrue = std::visit(
      [&](const auto& concrete) -> std::string {
        if constexpr (requires { concrete.sender; }) {
          return concrete.sender == session ? "" : "it spoke for another session";
        } else {
          return "it said what only a head says";
        }
      },
      message);
  if (!untrue.empty()) return untrue;
  const transport::MessageBounds bounds{context_->shape, context_->shards.shards(), horizon.slots,
                                        horizon.newest,  horizon.newest_unit,       horizon.newest_lease};
  return transport::reason_to_refuse(message, bounds).value_or("");
}

void HeadGate::on_message(const core::Sender& session, core::Channel channel, transport::Delivery delivery) {
  const std::shared_ptr<const Horizon> horizon = horizon_of(session);
  if (!horizon) return;
  const std::string reason = reason_to_refuse(session, delivery.message, *horizon);
  if (reason.empty())
    return std::visit([&](auto& message) { hand_on(channel, message, delivery.tensor); }, delivery.message);
  caf::anon_send(supervisor_, MessageDropped{"against_the_rules"});
  caf::anon_send(supervisor_, SupervisorMail{event::MemberGone{session, "it broke the protocol: " + reason}});
}

void HeadGate::hand_on(core::Channel channel, core::BlockPushed& pushed, MutableBuffer& extent) {
  caf::anon_send(shards_.at(channel - core::channel_of(0)),
                 AggregatorMail{std::move(pushed), std::move(extent), nullptr});
}

void HeadGate::hand_on(core::Channel, core::VersionHeld& held, MutableBuffer&) {
  caf::anon_send(shards_.front(), AggregatorMail{held, nullptr, nullptr});
}

template <class Message>
void HeadGate::hand_on(core::Channel, Message& message, MutableBuffer&) {
  if constexpr (std::is_constructible_v<core::SupervisorEvent, Message>) {
    caf::anon_send(supervisor_, SupervisorMail{std::move(message)});
  }
}

void HeadGate::on_gone(const core::Sender& session, const std::string& cause) {
  caf::anon_send(supervisor_, SupervisorMail{event::MemberGone{session, cause}});
}

void HeadGate::on_evicted(const core::Sender& session) {
  caf::anon_send(supervisor_, KeyWithdrawn{session});
}

void HeadGate::on_newer_term(core::Term) {
  const core::Time::rep now = monotonic_now().count();
  core::Time::rep last = looked_at_fence_;
  const bool is_due = last == 0 || now - last >= kFenceInterval.count();
  if (is_due && looked_at_fence_.compare_exchange_strong(last, now)) caf::anon_send(supervisor_, LookAtFence{});
}

// ---- what administrators say

void HeadGate::on_status_request(transport::PeerId peer) {
  caf::anon_send(supervisor_, StatusAsked{peer});
}

void HeadGate::on_drain_request(transport::PeerId peer, const std::string& node) {
  caf::anon_send(supervisor_, DrainAsked{peer, node});
}

void HeadGate::on_policy_request(transport::PeerId peer, const std::string& policy) {
  caf::anon_send(supervisor_, PolicyAsked{peer, policy});
}

void HeadGate::on_trouble(const std::string& message) {
  caf::anon_send(supervisor_, Trouble{message});
}

}  // namespace fulmar::actors
