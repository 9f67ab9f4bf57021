// The supervisor of a run: a thin shell round the Supervisor state machine. It makes the worker of this process anew
// when it dies, within the budget, lets nodes in through the gate, answers administrators, and ends the run when it is
// over. Thread rule: an actor.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <caf/actor.hpp>
#include <caf/behavior.hpp>
#include <caf/stateful_actor.hpp>

#include "actors/aggregator_actor.hpp"
#include "actors/head_gate.hpp"
#include "actors/interval_figures.hpp"
#include "actors/mail.hpp"
#include "actors/recorder_actor.hpp"
#include "actors/run_context.hpp"
#include "actors/run_observer.hpp"
#include "actors/run_story.hpp"
#include "actors/training.hpp"
#include "actors/worker_actor.hpp"

namespace fulmar::actors {

/// Makes a monitored worker.
using MakeWorker = std::function<caf::actor(caf::event_based_actor& supervisor,
                                            const std::shared_ptr<const RunContext>& context, WorkerStart start)>;

struct SupervisorStart {
  core::RunState state;
  std::map<core::Version, core::PolicySettings> policies{};  ///< as in TrainingStart
  std::optional<core::PolicySettings> policy_wanted{};       ///< likewise
  std::vector<ShardStart> shards;
  RecorderStart recorder;
  std::string node_name;
  std::uint32_t slots = 1;   ///< of this process's worker; 0: there is none
  HeadGate* gate = nullptr;  ///< to the network; empty: there is none
  caf::actor owner;          ///< gets the TrainingOutcome
  MakeWorker make_worker;
  std::vector<RunObserver*> observers;  ///< outlive the run
};

class SupervisorShell {
 public:
  SupervisorShell(caf::event_based_actor* self, std::shared_ptr<const RunContext> context, SupervisorStart start);

  void handle(const core::SupervisorEvent& event);
  void tick();
  void checkpoint_answered(const CheckpointAnswer& answer);
  void actor_down(const caf::down_msg& down);
  void join(const RemoteJoin& asked);
  void end_session(const KeyWithdrawn& withdrawn);
  void answer(const StatusAsked& asked);
  void answer(const DrainAsked& asked);
  void answer(const PolicyAsked& asked);
  void look_at_fence();
  void journal_grew(const JournalGrew& grew);
  void lead_published(const LeadPublished& lead);
  template <class Call>
  void notify(Call call) {
    call(static_cast<RunObserver&>(story_));
    for (RunObserver* observer : observers_) call(*observer);
  }

 private:
  void carry_out(const core::supervisor_effect::Admit& effect);
  void carry_out(const core::supervisor_effect::Greet& effect);
  void carry_out(const core::supervisor_effect::SendToWorker& effect);
  void carry_out(const core::supervisor_effect::SendToAggregators& effect);
  void carry_out(const core::supervisor_effect::Dismiss& effect);
  void carry_out(const core::supervisor_effect::Revoked& effect);
  void carry_out(const core::supervisor_effect::Relieved& effect);
  void carry_out(const core::supervisor_effect::Recovered& effect);
  void carry_out(const core::supervisor_effect::Release& effect);
  void carry_out(const core::supervisor_effect::RespawnWorker& effect);
  void carry_out(const core::supervisor_effect::WriteCheckpoint& effect);
  void carry_out(const core::supervisor_effect::Record& effect);
  void carry_out(const core::supervisor_effect::Report& effect);
  void carry_out(const core::supervisor_effect::EndRun& effect);
  void carry_out_all(const core::SupervisorEffects& effects);
  void send_records();
  void spawn_aggregators(std::vector<ShardStart> shards);
  void spawn_worker(const std::string& name, std::uint32_t slots);
  void greet(const core::Welcome& welcome);
  struct Worker;
  void dismiss(const Worker& worker, core::Farewell farewell);
  /// An aggregator or the recorder is gone: what is on disk is what there is.
  void lose_part(const std::string& name, const std::string& cause);
  void tell_of_lease(LeaseNews news);
  /// To the run directory, and to whoever watches.
  void tell(const monitoring::RunEvent& event);
  void report_members();
  void report_status();
  double samples_per_second() const;
  /// "bounded:4": what is in force from the version on.
  std::string policy_from(core::Version version) const;
  void add_metrics(const core::RunState& state, core::Time now);
  void end(TrainingOutcome outcome);
  /// Tells the owner; the last thing this actor does.
  void leave();

  struct Worker {
    PortTo<WorkerMail> port;
    caf::actor actor;            ///< of this process; empty: at the other end of the network …
    transport::PeerId peer = 0;  ///< … of this connection
    core::Sender identity{};
    bool may_return = true;
  };

  caf::event_based_actor* self_;
  std::shared_ptr<const RunContext> context_;
  core::Supervisor core_;
  caf::actor owner_;
  MakeWorker make_worker_;
  HeadGate* gate_;
  std::uint64_t queued_at_recorder_ = 0;  // when last heard of
  std::uint64_t queued_at_lead_ = 0;      // likewise
  RunStory story_;
  std::vector<RunObserver*> observers_;
  caf::actor recorder_;
  std::vector<caf::actor> aggregators_;
  std::map<core::NodeId, Worker> workers_;
  Worker joining_;                            // whose Join is being handled
  std::vector<core::JournalRecord> records_;  // to be sent to the recorder, as the lines
  std::string event_lines_;
  core::Time last_round_{};
  core::Time last_status_{};
  std::map<core::Version, std::string> policies_;  // by the version from which each is in force
  IntervalFigures figures_;                        // since the last line of metrics
  bool has_reported_ = false;                      // a version has come out
  bool superseded_ = false;
  std::string last_words_;                  // what the end of the run means for those who are dismissed by it
  std::optional<TrainingOutcome> outcome_;  // once the run is over
};

struct SupervisorState {
  std::unique_ptr<SupervisorShell> shell;
};
using SupervisorActor = caf::stateful_actor<SupervisorState>;

caf::behavior supervisor_actor(SupervisorActor* self, std::shared_ptr<const RunContext> context, SupervisorStart start);

}  // namespace fulmar::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(fulmar::actors::TrainingOutcome)
