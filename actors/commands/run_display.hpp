// What a person sees of a run while it goes on: the progress bar or lines, and notes about what went wrong.
// Thread rule: the observer's methods are called from one thread; finish() after the last of them.
#pragma once

#include <map>
#include <string>

#include "actors/progress.hpp"
#include "actors/run_observer.hpp"
#include "runtime/core/run_shape.hpp"

namespace fulmar::commands {

class RunDisplay final : public actors::RunObserver {
 public:
  RunDisplay(actors::ProgressMode mode, const core::RunShape& shape, core::Version end_version);

  void note(const std::string& message) { progress_.note(message); }
  void finish() { progress_.finish(); }
  /// Versions up to this one are computed once more, from the journal.
  void recomputes_to(core::Version version) { recomputed_ = version; }

  void on_round(const core::RunState& state, const core::Verdict& verdict, std::uint64_t samples,
                double seconds) override;
  void on_record(const core::JournalRecord& record) override;
  void on_members(const core::Membership& members) override;
  void on_status(const transport::Status& status) override;
  void on_trouble(const std::string& message) override;

 private:
  /// Tells who is new.
  void greet(const core::Membership& members);
  void warn_of_idle_slots(std::uint64_t slots);
  void warn_of_idle_nodes(const transport::Status& status);
  /// "node 3 (its name)"
  std::string described(core::NodeId node) const;
  void explain(const core::RoundVoided& voided);
  void explain(const core::NodeFailed& failed);
  void explain(const core::NodeLeft& left);
  void explain(const core::SlotDied& died);
  void explain(const core::CheckpointFailed& failed);
  void explain(const core::DecisionMade& decision);
  void explain(const core::PolicySwitched& switched);
  template <class Other>
  void explain(const Other&) {}

  core::RunShape shape_;
  core::Version end_version_;
  core::Version recomputed_ = 0;
  actors::Progress progress_;
  struct Shown {
    core::Incarnation incarnation = 0;
    std::string name;
  };
  std::uint64_t nodes_ = 0;
  std::map<core::NodeId, Shown> members_;
  core::NodeId newest_node_ = 0;
  std::uint64_t most_slots_ = 0;   // that could be at work on the same unit
  std::string warned_;             // "note", "warning" or nothing yet
  std::string warned_policy_;      // under which nodes were idle
  double seconds_per_round_ = 0;   // smoothed
  double samples_per_second_ = 0;  // smoothed
};

}  // namespace fulmar::commands
