#include "actors/commands/monitoring_observer.hpp"

#include <chrono>
#include <cmath>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/core/policy.hpp"
#include "runtime/transport/datagram.hpp"

namespace fulmar::commands {
namespace {

std::uint64_t& count_of(monitoring::NodesByState& nodes, core::MemberState state) {
  switch (state) {
    case core::MemberState::fetching:
      return nodes.fetching;
    case core::MemberState::trying:
      return nodes.trying;
    case core::MemberState::active:
      return nodes.active;
    case core::MemberState::draining:
      break;
  }
  return nodes.draining;
}

monitoring::SocketTraffic figures_of(const char* socket, const transport::Traffic& traffic) {
  monitoring::SocketTraffic figures{
      socket, traffic.bytes_sent,      traffic.bytes_received, traffic.packets_sent, traffic.packets_received,
      {},     traffic.messages_waiting};
  for (std::size_t reason = 0; reason < transport::kDrops; ++reason) {
    figures.dropped.emplace_back(transport::to_string(static_cast<transport::Drop>(reason)), traffic.dropped[reason]);
  }
  return figures;
}

monitoring::PolicyFigures figures_of(const transport::Status& status) {
  const Result<core::PolicySettings> settings = core::parse_policy(status.policy, {});
  monitoring::PolicyFigures figures{status.policy, {}, status.units_in_flight, status.gate_idle_seconds};
  if (settings && settings->kind == core::PolicyKind::bounded) figures.staleness_bound = settings->staleness;
  return figures;
}

/// A page asks every second.
constexpr std::chrono::milliseconds kLastLookMax{2000};

}  // namespace

MonitoringObserver::MonitoringObserver() : metrics_(FULMAR_VERSION) {}

Result<std::unique_ptr<MonitoringObserver>> MonitoringObserver::serve(const std::string& address) {
  std::unique_ptr<MonitoringObserver> observer(new MonitoringObserver);
  Result<std::unique_ptr<monitoring::StatusEndpoint>> endpoint =
      monitoring::serve(address, observer->metrics_, observer->board_);
  if (!endpoint) return endpoint.error();
  observer->endpoint_ = std::move(*endpoint);
  return observer;
}

void MonitoringObserver::on_round(const core::RunState& state, const core::Verdict& verdict, std::uint64_t samples,
                                  double seconds) {
  monitoring::PublishedRound round;
  round.version = state.version;
  round.epoch = state.ledger.epoch();
  round.samples = samples;
  round.seconds = seconds;
  round.applied = verdict.action == core::Action::apply;
  round.loss = state.train_loss;
  round.gradient_norm = core::mean_gradient_norm(verdict);
  if (verdict.attempt.lease != 0) round.staleness = verdict.staleness();
  metrics_.round_published(round);
  board_.round_published(round);
}

void MonitoringObserver::on_round_times(const actors::RoundTimes& times) {
  metrics_.round_took(times.parts);
  board_.round_took(times.parts);
  for (const actors::NodeRoundParts& node : times.nodes) {
    const auto known = nodes_.find(node.node);
    if (known == nodes_.end()) continue;  // it has left meanwhile
    known->second.total.compute += node.parts.compute;
    known->second.total.exchange += node.parts.exchange;
    known->second.total.wait += node.parts.wait;
  }
}

void MonitoringObserver::on_record(const core::JournalRecord& record) {
  std::visit([this](const auto& concrete) { count(concrete); }, record);
}

void MonitoringObserver::count(const core::ValidationDone& validation) {
  metrics_.version_validated(validation.loss);
  board_.version_validated(validation.version, validation.loss);
  const bool is_better = !best_loss_ || validation.loss < *best_loss_;
  if (std::isfinite(validation.loss) && is_better) best_is(validation.version, validation.loss);
}

void MonitoringObserver::count(const core::NodeAdmitted&) {
  metrics_.node_joined();
  board_.node_joined();
}

void MonitoringObserver::count(const core::NodeLeft&) {
  metrics_.node_left();
  board_.node_left();
}

void MonitoringObserver::count(const core::NodeFailed&) {
  metrics_.node_failed();
  board_.node_failed();
}

void MonitoringObserver::count(const core::SlotDied&) {
  metrics_.slot_failed();
  board_.slot_failed();
}

void MonitoringObserver::count(const core::CheckpointWritten& written) {
  if (written.kind == core::CheckpointKind::full) board_.checkpoint_written(written.version, checkpoint_bytes_);
}

void MonitoringObserver::count(const core::DecisionMade& decision) {
  if (decision.decision != core::kDeterminismAlarm) return;
  metrics_.determinism_alarm();
  board_.determinism_alarm();
}

void MonitoringObserver::count(const core::RunEnded&) {
  board_.ended();
  endpoint_->onlookers().end();
}

void MonitoringObserver::on_checkpoint(core::CheckpointKind kind, bool written, double seconds, std::uint64_t bytes) {
  // Weights alone are no point to resume from: they make no checkpoint younger.
  const bool is_full = kind == core::CheckpointKind::full;
  metrics_.checkpoint_done(is_full, written, seconds, bytes);
  if (!written) {
    board_.checkpoint_failed();
  } else if (is_full) {
    checkpoint_bytes_ = bytes;
  }
}

void MonitoringObserver::on_journal(std::uint64_t bytes) {
  metrics_.journal_grew(bytes);
  board_.journal_grew(bytes);
}

void MonitoringObserver::on_members(const core::Membership& members) {
  monitoring::NodesByState nodes;
  std::uint64_t slots = 0;
  for (const auto& [node, member] : members.all()) {
    ++count_of(nodes, member.state);
    slots += member.slots;
    Known& known = nodes_[node];
    if (known.incarnation != member.incarnation) known = {member.incarnation, member.local, {}, {}};
    known.usage = member.usage;
  }
  std::erase_if(nodes_, [&](const auto& known) { return !members.all().contains(known.first); });
  metrics_.members_changed(nodes, slots);
}

void MonitoringObserver::on_relief(std::uint64_t leased, std::uint64_t duplicated) {
  metrics_.leaves_leased_anew(leased, duplicated);
  board_.leaves_leased_anew(leased, duplicated);
}

void MonitoringObserver::on_recovery(const actors::Recovery& recovery) {
  metrics_.node_made_up_for(recovery.detection_seconds, recovery.recovery_seconds);
}

void MonitoringObserver::on_dropped_message(const std::string& reason) {
  metrics_.message_dropped(reason);
  board_.message_dropped();
}

void MonitoringObserver::on_unit_lease(actors::LeaseNews news) {
  switch (news) {
    case actors::LeaseNews::granted:
      return metrics_.lease_granted();
    case actors::LeaseNews::revoked:
      return metrics_.lease_revoked();
    case actors::LeaseNews::expired:
      return metrics_.lease_expired();
    case actors::LeaseNews::voided:
      return metrics_.attempt_voided();
  }
}

void MonitoringObserver::on_status(const transport::Status& status) {
  const monitoring::PolicyFigures policy = figures_of(status);
  metrics_.policy_is(policy);
  board_.policy_is(policy);
  std::vector<monitoring::NodeFigures> nodes;
  for (const transport::NodeStatus& node : status.nodes) {
    const Known& known = nodes_[node.node];
    nodes.push_back({node.node, known.incarnation, node.name, node.state, known.local, node.slots,
                     node.samples_per_second, node.share, node.staleness, node.last_seen_seconds, known.total,
                     known.usage.cpu_seconds, known.usage.resident_bytes});
  }
  board_.nodes_are(nodes);
  metrics_.nodes_are(std::move(nodes));
}

void MonitoringObserver::run_is(const monitoring::RunIdentity& run, const monitoring::RunCard& card,
                                const Earlier& earlier) {
  metrics_.run_is(run);
  board_.run_is(card);
  board_.history_was(earlier.metrics);
  board_.events_were(earlier.events);
  storage_.emplace(run.directory, [this](const monitoring::StorageSpace& space) {
    metrics_.storage_is(space);
    board_.storage_has(static_cast<std::uint64_t>(space.free_bytes));
  });
}

void MonitoringObserver::let_the_end_be_seen() {
  endpoint_->onlookers().wait_until_seen(monitoring::Onlookers::Clock::now(), kLastLookMax);
}

void MonitoringObserver::best_is(core::Version version, double loss) {
  best_loss_ = loss;
  board_.best_is(version, loss);
}

void MonitoringObserver::watch(std::shared_ptr<const transport::HeadTransport> network) {
  if (!network) return metrics_.traffic_from(nullptr);
  metrics_.traffic_from([network = std::move(network)] {
    return std::vector{figures_of("control", network->control_traffic()),
                       figures_of("tensors", network->tensor_traffic())};
  });
}

}  // namespace fulmar::commands
