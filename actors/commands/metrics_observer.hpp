// The run's figures as Prometheus metrics, and the endpoint that serves them.
// Thread rule: as RunObserver; the endpoint serves on threads of its own.
#pragma once

#include <memory>
#include <string>

#include "actors/run_observer.hpp"
#include "monitoring/metrics_endpoint.hpp"
#include "monitoring/run_metrics.hpp"
#include "runtime/transport/head_transport.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::commands {

class MetricsObserver final : public actors::RunObserver {
 public:
  /// `address`: HOST:PORT of --metrics.
  static Result<std::unique_ptr<MetricsObserver>> serve(const std::string& address);
  std::uint16_t port() const { return endpoint_->port(); }
  /// The traffic of this network is served too, from now on; of none, with nullptr. From any thread.
  void watch(std::shared_ptr<const transport::HeadTransport> network);

  void on_round(const core::RunState& state, const core::Verdict& verdict, std::uint64_t samples,
                double seconds) override;
  void on_record(const core::JournalRecord& record) override;
  void on_checkpoint(bool written, double seconds, std::uint64_t bytes) override;
  void on_journal(std::uint64_t bytes) override;
  void on_members(const core::Membership& members) override;
  void on_relief(std::uint64_t leased, std::uint64_t duplicated) override;
  void on_unit_lease(actors::LeaseNews news) override;
  void on_status(const transport::Status& status) override;
  void on_recovery(double detection_seconds, double recovery_seconds) override;
  void on_dropped_message(const std::string& reason) override;

 private:
  MetricsObserver();
  void count(const core::ValidationDone& validation) { metrics_.version_validated(validation.loss); }
  void count(const core::NodeAdmitted&) { metrics_.node_joined(); }
  void count(const core::NodeLeft&) { metrics_.node_left(); }
  void count(const core::NodeFailed&) { metrics_.node_failed(); }
  void count(const core::SlotDied&) { metrics_.slot_failed(); }
  template <class Other>
  void count(const Other&) {}

  monitoring::RunMetrics metrics_;
  std::unique_ptr<monitoring::MetricsEndpoint> endpoint_;
};

}  // namespace fulmar::commands
