#include "actors/commands/metrics_observer.hpp"

#include <utility>
#include <variant>

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

void MetricsObserver::on_dropped_push(const std::string& reason) {
  metrics_.push_dropped(reason);
}

}  // namespace fulmar::commands
