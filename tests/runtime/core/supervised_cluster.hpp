// A supervisor and the nodes that talk to it, as its tests play them.
// Thread rule: owned by one test.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "runtime/core/supervisor.hpp"
#include "tests/runtime/core/effects.hpp"

namespace fulmar::core {

inline constexpr Term kTerm = 3;
using Blocks = std::vector<Block>;

/// Rounds of 8 leaves of one sample, no validation.
inline SupervisorSettings small_rounds() {
  SupervisorSettings settings;
  settings.shape = {1, 800, 0, 1, 8};
  settings.term = kTerm;
  settings.end_version = 1000;
  return settings;
}

/// A supervisor with remote nodes on a clock that moves in ticks.
struct SupervisedCluster {
  explicit SupervisedCluster(const SupervisorSettings& with = small_rounds()) : supervisor(with, {}) {
    said(supervisor.start(now));
  }

  void said(const SupervisorEffects& effects) {
    for (const SupervisorEffect& one : effects) {
      if (const auto* send = std::get_if<supervisor_effect::SendToWorker>(&one)) {
        if (const auto* plan = std::get_if<PlanChanged>(&send->message)) plans[send->node] = *plan;
        if (const auto* lease = std::get_if<RoundLease>(&send->message)) leases[send->node] = *lease;
      }
      heard.push_back(one);
    }
  }
  void step(const SupervisorEvent& happened) { said(supervisor.step(now, happened)); }
  void pass(Time time) {
    for (const Time until = now + time; now < until;) {
      now += Liveness{}.tick();
      step(supervisor_event::Tick{});
    }
  }
  Sender join(std::uint64_t instance, std::uint64_t attempt = 0, std::uint32_t slots = 1) {
    step(Join{"node " + std::to_string(instance), slots, instance, attempt, false});
    return all_of_kind<supervisor_effect::Admit>(heard).back().welcome.identity;
  }
  void beat(const Sender& sender, double speed) { step(Beat{sender, supervisor.state().version, speed}); }
  /// Joins, has its weights, is measured.
  Sender active(std::uint64_t instance, double speed) {
    const Sender sender = join(instance);
    beat(sender, 0);
    beat(sender, speed);
    step(supervisor_event::Tick{});
    return sender;
  }
  void publish() {
    Verdict verdict;
    verdict.base = supervisor.state().version;
    verdict.attempt = synchronous_attempt(verdict.base);
    verdict.loss_sum = verdict.weight_sum = 1;
    step(VerdictReached{verdict});
    step(ShardPublished{0, verdict.base + 1});
  }
  template <class Effect>
  std::vector<Effect> all() const {
    return all_of_kind<Effect>(heard);
  }
  std::string end_reason() const {
    return all<supervisor_effect::EndRun>().empty() ? "" : all<supervisor_effect::EndRun>().back().reason;
  }

  Supervisor supervisor;
  Time now = std::chrono::seconds(1);
  SupervisorEffects heard;
  std::map<NodeId, PlanChanged> plans;
  std::map<NodeId, RoundLease> leases;
};

}  // namespace fulmar::core
