// Tells what happens in a run as events, each once and with its reason: for people, logs, the status page, the report.
// Thread rule: as RunObserver; the sink is called on the same thread.
//
// STORY-1: what is kept is bounded, however often nodes come and go.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "actors/idle_capacity.hpp"
#include "actors/run_observer.hpp"
#include "runtime/core/run_shape.hpp"

namespace fulmar::actors {

class RunStory final : public RunObserver {
 public:
  using Sink = std::function<void(const monitoring::RunEvent&)>;
  using Now = std::function<std::chrono::system_clock::time_point()>;

  RunStory(core::Term term, const core::RunShape& shape, Sink sink, Now now = std::chrono::system_clock::now);

  /// The head starts at `version`; versions up to `known` are recomputed from the journal.
  void begin(core::Version version, core::Version known);

  void on_round(const core::RunState& state, const core::Verdict& verdict, std::uint64_t samples,
                double seconds) override;
  void on_record(const core::JournalRecord& record) override;
  void on_checkpoint(core::CheckpointKind kind, bool written, double seconds, std::uint64_t bytes) override;
  void on_members(const core::Membership& members) override;
  void on_status(const transport::Status& status) override;
  void on_recovery(const Recovery& recovery) override;
  void on_trouble(const std::string& message) override;

 private:
  struct Known {
    core::Incarnation incarnation = 0;
    std::string name;
    bool draining = false;
  };

  void explain(const core::RoundVoided& voided);
  void explain(const core::NodeFailed& failed);
  void explain(const core::NodeLeft& left);
  void explain(const core::SlotDied& died);
  void explain(const core::ValidationDone& validation);
  void explain(const core::CheckpointWritten& written);
  void explain(const core::CheckpointFailed& failed);
  void explain(const core::DecisionMade& decision);
  void explain(const core::PolicySwitched& switched);
  void explain(const core::RunEnded& ended);
  template <class Other>
  void explain(const Other&) {}

  void greet(core::NodeId node, const core::Member& member, bool returns);
  void advise_slots(const transport::Status& status);
  void advise_nodes(const transport::Status& status);
  /// "node 3 (its name)"
  std::string described(core::NodeId node) const;
  monitoring::RunEvent event(const char* kind, monitoring::Severity severity, std::string text) const;
  monitoring::RunEvent event_of(core::NodeId node, const char* kind, monitoring::Severity severity,
                                std::string text) const;
  void tell(monitoring::RunEvent event) const { sink_(event); }

  core::Term term_;
  core::RunShape shape_;
  Sink sink_;
  Now now_;
  core::Version version_ = 0;
  std::map<core::NodeId, Known> nodes_;  // those who are here, and some who were
  core::NodeId newest_node_ = 0;
  std::optional<double> checkpoint_seconds_;  // of the one whose record comes next
  std::uint64_t most_slots_ = 0;              // that could be at work on the same unit
  std::optional<monitoring::Severity> advised_;
  std::string advised_policy_;  // under which nodes were idle
};

}  // namespace fulmar::actors
