// The tensor side of a transport, a head's or a node's: an exchange, and what becomes of its sessions.
// Thread rule: owned by the tensor pump's thread.
#pragma once

#include <functional>
#include <string>
#include <utility>

#include "runtime/transport/exchange.hpp"
#include "runtime/transport/pump.hpp"

namespace fulmar::transport {

class TensorDesk final : public PumpOwner, public ExchangeSink {
 public:
  struct Callbacks {
    std::function<void(const core::Sender& session, core::Channel channel, Delivery delivery)> delivered;
    std::function<void(const core::Sender& session, const std::string& cause)> over;
  };

  TensorDesk(ExchangeSettings settings, Carrier& carrier, BufferPool& pool, Traffic& traffic)
      : traffic_(traffic), exchange_(std::move(settings), carrier, pool, traffic, *this) {}

  /// Before the pump starts.
  void meet(Callbacks callbacks) { callbacks_ = std::move(callbacks); }
  Exchange& exchange() { return exchange_; }

  // Nothing is said here to whoever is not of a session: the control connection does that.
  void on(Time now, const carrier_event::Arrived& arrived) override {
    const auto received = exchange_.receive(now, arrived);
    const auto* other = std::get_if<Datagram>(&received);
    if (other != nullptr) traffic_.drop(is_of_session(*other) ? Drop::unknown_session : Drop::not_allowed);
  }
  void on(Time, const carrier_event::Closed& closed) override { exchange_.peer_closed(closed.peer); }
  void on(Time, const carrier_event::Refused& refused) override { exchange_.peer_closed(refused.peer); }
  void on(Time, const carrier_event::TurnedAway&) override { traffic_.drop(Drop::turned_away); }
  void tick(Time now) override { exchange_.tick(now); }

  void delivered(const core::Sender& session, core::Channel channel, Delivery delivery) override {
    callbacks_.delivered(session, channel, std::move(delivery));
  }
  void heard(const core::Sender&) override {}
  void over(const core::Sender& session, const std::string& cause) override { callbacks_.over(session, cause); }

 private:
  static bool is_of_session(const Datagram& datagram) {
    return std::holds_alternative<Segment>(datagram.content) || std::holds_alternative<Attach>(datagram.content);
  }

  Traffic& traffic_;
  Exchange exchange_;
  Callbacks callbacks_;
};

}  // namespace fulmar::transport
