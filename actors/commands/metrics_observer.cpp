#include "actors/commands/metrics_observer.hpp"

#include <utility>
#include <variant>

namespace fulmar::commands {

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

void MetricsObserver::on_members(std::uint64_t nodes, std::uint64_t slots) {
  metrics_.members_changed(nodes, slots);
}

void MetricsObserver::on_dropped_push(const std::string& reason) {
  metrics_.push_dropped(reason);
}

}  // namespace fulmar::commands
