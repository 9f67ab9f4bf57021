// What comes to the supervisor through the gate: nodes that want to take part, keys that do not count any longer,
// administrators.
#include <caf/all.hpp>

#include "actors/run_status.hpp"
#include "actors/supervisor_actor.hpp"

namespace fulmar::actors {
namespace event = core::supervisor_event;

void SupervisorShell::join(const RemoteJoin& asked) {
  if (outcome_) {  // one that did not complete may be resumed
    return gate_->transport().refuse(asked.peer, {"the run is over: " + outcome_->reason, !outcome_->completed});
  }
  // A session keeps the connection that it began with: one that is asked for again elsewhere begins anew.
  if (const std::optional<core::Sender> present = core_.members().session_of(asked.join)) {
    const auto worker = workers_.find(present->node);
    const bool elsewhere = worker != workers_.end() && worker->second.peer != asked.peer;
    if (elsewhere) handle(event::MemberGone{*present, "it asked again over another connection"});
  }
  joining_.peer = asked.peer;
  handle(asked.join);
  joining_ = {};
}

void SupervisorShell::end_session(const KeyWithdrawn& withdrawn) {
  const auto worker = workers_.find(withdrawn.session.node);
  if (worker == workers_.end() || worker->second.identity != withdrawn.session) return;
  worker->second.may_return = false;
  handle(event::MemberGone{withdrawn.session, "its key is not allowed any longer"});
}

void SupervisorShell::answer(const StatusAsked& asked) {
  gate_->transport().answer(asked.by, status_of(core_, *context_, samples_per_second()));
}

void SupervisorShell::answer(const DrainAsked& asked) {
  const Result<core::NodeId> node = member_to_drain(core_.members(), asked.node);
  if (!node) return gate_->transport().refuse(asked.by, {node.error().message, false});
  handle(event::DrainRequested{*node});
  gate_->transport().answer(asked.by, transport::Done{});
}

void SupervisorShell::answer(const PolicyAsked& asked) {
  const Result<core::PolicySettings> policy = core::parse_policy(asked.policy, core_.policy());
  if (!policy) return gate_->transport().refuse(asked.by, {policy.error().message, false});
  if (const std::optional<std::string> reason = core_.reason_to_keep_policy(*policy)) {
    return gate_->transport().refuse(asked.by, {*reason, false});
  }
  handle(event::PolicyRequested{*policy, "an administrator asked for it"});
  gate_->transport().answer(asked.by, transport::Done{});
}

void SupervisorShell::look_at_fence() {
  if (recorder_) self_->send(recorder_, LookAtFence{});
}

}  // namespace fulmar::actors
