#include "actors/commands/metrics_observer.hpp"

#include <utility>
#include <variant>
#include <vector>

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
      socket, traffic.bytes_sent, traffic.bytes_received, traffic.packets_sent, traffic.packets_received, {}};
  for (std::size_t reason = 0; reason < transport::kDrops; ++reason) {
    figures.dropped.emplace_back(transport::to_string(static_cast<transport::Drop>(reason)), traffic.dropped[reason]);
  }
  return figures;
}

}  // namespace

MetricsObserver::MetricsObserver() : metrics_(FULMAR_VERSION) {}

Result<std::unique_ptr<MetricsObserver>> MetricsObserver::serve(const std::string& address) {
  std::unique_ptr<MetricsObserver> observer(new MetricsObserver);
  Result<std::unique_ptr<monitoring::MetricsEndpoint>> endpoint = monitoring::serve(address, observer->metrics_);
  if (!endpoint) return endpoint.error();
  observer->endpoint_ = std::move(*endpoint);
  return observer;
}

void MetricsObserver::on_round(const core::RunState& state, const core::Verdict& verdict, std::uint64_t samples,
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
}

void MetricsObserver::on_record(const core::JournalRecord& record) {
  std::visit([this](const auto& concrete) { count(concrete); }, record);
}

void MetricsObserver::on_checkpoint(bool written, double seconds, std::uint64_t bytes) {
  metrics_.checkpoint_done(written, seconds, bytes);
}

void MetricsObserver::on_journal(std::uint64_t bytes) {
  metrics_.journal_grew(bytes);
}

void MetricsObserver::on_members(const core::Membership& members) {
  monitoring::NodesByState nodes;
  std::uint64_t slots = 0;
  for (const auto& [node, member] : members.all()) {
    ++count_of(nodes, member.state);
    slots += member.slots;
  }
  metrics_.members_changed(nodes, slots);
}

void MetricsObserver::on_relief(std::uint64_t leased, std::uint64_t duplicated) {
  metrics_.leaves_leased_anew(leased, duplicated);
}

void MetricsObserver::on_recovery(double detection_seconds, double recovery_seconds) {
  metrics_.node_made_up_for(detection_seconds, recovery_seconds);
}

void MetricsObserver::on_dropped_message(const std::string& reason) {
  metrics_.message_dropped(reason);
}

void MetricsObserver::on_unit_lease(actors::LeaseNews news) {
  switch (news) {
    case actors::LeaseNews::granted:
      return metrics_.lease_granted();
    case actors::LeaseNews::revoked:
      return metrics_.lease_revoked();
    case actors::LeaseNews::voided:
      return metrics_.attempt_voided();
  }
}

void MetricsObserver::on_status(const transport::Status& status) {
  metrics_.policy_is({status.policy, status.units_in_flight, status.gate_idle_seconds});
  std::vector<monitoring::NodeFigures> nodes;
  for (const transport::NodeStatus& node : status.nodes) {
    nodes.push_back(
        {node.node, node.name, node.samples_per_second, node.share, node.staleness, node.last_seen_seconds});
  }
  metrics_.nodes_are(std::move(nodes));
}

void MetricsObserver::watch(std::shared_ptr<const transport::HeadTransport> network) {
  if (!network) return metrics_.traffic_from(nullptr);
  metrics_.traffic_from([network = std::move(network)] {
    return std::vector{figures_of("control", network->control_traffic()),
                       figures_of("tensors", network->tensor_traffic())};
  });
}

}  // namespace fulmar::commands
