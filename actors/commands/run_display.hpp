// What is shown of a run on stderr while it goes on: the progress bar or lines, and what happens.
// Thread rule: the observer's methods are called from one thread; finish() after the last of them.
#pragma once

#include <cstdint>

#include "actors/commands/log.hpp"
#include "actors/progress.hpp"
#include "actors/run_observer.hpp"
#include "runtime/core/run_shape.hpp"

namespace fulmar::commands {

class RunDisplay final : public actors::RunObserver {
 public:
  /// `mode` is none where events are logged as JSON.
  RunDisplay(actors::ProgressMode mode, LogFormat format, const core::RunShape& shape, core::Version end_version);

  void say(const monitoring::RunEvent& event);
  void finish() { progress_.finish(); }
  /// Versions up to this one are computed once more, from the journal.
  void recomputes_to(core::Version version) { recomputed_ = version; }

  void on_round(const core::RunState& state, const core::Verdict& verdict, std::uint64_t samples,
                double seconds) override;
  void on_members(const core::Membership& members) override { nodes_ = members.all().size(); }
  void on_event(const monitoring::RunEvent& event) override { say(event); }

 private:
  LogFormat format_;
  core::RunShape shape_;
  core::Version end_version_;
  core::Version recomputed_ = 0;
  actors::Progress progress_;
  std::uint64_t nodes_ = 0;
  double seconds_per_round_ = 0;  // smoothed
  double samples_per_round_ = 0;  // likewise
};

}  // namespace fulmar::commands
