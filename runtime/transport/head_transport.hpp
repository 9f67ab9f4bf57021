// The head's end of the network: it listens for control and for tensors, a thread each, lets in who may come in, keeps
// the sessions' links, and answers administrators.
// Thread rule: methods may be called from any thread; the sink is called on the transport's threads and must not block.
//
// HEAD-1: nothing of a session reaches the sink before it was opened, nor after it was told to be gone or closed.
// HEAD-2: a Join reaches the sink only if schema, run, credentials and the key's role are right; all else is refused,
// each with its own words. HEAD-3: a key that is taken out of the allow-list ends the sessions that came with it within
// `liveness`, and nothing more is taken from their connections.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "runtime/memory/buffer_pool.hpp"
#include "runtime/transport/exchange.hpp"
#include "runtime/transport/keys.hpp"
#include "runtime/transport/traffic.hpp"
#include "runtime/transport/zmq_carrier.hpp"

namespace fulmar::transport {

class HeadSink {
 public:
  virtual ~HeadSink() = default;
  /// To be answered with open() and greet(), greet() again, or refuse().
  virtual void on_join(PeerId peer, const core::Join& join) = 0;
  virtual void on_message(const core::Sender& session, core::Channel channel, Delivery delivery) = 0;
  /// Told once; close() is still to be called.
  virtual void on_gone(const core::Sender& session, const std::string& cause) = 0;
  /// The key that the session came with is not allowed any longer.
  virtual void on_evicted(const core::Sender& session) = 0;
  /// Somebody says that there is a head of a newer term: worth a look at the fence, and nothing more.
  virtual void on_newer_term(core::Term term) = 0;
  /// To be answered with answer().
  virtual void on_status_request(PeerId peer) = 0;
  virtual void on_drain_request(PeerId peer, const std::string& node) = 0;
  virtual void on_policy_request(PeerId peer, const std::string& policy) = 0;
  /// Something a user should hear of: a key file that is none.
  virtual void on_trouble(const std::string& message) = 0;
};

struct HeadSettings {
  Endpoint endpoint;
  std::optional<std::string> keys;  ///< the head's key directory; empty: in clear
  RunId run{};
  core::Term term = 0;
  Offer offer;
  Credentials credentials;
  std::vector<std::size_t> shard_floats;
};

class HeadTransport {
 public:
  /// Errors name the endpoint or the key file, and the remedy.
  static Result<std::unique_ptr<HeadTransport>> listen(HeadSettings settings, BufferPool& pool);
  ~HeadTransport();

  /// To be called once, before anything else: from now on the network is heard.
  void start(HeadSink& sink);
  /// Nothing is called back afterwards. Who was dismissed is given until lost_after to read it and to hang up.
  void stop();

  Endpoint endpoint() const;
  bool is_encrypted() const;

  void open(const core::Sender& session, PeerId peer);
  void greet(PeerId peer, const core::Welcome& welcome);
  void close(const core::Sender& session, const core::Farewell& farewell);
  /// A VersionSlice goes to the channel of its shard, everything else to the supervisor's.
  void send(core::Incarnation to, Parcel parcel);
  void refuse(PeerId peer, Refusal refusal);
  void answer(PeerId peer, Status status);
  void answer(PeerId peer, Done done);

  const Traffic& control_traffic() const;
  const Traffic& tensor_traffic() const;

 private:
  struct Impl;
  explicit HeadTransport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fulmar::transport
