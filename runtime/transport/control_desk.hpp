// The control side of a head's transport: who asks what run this is, who asks to join, which key may do what, which
// sessions there are; and the administrators.
// Thread rule: owned by the control pump's thread.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "runtime/transport/head_transport.hpp"
#include "runtime/transport/pump.hpp"

namespace fulmar::transport {

class ControlDesk final : public PumpOwner, public ExchangeSink {
 public:
  struct Settings {
    HeadSettings head;
    std::string tensors;  ///< where they travel, for greetings
  };

  ControlDesk(Settings settings, Carrier& carrier, std::optional<AllowList> allowed, BufferPool& pool,
              Traffic& traffic);

  void meet(HeadSink& sink) { sink_ = &sink; }
  /// May the owner of this key connect?
  bool admits(const std::string& key) const { return !allowed_ || allowed_->role_of(key).has_value(); }

  void open(Time now, const core::Sender& session, PeerId peer, const SessionKey& key);
  void greet(PeerId peer, const core::Welcome& welcome);
  void close(const core::Sender& session, const core::Farewell& farewell);
  void send(Time now, core::Incarnation to, const Parcel& parcel);
  /// Calls it when everybody who was dismissed has hung up, having read the word then.
  void when_all_have_left(std::function<void()> act);
  /// Tells that a session is over, on whichever connection, once.
  void tell_gone(const core::Sender& session, const std::string& cause);
  void answer(PeerId peer, decltype(Datagram::content) content) { exchange_.send_around(peer, std::move(content)); }

  void on(Time now, const carrier_event::Arrived& arrived) override;
  void on(Time now, const carrier_event::Closed& closed) override;
  void on(Time, const carrier_event::Refused&) override {}
  void on(Time now, const carrier_event::TurnedAway& turned_away) override;
  void tick(Time now) override;

  void delivered(const core::Sender& session, core::Channel channel, Delivery delivery) override;
  void heard(const core::Sender&) override {}
  void over(const core::Sender& session, const std::string& cause) override { tell_gone(session, cause); }

 private:
  struct Session {
    core::Sender identity;
    PeerId peer = 0;
    std::string public_key;
    SessionKey key{};
    bool gone = false;  // and the sink was told
  };

  void handle(PeerId from, const RunId& run, const Hello& hello);
  void handle(PeerId from, const RunId& run, const JoinRequest& request);
  void handle(PeerId from, const RunId& run, const StatusRequest& request);
  void handle(PeerId from, const RunId& run, const DrainRequest& request);
  void handle(PeerId from, const RunId& run, const PolicyRequest& request);
  void handle(PeerId from, const RunId& run, const Segment& segment);
  /// What is for a node to hear.
  template <class Other>
  void handle(PeerId from, const RunId& run, const Other& other);
  /// Whether a key's owner may send this. Where there are no keys, whoever can connect may do everything.
  bool is_allowed(const std::string& key, const Datagram& datagram) const;
  void refuse(PeerId peer, std::string reason);
  void look_at_keys(Time now);
  void tell_when_all_have_left();
  /// Once, as long as it lasts.
  void tell_trouble(const std::string& message);

  Settings settings_;
  std::optional<AllowList> allowed_;
  Traffic& traffic_;
  Exchange exchange_;
  HeadSink* sink_ = nullptr;
  std::map<core::Incarnation, Session> sessions_;
  std::map<PeerId, std::string> askers_;  // the keys of those that have asked to join
  std::set<PeerId> leaving_;              // dismissed, and still connected
  std::function<void()> all_have_left_;
  Time looked_at_keys_{};
  std::string trouble_;  // with the keys, as of the last look
};

}  // namespace fulmar::transport
