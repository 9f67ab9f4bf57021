#include "actors/node_run.hpp"

#include <random>
#include <utility>

#include <caf/all.hpp>

#include "actors/actor_system.hpp"
#include "actors/exit_reason.hpp"
#include "actors/node_actor.hpp"

namespace fulmar::actors {
namespace {

/// Never 0, which is nobody's.
std::uint64_t draw_instance() {
  std::random_device entropy;
  const std::uint64_t drawn = std::uint64_t{entropy()} << 32U | entropy();
  return drawn | 1U;
}

transport::NodeSettings settings_of(const NodeStart& start) {
  const RunContext& context = *start.context;
  return {start.head,
          start.keys,
          transport::parse_run_id(context.manifest.run_id).value_or(transport::RunId{}),
          context.supervision.liveness,
          start.credentials,
          shard_floats(context.shards)};
}

}  // namespace

Result<NodeOutcome> take_part(NodeStart start, const std::function<void(RequestLeave)>& started) {
  Result<std::unique_ptr<transport::NodeTransport>> made =
      transport::NodeTransport::make(settings_of(start), start.context->pool);
  if (!made) return made.error();
  transport::NodeTransport& network = **made;

  caf::actor_system_config config;
  set_up(config);
  caf::actor_system system(config);
  caf::scoped_actor self(system);
  NodeActorStart node_start{{start.name, start.slots, draw_instance(), start.context->supervision.liveness},
                            &network,
                            start.observer,
                            caf::actor_cast<caf::actor>(self)};
  const caf::actor node = self->spawn<caf::monitored>(node_actor, start.context, std::move(node_start));
  NodeMailbox mailbox(node);
  network.start(mailbox);
  // A weak reference: whoever keeps the request must not keep the node beyond its system.
  started([weak = node.address()] {
    if (const auto alive = caf::actor_cast<caf::actor>(weak)) {
      caf::anon_send(alive, SessionMail{core::session_event::LeaveRequested{}});
    }
  });
  caf::anon_send(node, TickDue{});

  Result<NodeOutcome> result = Error{"the node ended without a word"};
  self->receive([&](const NodeOutcome& outcome) { result = outcome; },
                [&](const caf::down_msg& down) { result = Error{"the node died: " + cause_of(down.reason)}; });
  network.stop();
  return result;
}

}  // namespace fulmar::actors
