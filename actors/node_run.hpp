// Takes part in a run that another process leads: makes the node's actors and its network, waits until it is over,
// takes them down.
// Thread rule: one call at a time in a process; blocks the caller. Observers are called on the actors' thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "actors/run_context.hpp"
#include "runtime/transport/node_transport.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::actors {

/// What a user hears of.
class NodeObserver {
 public:
  virtual ~NodeObserver() = default;
  virtual void on_joined(core::NodeId node) = 0;
  /// The session is over; the node asks for another by itself.
  virtual void on_lost(const std::string& cause) = 0;
  /// The head will not have it yet; it asks again by itself.
  virtual void on_put_off(const std::string& reason) = 0;
  /// It finishes what is running, hands back the rest, and goes.
  virtual void on_leaving() = 0;
};

struct NodeStart {
  std::shared_ptr<const RunContext> context;
  transport::Endpoint head;
  std::optional<transport::ClientKeys> keys;  ///< empty: in clear
  transport::Credentials credentials;
  std::string name;
  std::uint32_t slots = 1;
  NodeObserver* observer = nullptr;  ///< outlives the call
};

struct NodeOutcome {
  bool failed = false;  ///< something has to be put right before it can take part again
  std::string reason;
};

/// Asks the node to leave. May be called from any thread while take_part() runs.
using RequestLeave = std::function<void()>;

/// `started` gets a way to leave; it is called once, before the node asks to join.
Result<NodeOutcome> take_part(NodeStart start, const std::function<void(RequestLeave)>& started);

}  // namespace fulmar::actors
