// The head of a run as a node sees it, played by a test: what nodes say is kept until the test asks for it, and what it
// answers is what the test says. Over real sockets.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "actors/run_context.hpp"
#include "runtime/transport/head_transport.hpp"
#include "tests/actors/training_harness.hpp"

namespace fulmar::actors::testing {

class ListeningHead final : public transport::HeadSink {
 public:
  struct Asked {
    transport::PeerId peer = 0;
    core::Join join;
  };
  struct Heard {
    core::Sender session;
    core::Channel channel = core::kSupervisorChannel;
    transport::Delivery delivery;
  };

  /// Of a run with this context, listening in `directory`.
  ListeningHead(const std::shared_ptr<const RunContext>& context, const std::string& directory);
  ~ListeningHead() override { transport_->stop(); }

  transport::Endpoint endpoint() const { return transport_->endpoint(); }
  static transport::Credentials credentials() { return {"the data", "the arithmetic"}; }

  /// Each waits, and fails the test when it takes too long.
  Asked next_join();
  core::Sender next_gone();
  /// The next that a member says and that is of this kind; what it says before is passed over.
  template <class Kind>
  std::pair<Kind, Heard> hear() {
    while (true) {
      Heard heard = next_heard();
      if (const auto* kind = std::get_if<Kind>(&heard.delivery.message)) return {*kind, heard};
    }
  }

  /// Answers a Join: the node is a member from now on, in a session of its own.
  core::Sender admit(const Asked& asked);
  void refuse(const Asked& asked, transport::Refusal refusal) { transport_->refuse(asked.peer, std::move(refusal)); }
  void say(const core::Sender& session, core::SessionMessage message);
  /// The whole vector, as the only shard's slice.
  void send_version(const core::Sender& session, core::Version version, const SharedBuffer& weights);
  void close(const core::Sender& session, const core::Farewell& farewell) { transport_->close(session, farewell); }

 private:
  void on_join(transport::PeerId peer, const core::Join& join) override;
  void on_message(const core::Sender& session, core::Channel channel, transport::Delivery delivery) override;
  void on_gone(const core::Sender& session, const std::string& cause) override;
  void on_evicted(const core::Sender&) override {}
  void on_newer_term(core::Term) override {}
  void on_status_request(transport::PeerId) override {}
  void on_drain_request(transport::PeerId, const std::string&) override {}
  void on_policy_request(transport::PeerId, const std::string&) override {}
  void on_trouble(const std::string&) override {}

  template <class Entry>
  Entry next(std::deque<Entry>& entries, const char* what);
  Heard next_heard();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Asked> joins_;
  std::deque<core::Sender> gone_;
  std::deque<Heard> heard_;
  core::Incarnation incarnation_ = 0;
  std::unique_ptr<transport::HeadTransport> transport_;
};

}  // namespace fulmar::actors::testing
