// The head's gate to the network: what nodes and administrators say becomes mail to the supervisor and to the shards,
// and a member at the other end has a port as one of this process has.
//
// Thread rule: start() once, then the transport's threads call the sink's methods, and open() and close() may be called
// from any thread; stop(), from which on no mail comes, before the gate goes.
//
// GATE-1: nobody speaks for another session than the one that the message came in, and nobody from the network is
//         local.
// GATE-2: a message that names what the run does not have goes nowhere and ends its session.
// GATE-3: whoever talks of newer terms costs a look at a file, once a second.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <caf/actor.hpp>

#include "actors/mail.hpp"
#include "actors/run_context.hpp"
#include "runtime/transport/head_transport.hpp"

namespace fulmar::actors {

/// What the gate tells the supervisor, beside events of the protocol.
struct RemoteJoin {
  transport::PeerId peer = 0;
  core::Join join;
};
struct KeyWithdrawn {
  core::Sender session;  ///< that came with it
};
struct StatusAsked {
  transport::PeerId by = 0;
};
struct DrainAsked {
  transport::PeerId by = 0;
  std::string node;  ///< its name or its number
};
struct PolicyAsked {
  transport::PeerId by = 0;
  std::string policy;  ///< as core::parse_policy reads it
};

class HeadGate final : public transport::HeadSink {
 public:
  HeadGate(std::shared_ptr<const RunContext> context, std::shared_ptr<transport::HeadTransport> transport);
  ~HeadGate() override { stop(); }
  HeadGate(const HeadGate&) = delete;
  HeadGate& operator=(const HeadGate&) = delete;

  /// From now on the network is heard. `shards` in their order.
  void start(caf::actor supervisor, std::vector<caf::actor> shards);
  void stop();

  /// Makes the peer's connection the session's, of a node with so many slots.
  PortTo<WorkerMail> open(const core::Sender& session, transport::PeerId peer, std::uint32_t slots);
  void close(const core::Sender& session, const core::Farewell& farewell);
  /// For what is around sessions.
  transport::HeadTransport& transport() const { return *transport_; }

  void on_join(transport::PeerId peer, const core::Join& join) override;
  void on_message(const core::Sender& session, core::Channel channel, transport::Delivery delivery) override;
  void on_gone(const core::Sender& session, const std::string& cause) override;
  void on_evicted(const core::Sender& session) override;
  void on_newer_term(core::Term term) override;
  void on_status_request(transport::PeerId peer) override;
  void on_drain_request(transport::PeerId peer, const std::string& node) override;
  void on_policy_request(transport::PeerId peer, const std::string& policy) override;
  void on_trouble(const std::string& message) override;

 private:
  /// What a node may speak of.
  struct Horizon {
    std::uint32_t slots = 1;
    std::atomic<core::Version> newest{0};            ///< that it was sent a slice of
    std::atomic<core::Unit> newest_unit{0};          ///< that it was leased, or that is computed from that version
    std::atomic<core::LeaseNumber> newest_lease{0};  ///< of a unit, that it was given
  };
  class RemoteWorkerPort;

  std::shared_ptr<const Horizon> horizon_of(const core::Sender& session) const;
  /// Why a message is not to be handed on, if so.
  std::string reason_to_refuse(const core::Sender& session, const core::SessionMessage& message,
                               const Horizon& horizon) const;
  void hand_on(core::Channel channel, core::BlockPushed& pushed, MutableBuffer& extent);
  void hand_on(core::Channel channel, core::VersionHeld& held, MutableBuffer& none);
  template <class Message>
  void hand_on(core::Channel channel, Message& message, MutableBuffer& none);

  std::shared_ptr<const RunContext> context_;
  std::shared_ptr<transport::HeadTransport> transport_;
  caf::actor supervisor_;
  std::vector<caf::actor> shards_;
  mutable std::mutex mutex_;
  std::map<core::Incarnation, std::shared_ptr<Horizon>> horizons_;  // of open sessions
  std::atomic<core::Time::rep> looked_at_fence_{0};
};

}  // namespace fulmar::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::RemoteJoin)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::KeyWithdrawn)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::StatusAsked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::DrainAsked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::PolicyAsked)
