#include "runtime/transport/node_desk.hpp"

#include <utility>

namespace fulmar::transport {

NodeDesk::NodeDesk(const NodeSettings& settings, Dialer& dialer, BufferPool& pool, Traffic& traffic)
    : head_(settings.endpoint),
      liveness_(settings.liveness),
      credentials_(settings.credentials),
      dialer_(dialer),
      traffic_(traffic),
      exchange_({settings.run, Side::node, settings.liveness, core::kSupervisorChannel, {0}, false}, dialer, pool,
                traffic, *this) {}

// ---- the connection

void NodeDesk::hang_up() {
  if (peer_) dialer_.hang_up(*peer_);
  peer_.reset();
  asked_.reset();
}

// Not after every Join: a head that is slow to answer may just have made this connection a session's.
void NodeDesk::join(Time now, const core::Join& join) {
  if (asked_ && now - *asked_ >= liveness_.lost_after()) hang_up();
  if (!peer_) {
    const Result<PeerId> dialed = dialer_.dial(head_);
    if (!dialed) return sink_->on_refusal({dialed.error().message, false});
    peer_ = *dialed;
  }
  if (!asked_) asked_ = now;
  exchange_.send_around(*peer_, JoinRequest{join, credentials_});
}

void NodeDesk::on(Time, const carrier_event::Closed& closed) {
  if (peer_ == closed.peer) {
    peer_.reset();
    asked_.reset();
  }
  exchange_.peer_closed(closed.peer);
}

void NodeDesk::on(Time now, const carrier_event::Refused& refused) {
  on(now, carrier_event::Closed{refused.peer});
  sink_->on_refusal({refused.reason, false});
}

// ---- the session

void NodeDesk::begin(Time now, const core::Sender& session) {
  session_ = session;
  if (!peer_) return tell_broken(session, "its connection was closed");
  exchange_.open(now, {session, peer_, {}});
}

// What is said on this connection could be said to a head that is gone: the next question has one of its own.
void NodeDesk::end() {
  if (!session_) return;
  exchange_.close(session_->incarnation);
  session_.reset();
  hang_up();
}

void NodeDesk::send(Time now, const Parcel& parcel) {
  if (session_) exchange_.send(now, session_->incarnation, core::kSupervisorChannel, parcel);
}

void NodeDesk::tell_broken(const core::Sender& session, const std::string& cause) {
  if (session_ == session) sink_->on_broken(session, cause);
}

void NodeDesk::delivered(const core::Sender& session, core::Channel, Delivery delivery) {
  sink_->on_message(session, std::move(delivery));
}

void NodeDesk::on(Time now, const carrier_event::Arrived& arrived) {
  if (peer_ != arrived.from) return;
  asked_.reset();
  const auto received = exchange_.receive(now, arrived);
  if (const Drop* drop = std::get_if<Drop>(&received); drop != nullptr && *drop == Drop::other_schema) {
    return sink_->on_refusal(
        {"the head's fulmar is of another version, whose messages differ; run the same version on both", false});
  }
  if (const auto* datagram = std::get_if<Datagram>(&received)) {
    std::visit([&](const auto& content) { handle(content); }, datagram->content);
  }
}

}  // namespace fulmar::transport
