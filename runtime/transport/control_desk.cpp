#include "runtime/transport/control_desk.hpp"

#include <utility>
#include <variant>

namespace fulmar::transport {
namespace {

ExchangeSettings exchange_settings(const HeadSettings& head) {
  return {head.run, Side::head, {head.offer.liveness}, core::kSupervisorChannel, {0}, false};
}

std::string short_name(const std::string& digest) {
  return digest.substr(0, 12);
}

/// What a node and the head disagree on, as the node's user should read it.
std::optional<std::string> disagreement(const Credentials& own, const Credentials& theirs) {
  if (own.data_fingerprint != theirs.data_fingerprint) {
    return "this node's data differs from the head's (fingerprint " + short_name(theirs.data_fingerprint) +
           "…, the head's " + short_name(own.data_fingerprint) + "…); give it the same files, or name them with --data";
  }
  if (own.determinism_class != theirs.determinism_class) {
    return "this node's arithmetic gives other bits than the head's (determinism class " +
           short_name(theirs.determinism_class) + "…, the head's " + short_name(own.determinism_class) +
           "…); run the same build of fulmar on both";
  }
  return std::nullopt;
}

/// The rest is what nodes say.
bool is_for_admins(const decltype(Datagram::content)& content) {
  return std::holds_alternative<StatusRequest>(content) || std::holds_alternative<DrainRequest>(content) ||
         std::holds_alternative<PolicyRequest>(content);
}

}  // namespace

ControlDesk::ControlDesk(Settings settings, Carrier& carrier, std::optional<AllowList> allowed, BufferPool& pool,
                         Traffic& traffic)
    : settings_(std::move(settings)),
      allowed_(std::move(allowed)),
      traffic_(traffic),
      exchange_(exchange_settings(settings_.head), carrier, pool, traffic, *this) {}

// ---- sessions

void ControlDesk::open(Time now, const core::Sender& session, PeerId peer, const SessionKey& key) {
  const auto asker = askers_.find(peer);
  sessions_[session.incarnation] = {session, peer, asker == askers_.end() ? "" : asker->second, key, false};
  exchange_.open(now, {session, peer, key});
  if (asker == askers_.end()) tell_gone(session, "its connection was closed");  // while it was being admitted
}

void ControlDesk::greet(PeerId peer, const core::Welcome& welcome) {
  const auto session = sessions_.find(welcome.identity.incarnation);
  if (session == sessions_.end()) return;
  exchange_.send_around(peer,
                        Greeting{welcome, settings_.tensors, settings_.head.keys.has_value(), session->second.key});
}

void ControlDesk::close(const core::Sender& session, const core::Farewell& farewell) {
  const auto found = sessions_.find(session.incarnation);
  if (found == sessions_.end()) return;
  const PeerId peer = found->second.peer;
  exchange_.send_around(peer, Dismissal{session, farewell});
  if (askers_.contains(peer)) leaving_.insert(peer);
  exchange_.close(session.incarnation);
  sessions_.erase(found);
}

void ControlDesk::when_all_have_left(std::function<void()> act) {
  all_have_left_ = std::move(act);
  tell_when_all_have_left();
}

void ControlDesk::tell_when_all_have_left() {
  if (leaving_.empty() && all_have_left_) std::exchange(all_have_left_, nullptr)();
}

void ControlDesk::send(Time now, core::Incarnation to, const Parcel& parcel) {
  exchange_.send(now, to, core::kSupervisorChannel, parcel);
}

void ControlDesk::tell_gone(const core::Sender& session, const std::string& cause) {
  const auto found = sessions_.find(session.incarnation);
  if (found == sessions_.end() || std::exchange(found->second.gone, true)) return;
  sink_->on_gone(session, cause);
}

void ControlDesk::delivered(const core::Sender& session, core::Channel channel, Delivery delivery) {
  sink_->on_message(session, channel, std::move(delivery));
}

// ---- keys

bool ControlDesk::is_allowed(const std::string& key, const Datagram& datagram) const {
  if (!allowed_) return true;
  return allowed_->role_of(key) == (is_for_admins(datagram.content) ? Role::admin : Role::worker);
}

void ControlDesk::look_at_keys(Time now) {
  if (!allowed_ || now - looked_at_keys_ < settings_.head.offer.liveness / 4) return;
  looked_at_keys_ = now;
  const Result<AllowList::Change> change = allowed_->refresh();
  if (!change) return tell_trouble(change.error().message);
  trouble_.clear();
  for (const std::string& problem : change->problems) sink_->on_trouble(problem);
  for (const std::string& key : change->removed) {
    for (const auto& [incarnation, session] : sessions_) {
      if (session.public_key == key) sink_->on_evicted(session.identity);
    }
  }
}

void ControlDesk::tell_trouble(const std::string& message) {
  if (std::exchange(trouble_, message) != message) sink_->on_trouble(message);
}

// ---- what comes

void ControlDesk::on(Time now, const carrier_event::Arrived& arrived) {
  const auto received = exchange_.receive(now, arrived);
  if (const Drop* drop = std::get_if<Drop>(&received)) {
    if (*drop == Drop::other_schema) refuse(arrived.from, "the head has another version");
    return;
  }
  const auto* datagram = std::get_if<Datagram>(&received);
  if (datagram == nullptr) return;
  if (!is_allowed(arrived.key, *datagram)) {
    traffic_.drop(Drop::not_allowed);
    return refuse(arrived.from,
                  "this key is not allowed to do that: status, drain and policy need a key in the head's admins "
                  "directory, and joining one in its workers directory");
  }
  if (std::holds_alternative<JoinRequest>(datagram->content)) askers_[arrived.from] = arrived.key;
  std::visit([&](const auto& content) { handle(arrived.from, datagram->run, content); }, datagram->content);
}

void ControlDesk::refuse(PeerId peer, std::string reason) {
  exchange_.send_around(peer, Refusal{std::move(reason), false});
}

void ControlDesk::handle(PeerId from, const RunId&, const Hello&) {
  exchange_.send_around(from, settings_.head.offer);
}

void ControlDesk::handle(PeerId from, const RunId& run, const JoinRequest& request) {
  if (run != settings_.head.run) {
    traffic_.drop(Drop::other_run);
    return refuse(from, "the head that answers here has another run; start fulmar join again to take part in that one");
  }
  if (auto reason = disagreement(settings_.head.credentials, request.credentials)) return refuse(from, *reason);
  sink_->on_join(from, request.join);
}

void ControlDesk::handle(PeerId from, const RunId&, const StatusRequest&) {
  sink_->on_status_request(from);
}

void ControlDesk::handle(PeerId from, const RunId&, const DrainRequest& request) {
  sink_->on_drain_request(from, request.node);
}

void ControlDesk::handle(PeerId from, const RunId&, const PolicyRequest& request) {
  sink_->on_policy_request(from, request.policy);
}

void ControlDesk::handle(PeerId from, const RunId&, const Segment& segment) {
  if (segment.session.term != settings_.head.term) {
    traffic_.drop(Drop::other_term);
    if (segment.session.term > settings_.head.term) sink_->on_newer_term(segment.session.term);
  } else {
    traffic_.drop(exchange_.is_open(segment.session.incarnation) ? Drop::wrong_peer : Drop::unknown_session);
  }
  exchange_.send_around(from, Gone{segment.session});
}

template <class Other>
void ControlDesk::handle(PeerId, const RunId&, const Other&) {
  traffic_.drop(Drop::not_allowed);
}

void ControlDesk::on(Time, const carrier_event::Closed& closed) {
  askers_.erase(closed.peer);
  leaving_.erase(closed.peer);
  exchange_.peer_closed(closed.peer);
  tell_when_all_have_left();
}

void ControlDesk::on(Time, const carrier_event::TurnedAway& turned_away) {
  traffic_.drop(turned_away.for_its_key ? Drop::key_refused : Drop::turned_away);
}

void ControlDesk::tick(Time now) {
  look_at_keys(now);
  exchange_.tick(now);
}

}  // namespace fulmar::transport
