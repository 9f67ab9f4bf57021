// The control side of a node's transport: the connection to the head, what is asked there, and the session's link to
// the supervisor.
// Thread rule: owned by the control pump's thread.
#pragma once

#include <optional>
#include <string>

#include "runtime/transport/node_transport.hpp"
#include "runtime/transport/pump.hpp"

namespace fulmar::transport {

class NodeDesk final : public PumpOwner, public ExchangeSink {
 public:
  NodeDesk(const NodeSettings& settings, Dialer& dialer, BufferPool& pool, Traffic& traffic);

  void meet(NodeSink& sink) { sink_ = &sink; }
  void join(Time now, const core::Join& join);
  void begin(Time now, const core::Sender& session);
  void end();
  void send(Time now, const Parcel& parcel);
  /// A link of the session is broken, or its connection was closed.
  void tell_broken(const core::Sender& session, const std::string& cause);

  void on(Time now, const carrier_event::Arrived& arrived) override;
  void on(Time now, const carrier_event::Closed& closed) override;
  void on(Time now, const carrier_event::Refused& refused) override;
  void on(Time, const carrier_event::TurnedAway&) override {}
  void tick(Time now) override { exchange_.tick(now); }

  void delivered(const core::Sender& session, core::Channel channel, Delivery delivery) override;
  void heard(const core::Sender& session) override { sink_->on_heard(session); }
  void over(const core::Sender& session, const std::string& cause) override { tell_broken(session, cause); }

 private:
  void hang_up();
  void handle(const Refusal& refusal) { sink_->on_refusal(refusal); }
  void handle(const Greeting& greeting) { sink_->on_greeting(greeting); }
  void handle(const Gone& gone) { sink_->on_gone(gone.session); }
  void handle(const Dismissal& word) { sink_->on_dismissed(word.session, word.farewell); }
  /// A frame of a session that is over, or has not begun: it is sent again if it is still of use. Or what is for heads.
  template <class Other>
  void handle(const Other&) {
    traffic_.drop(Drop::unknown_session);
  }

  Endpoint head_;
  core::Liveness liveness_;
  Credentials credentials_;
  Dialer& dialer_;
  Traffic& traffic_;
  Exchange exchange_;
  NodeSink* sink_ = nullptr;
  std::optional<PeerId> peer_;  // the connection to the head
  std::optional<Time> asked_;   // since when what was asked on it is unanswered
  std::optional<core::Sender> session_;
};

}  // namespace fulmar::transport
