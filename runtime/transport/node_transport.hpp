// A node's end of the network: it dials the head of a run, asks to join, and keeps its session's links.
// Thread rule: methods may be called from any thread; the sink is called on the transport's threads and must not block.
//
// NODE-1: there is one session at a time; what reaches the sink is told with its session, so that what comes late of an
// earlier one is known. NODE-2: when questions (Hello, Join) have gone unanswered for lost_after, the next one gets a
// new connection, so that a path which has changed is found.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "runtime/memory/buffer_pool.hpp"
#include "runtime/transport/exchange.hpp"
#include "runtime/transport/keys.hpp"
#include "runtime/transport/traffic.hpp"

namespace fulmar::transport {

class NodeSink {
 public:
  virtual ~NodeSink() = default;
  virtual void on_refusal(const Refusal& refusal) = 0;
  virtual void on_greeting(const Greeting& greeting) = 0;
  virtual void on_message(const core::Sender& session, Delivery delivery) = 0;
  /// Anything of the session came from the supervisor.
  virtual void on_heard(const core::Sender& session) = 0;
  virtual void on_gone(const core::Sender& session) = 0;
  virtual void on_broken(const core::Sender& session, const std::string& cause) = 0;
  virtual void on_dismissed(const core::Sender& session, const core::Farewell& farewell) = 0;
};

struct NodeSettings {
  Endpoint endpoint;
  std::optional<ClientKeys> keys;
  // Of the run, as the head's offer has it.
  RunId run{};
  core::Liveness liveness;
  Credentials credentials;
  std::vector<std::size_t> shard_floats;
};

class NodeTransport {
 public:
  static Result<std::unique_ptr<NodeTransport>> make(NodeSettings settings, BufferPool& pool);
  ~NodeTransport();

  void start(NodeSink& sink);
  void stop();

  void join(const core::Join& join);
  /// The session of the greeting is the present one from now on.
  void begin(const Greeting& greeting);
  void end();
  /// A message with a tensor goes to each shard: see Parcel. `channel`: to whom.
  void send(core::Channel channel, Parcel parcel);
  /// To the supervisor, once the shards have acknowledged everything that was sent to them before.
  void send_behind_tensors(core::SessionMessage message);

  const Traffic& control_traffic() const;
  const Traffic& tensor_traffic() const;

 private:
  struct Impl;
  explicit NodeTransport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fulmar::transport
