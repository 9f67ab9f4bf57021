#include "actors/supervisor_actor.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <caf/all.hpp>
#include <nlohmann/json.hpp>

#include "actors/exit_reason.hpp"
#include "actors/mailbox_length.hpp"
#include "actors/run_status.hpp"

namespace fulmar::actors {
namespace effect = core::supervisor_effect;
namespace event = core::supervisor_event;
namespace {

constexpr core::Time kStatusInterval = std::chrono::seconds(1);

}  // namespace

SupervisorShell::SupervisorShell(caf::event_based_actor* self, std::shared_ptr<const RunContext> context,
                                 SupervisorStart start)
    : self_(self),
      context_(std::move(context)),
      core_(context_->supervision, start.state),
      owner_(std::move(start.owner)),
      make_worker_(std::move(start.make_worker)),
      gate_(start.gate),
      story_(context_->term, context_->shape, [this](const monitoring::RunEvent& event) { tell(event); }),
      observers_(std::move(start.observers)),
      last_round_(monotonic_now()),
      figures_(last_round_) {
  policies_.emplace(0, core::to_string(context_->supervision.policy));
  for (const auto& [version, policy] : start.policies) policies_[version] = core::to_string(policy);
  recorder_ = self_->spawn<caf::detached + caf::monitored>(recorder_actor, context_, std::move(start.recorder),
                                                           caf::actor(self_));
  spawn_aggregators(std::move(start.shards));
  const auto& order = context_->supervision.order;
  story_.begin(core_.state().version, order ? order->end() : core_.state().version);
  carry_out_all(core_.start(monotonic_now()));
  if (start.policy_wanted) handle(event::PolicyRequested{*start.policy_wanted, "resumed with it"});
  if (outcome_) return;
  if (start.slots > 0) spawn_worker(start.node_name, start.slots);
  if (gate_ != nullptr) gate_->start(caf::actor(self_), aggregators_);
}

void SupervisorShell::spawn_aggregators(std::vector<ShardStart> shards) {
  for (ShardStart& shard : shards) {
    aggregators_.push_back(self_->spawn<caf::detached + caf::monitored>(aggregator_actor, context_, std::move(shard)));
  }
  for (const caf::actor& aggregator : aggregators_) {
    const bool leads = aggregator == aggregators_.front();
    AggregatorPeers peers{caf::actor(self_), recorder_, leads ? nullptr : aggregators_.front(), {}};
    if (leads) peers.other_shards.assign(aggregators_.begin() + 1, aggregators_.end());
    self_->send(aggregator, std::move(peers));
  }
}

void SupervisorShell::spawn_worker(const std::string& name, std::uint32_t slots) {
  WorkerStart start{{std::make_shared<LocalPort<SupervisorMail>>(caf::actor(self_)), {}},
                    slots,
                    caf::actor(self_),
                    context_->supervision.liveness.beat()};
  for (const caf::actor& aggregator : aggregators_) {
    start.peers.aggregators.push_back(std::make_shared<LocalPort<AggregatorMail>>(aggregator));
  }
  const caf::actor worker = make_worker_(*self_, context_, std::move(start));
  const Worker before = std::exchange(joining_, {std::make_shared<LocalPort<WorkerMail>>(worker), worker});
  handle(core::Join{name, slots, 0, 0, true});
  joining_ = before;
}

void SupervisorShell::handle(const core::SupervisorEvent& occurred) {
  superseded_ = superseded_ || std::holds_alternative<event::Superseded>(occurred);
  if (std::holds_alternative<core::AttemptVoided>(occurred)) tell_of_lease(LeaseNews::voided);
  if (!outcome_) carry_out_all(core_.step(monotonic_now(), occurred));
}

void SupervisorShell::tick() {
  handle(event::Tick{});
  if (outcome_) return;
  report_members();
  if (monotonic_now() - last_status_ >= kStatusInterval) report_status();
}

void SupervisorShell::carry_out_all(const core::SupervisorEffects& effects) {
  for (const core::SupervisorEffect& next : effects) {
    std::visit([this](const auto& concrete) { carry_out(concrete); }, next);
  }
  send_records();
}

void SupervisorShell::send_records() {
  if (records_.empty() && event_lines_.empty()) return;
  RecordMail mail{std::exchange(records_, {}), std::exchange(event_lines_, {})};
  if (recorder_) self_->send(recorder_, std::move(mail));
}

void SupervisorShell::checkpoint_answered(const CheckpointAnswer& answer) {
  notify([&](RunObserver& observer) {
    observer.on_checkpoint(answer.done.kind, answer.done.failure.empty(), answer.seconds, answer.bytes);
  });
  handle(answer.done);
}

void SupervisorShell::actor_down(const caf::down_msg& down) {
  const bool recorder_gone = recorder_ && recorder_.address() == down.source;
  if (recorder_gone) recorder_ = nullptr;
  const std::string cause = cause_of(down.reason);
  if (outcome_) {
    if (!recorder_gone) return;
    if (down.reason) {
      outcome_->failed = true;
      outcome_->reason += "; the recorder died: " + cause;
    }
    leave();
    return;
  }
  if (recorder_gone) return lose_part("the recorder", cause);
  for (std::size_t shard = 0; shard < aggregators_.size(); ++shard) {
    if (aggregators_[shard].address() == down.source) {
      return lose_part("the aggregator of shard " + std::to_string(shard), cause);
    }
  }
  // A worker; one that was dismissed is not known any longer.
  const auto dead = std::find_if(workers_.begin(), workers_.end(), [&](const auto& entry) {
    return entry.second.actor && entry.second.actor.address() == down.source;
  });
  if (dead != workers_.end()) handle(event::MemberGone{workers_.extract(dead).mapped().identity, cause});
}

void SupervisorShell::lose_part(const std::string& name, const std::string& cause) {
  const std::string reason = name + " died: " + cause;
  carry_out(effect::Record{core::RunEnded{core_.state().version, false, reason}});
  end({core_.state(), true, false, false, reason, core_.nodes_seen(), core_.failures_survived(),
       policy_from(core_.state().version)});
}

// ---- members

void SupervisorShell::carry_out(const effect::Admit& admit) {
  const core::Sender& identity = admit.welcome.identity;
  const bool is_alone = core_.members().all().size() == 1;
  if (!has_reported_ && is_alone) last_round_ = monotonic_now();  // no round begins before somebody is there
  Worker worker = joining_;
  worker.identity = identity;
  if (!worker.actor) worker.port = gate_->open(identity, worker.peer, core_.members().at(identity.node).slots);
  workers_[identity.node] = worker;
  for (const caf::actor& aggregator : aggregators_) {
    AggregatorMail mail;
    mail.event = core::MemberAdmitted{identity.node, identity.incarnation};
    mail.worker = worker.port;
    self_->send(aggregator, std::move(mail));
  }
  greet(admit.welcome);
  report_members();
  report_status();
}

void SupervisorShell::carry_out(const effect::Greet& again) {
  greet(again.welcome);
}

void SupervisorShell::greet(const core::Welcome& welcome) {
  if (!joining_.actor) return gate_->transport().greet(joining_.peer, welcome);
  WorkerMail mail;
  mail.event = welcome;
  joining_.port->send(std::move(mail));
}

void SupervisorShell::carry_out(const effect::Dismiss& dismissal) {
  const auto worker = workers_.find(dismissal.member.node);
  if (worker != workers_.end()) dismiss(workers_.extract(worker).mapped(), dismissal.farewell);
  report_members();
  report_status();
}

void SupervisorShell::dismiss(const Worker& worker, core::Farewell farewell) {
  if (worker.actor) return self_->send_exit(worker.actor, caf::exit_reason::user_shutdown);
  farewell.reason += last_words_;
  farewell.may_return = farewell.may_return && worker.may_return;
  gate_->close(worker.identity, farewell);
}

void SupervisorShell::carry_out(const effect::SendToWorker& send) {
  const auto worker = workers_.find(send.node);
  if (worker == workers_.end()) return;
  WorkerMail mail;
  std::visit([&](const auto& message) { mail.event = message; }, send.message);
  worker->second.port->send(std::move(mail));
}

void SupervisorShell::carry_out(const effect::SendToAggregators& send) {
  if (std::holds_alternative<core::UnitGranted>(send.message)) tell_of_lease(LeaseNews::granted);
  for (const caf::actor& aggregator : aggregators_) {
    AggregatorMail mail;
    std::visit([&](const auto& message) { mail.event = message; }, send.message);
    self_->send(aggregator, std::move(mail));
  }
}

void SupervisorShell::carry_out(const effect::Release& release) {
  for (const caf::actor& aggregator : aggregators_) {
    AggregatorMail mail;
    mail.event = release.release;
    self_->send(aggregator, std::move(mail));
  }
  for (const auto& [node, worker] : workers_) {
    WorkerMail mail;
    mail.event = release.release;
    worker.port->send(std::move(mail));
  }
}

void SupervisorShell::carry_out(const effect::RespawnWorker& respawn) {
  spawn_worker(respawn.name, respawn.slots);
}

void SupervisorShell::report_members() {
  notify([&](RunObserver& observer) { observer.on_members(core_.members()); });
}

void SupervisorShell::report_status() {
  last_status_ = monotonic_now();
  const transport::Status status = status_of(core_, *context_, samples_per_second());
  const monitoring::QueueLengths queues{
      {"supervisor", queued(*self_)}, {"lead_shard", queued_at_lead_}, {"recorder", queued_at_recorder_}};
  notify([&](RunObserver& observer) {
    observer.on_status(status);
    observer.on_queues(queues);
  });
}

void SupervisorShell::journal_grew(const JournalGrew& grew) {
  queued_at_recorder_ = grew.queued;
  notify([&](RunObserver& observer) { observer.on_journal(grew.bytes); });
}

void SupervisorShell::lead_published(const LeadPublished& lead) {
  queued_at_lead_ = lead.queued;
  notify([&](RunObserver& observer) { observer.on_round_times(lead.times); });
  handle(lead.published);
}

void SupervisorShell::tell(const monitoring::RunEvent& event) {
  event_lines_ += monitoring::to_json(event) + "\n";
  if (records_.empty()) send_records();  // otherwise it goes with what it tells of
  for (RunObserver* observer : observers_) observer->on_event(event);
}

void SupervisorShell::tell_of_lease(LeaseNews news) {
  notify([&](RunObserver& observer) { observer.on_unit_lease(news); });
}

void SupervisorShell::carry_out(const effect::Revoked& revoked) {
  tell_of_lease(revoked.expired ? LeaseNews::expired : LeaseNews::revoked);
}

void SupervisorShell::carry_out(const effect::Relieved& relieved) {
  notify([&](RunObserver& observer) { observer.on_relief(relieved.leased, relieved.duplicated); });
}

void SupervisorShell::carry_out(const effect::Recovered& recovered) {
  const Recovery recovery{recovered.node,
                          core::in_seconds(recovered.detection),
                          core::in_seconds(recovered.recovery),
                          recovered.leaves,
                          recovered.leased_unit,
                          recovered.takers};
  notify([&](RunObserver& observer) { observer.on_recovery(recovery); });
}

// ---- what is written and shown

void SupervisorShell::carry_out(const effect::WriteCheckpoint& write) {
  self_->send(recorder_, CheckpointMail{write.kind, write.state, policy_from(write.state.version), write.best});
  for (const caf::actor& aggregator : aggregators_) {
    self_->send(aggregator, DeliverPinned{write.state.version, write.kind});
  }
}

std::string SupervisorShell::policy_from(core::Version version) const {
  return std::prev(policies_.upper_bound(version))->second;
}

void SupervisorShell::carry_out(const effect::Record& record) {
  records_.push_back(record.record);
  if (const auto* switched = std::get_if<core::PolicySwitched>(&record.record)) {
    policies_[switched->version] = switched->policy;
  }
  if (const auto* ended = std::get_if<core::RunEnded>(&record.record)) {
    last_words_ = ended->completed ? ": the run is complete" : ": the head has stopped";
  }
  notify([&](RunObserver& observer) { observer.on_record(record.record); });
}

void SupervisorShell::carry_out(const effect::Report& report) {
  const core::Time now = monotonic_now();
  const std::uint64_t samples = context_->shape.samples_in_round(report.verdict.attempt.unit);
  notify([&](RunObserver& observer) {
    observer.on_round(report.state, report.verdict, samples, core::in_seconds(now - last_round_));
  });
  last_round_ = now;
  has_reported_ = true;
  figures_.add(report.verdict, samples);
  if (figures_.is_due(now)) add_metrics(report.state, now);
}

double SupervisorShell::samples_per_second() const {
  return figures_.samples_per_second(context_->shape.samples_in_round(core_.state().version), monotonic_now());
}

void SupervisorShell::add_metrics(const core::RunState& state, core::Time now) {
  nlohmann::json line = {{"term", context_->term},
                         {"version", state.version},
                         {"epoch", state.ledger.epoch()},
                         {"samples", state.ledger.samples_counted()},
                         {"loss", state.train_loss},
                         {"nodes", core_.members().all().size()},
                         {"policy", policy_from(state.version)},
                         {"time", monitoring::utc_text(std::chrono::system_clock::now())}};
  if (const auto& validated = state.validation.latest) {
    line["validation_version"] = validated->version;
    line["validation_loss"] = validated->loss;
  }
  line.update(figures_.end(now));
  self_->send(recorder_, MetricsLine{line.dump()});
}

// ---- the end

void SupervisorShell::carry_out(const effect::EndRun& over) {
  if (!figures_.empty()) add_metrics(over.state, monotonic_now());
  end({over.state, over.failed, over.completed, superseded_, over.reason, core_.nodes_seen(), core_.failures_survived(),
       policy_from(over.state.version)});
}

void SupervisorShell::end(TrainingOutcome outcome) {
  outcome_ = std::move(outcome);
  send_records();
  for (const auto& [node, worker] : workers_) dismiss(worker, {outcome_->reason, true});
  for (const caf::actor& aggregator : aggregators_) self_->send_exit(aggregator, caf::exit_reason::user_shutdown);
  if (recorder_) {
    self_->send(recorder_, Finish{});  // an ordinary message: it waits behind what is still to be written
  } else {
    leave();
  }
}

void SupervisorShell::leave() {
  self_->send(owner_, *outcome_);
  self_->quit();
}

caf::behavior supervisor_actor(SupervisorActor* self, std::shared_ptr<const RunContext> context,
                               SupervisorStart start) {
  const auto tick_interval = context->supervision.liveness.tick();
  self->set_exception_handler(exit_reason_of);
  self->set_down_handler([self](const caf::down_msg& down) { self->state.shell->actor_down(down); });
  self->state.shell = std::make_unique<SupervisorShell>(self, std::move(context), std::move(start));
  self->delayed_send(self, tick_interval, TickDue{});
  return {[self](const SupervisorMail& mail) { self->state.shell->handle(mail.event); },
          [self](const CheckpointAnswer& answer) { self->state.shell->checkpoint_answered(answer); },
          [self](const RemoteJoin& asked) { self->state.shell->join(asked); },
          [self](const KeyWithdrawn& withdrawn) { self->state.shell->end_session(withdrawn); },
          [self](const StatusAsked& asked) { self->state.shell->answer(asked); },
          [self](const DrainAsked& asked) { self->state.shell->answer(asked); },
          [self](const PolicyAsked& asked) { self->state.shell->answer(asked); },
          [self](const LookAtFence&) { self->state.shell->look_at_fence(); },
          [self](const MessageDropped& dropped) {
            self->state.shell->notify([&](RunObserver& observer) { observer.on_dropped_message(dropped.reason); });
          },
          [self](const Trouble& trouble) {
            self->state.shell->notify([&](RunObserver& observer) { observer.on_trouble(trouble.message); });
          },
          [self](const StorageFailed&) {
            self->state.shell->notify([](RunObserver& observer) { observer.on_storage_failure(); });
          },
          [self](const LeadPublished& lead) { self->state.shell->lead_published(lead); },
          [self](const JournalGrew& grew) { self->state.shell->journal_grew(grew); },
          [self, tick_interval](const TickDue&) {
            self->state.shell->tick();
            self->delayed_send(self, tick_interval, TickDue{});
          }};
}

}  // namespace fulmar::actors
