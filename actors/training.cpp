#include "actors/training.hpp"

#include <optional>
#include <utility>

#include <caf/all.hpp>

#include "actors/actor_system.hpp"
#include "actors/exit_reason.hpp"
#include "actors/supervisor_start.hpp"

namespace fulmar::actors {
Result<TrainingOutcome> train(TrainingStart start, const std::function<void(RequestStop)>& started) {
  caf::actor_system_config config;
  set_up(config);
  caf::actor_system system(config);
  caf::scoped_actor self(system);

  const std::shared_ptr<const RunContext> context = start.context;
  std::optional<HeadGate> gate;
  if (start.transport) gate.emplace(context, start.transport);
  const caf::actor supervisor = self->spawn<caf::monitored>(
      supervisor_actor, context,
      supervisor_start(std::move(start), gate ? &*gate : nullptr, caf::actor_cast<caf::actor>(self)));
  // A weak reference: whoever keeps the request must not keep the supervisor beyond its system.
  started([weak = supervisor.address()](const std::string& reason) {
    if (const auto alive = caf::actor_cast<caf::actor>(weak)) {
      caf::anon_send(alive, SupervisorMail{core::supervisor_event::StopRequested{reason}});
    }
  });

  Result<TrainingOutcome> result = Error{"the supervisor ended without a word"};
  self->receive([&](const TrainingOutcome& outcome) { result = outcome; },
                [&](const caf::down_msg& down) { result = Error{"the supervisor died: " + cause_of(down.reason)}; });
  return result;
}

}  // namespace fulmar::actors
