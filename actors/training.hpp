// Runs a training job in this process: makes the actors, waits for the end, takes them down.
// Thread rule: one call at a time in a process; blocks the caller.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "actors/run_context.hpp"
#include "actors/run_observer.hpp"
#include "runtime/storage/journal.hpp"
#include "runtime/storage/storage.hpp"
#include "runtime/transport/head_transport.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::actors {

struct TrainingStart {
  std::shared_ptr<const RunContext> context;
  core::RunState state;                  ///< version 0, or what the checkpoint holds
  MutableBuffer weights;                 ///< flat
  std::vector<MutableBuffer> optimizer;  ///< flat, one for each state vector
  /// By the version from which each is in force, as far as the run goes by now; empty: always the context's.
  std::map<core::Version, core::PolicySettings> policies;
  /// What the run is to change to as soon as it can; nothing: it goes on by context->supervision.policy.
  std::optional<core::PolicySettings> policy_wanted;
  storage::Storage* storage = nullptr;
  std::shared_ptr<storage::Journal> journal;
  std::string node_name = "head";
  std::uint32_t slots = 1;                              ///< 0: only others compute
  std::shared_ptr<transport::HeadTransport> transport;  ///< listening, not started; empty: nobody can join
  std::vector<RunObserver*> observers;                  ///< outlive the call
};

/// The run is over; nothing is under way any longer.
struct TrainingOutcome {
  core::RunState state;
  bool failed = false;      ///< something went wrong that the user must see
  bool completed = false;   ///< the run reached its own end
  bool superseded = false;  ///< another head leads it now
  std::string reason;
  std::uint64_t nodes_seen = 0;
  std::uint64_t failures_survived = 0;
  std::string policy;  ///< in force at the end
};

/// Asks the run to end soon, with a checkpoint. May be called from any thread while train() runs.
using RequestStop = std::function<void(const std::string& reason)>;

/// `started` gets a way to stop the run; it is called once, before the first round.
Result<TrainingOutcome> train(TrainingStart start, const std::function<void(RequestStop)>& started);

}  // namespace fulmar::actors
