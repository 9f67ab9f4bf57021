// The run's figures for Prometheus and for the status page, and the endpoint that serves both.
// Thread rule: as RunObserver; the endpoint serves on threads of its own.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "actors/run_observer.hpp"
#include "monitoring/run_board.hpp"
#include "monitoring/run_metrics.hpp"
#include "monitoring/status_endpoint.hpp"
#include "monitoring/storage_watch.hpp"
#include "runtime/transport/head_transport.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::commands {

class MonitoringObserver final : public actors::RunObserver {
 public:
  /// `address`: HOST:PORT of --metrics.
  static Result<std::unique_ptr<MonitoringObserver>> serve(const std::string& address);
  std::uint16_t port() const { return endpoint_->port(); }

  /// What earlier heads left: metrics.jsonl and events.jsonl, or their ends.
  struct Earlier {
    std::string metrics;
    std::string events;
  };
  /// Before the run goes on. `run` and `card` tell of the same.
  void run_is(const monitoring::RunIdentity& run, const monitoring::RunCard& card, const Earlier& earlier);
  /// The best of all versions that were validated so far.
  void best_is(core::Version version, double loss);
  /// Once the run is over: returns as soon as the status page shows it, where somebody looks.
  void let_the_end_be_seen();
  /// The traffic of this network is served too, from now on; of none, with nullptr. From any thread.
  void watch(std::shared_ptr<const transport::HeadTransport> network);

  void on_round(const core::RunState& state, const core::Verdict& verdict, std::uint64_t samples,
                double seconds) override;
  void on_round_times(const actors::RoundTimes& times) override;
  void on_record(const core::JournalRecord& record) override;
  void on_checkpoint(core::CheckpointKind kind, bool written, double seconds, std::uint64_t bytes) override;
  void on_journal(std::uint64_t bytes) override;
  void on_members(const core::Membership& members) override;
  void on_relief(std::uint64_t leased, std::uint64_t duplicated) override;
  void on_unit_lease(actors::LeaseNews news) override;
  void on_status(const transport::Status& status) override;
  void on_recovery(const actors::Recovery& recovery) override;
  void on_queues(const monitoring::QueueLengths& lengths) override { metrics_.queues_are(lengths); }
  void on_dropped_message(const std::string& reason) override;
  void on_storage_failure() override { metrics_.storage_failed(); }
  void on_event(const monitoring::RunEvent& event) override { board_.event(event); }

 private:
  /// What the status of a run does not say of a node.
  struct Known {
    core::Incarnation incarnation = 0;
    bool local = false;
    core::ProcessUsage usage;
    monitoring::RoundParts total;
  };

  MonitoringObserver();
  void count(const core::ValidationDone& validation);
  void count(const core::NodeAdmitted& admitted);
  void count(const core::NodeLeft& left);
  void count(const core::NodeFailed& failed);
  void count(const core::SlotDied& died);
  void count(const core::CheckpointWritten& written);
  void count(const core::DecisionMade& decision);
  void count(const core::RunEnded& ended);
  template <class Other>
  void count(const Other&) {}

  monitoring::RunMetrics metrics_;
  monitoring::RunBoard board_;
  std::unique_ptr<monitoring::StatusEndpoint> endpoint_;  // serves what is above
  std::optional<monitoring::StorageWatch> storage_;       // tells the first two
  std::map<core::NodeId, Known> nodes_;
  std::optional<double> best_loss_;     // of all validations so far
  std::uint64_t checkpoint_bytes_ = 0;  // of the one whose record comes next
};

}  // namespace fulmar::commands
