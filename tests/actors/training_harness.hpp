// A training run on real actors and a real directory, with a small synthetic network whose leaves can be made to fail.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "actors/supervisor_actor.hpp"
#include "actors/training.hpp"
#include "runtime/core/journal_record.hpp"
#include "runtime/core/run_history.hpp"

namespace fulmar::actors::testing {

enum class Fault { throws, not_finite };

/// Which leaves fail, and how often. Shared by all slots.
class Faults {
 public:
  void add(const core::LeafId& leaf, Fault fault, int times);
  /// Whether this evaluation fails; counts it.
  std::optional<Fault> next(const core::LeafId& leaf);

 private:
  struct Entry {
    core::LeafId leaf;
    Fault fault;
    int times;
  };
  std::mutex mutex_;
  std::vector<Entry> entries_;
};

/// Keeps slots from a round until the observer has seen the version that it starts from; shared by all slots. What the
/// observer then does to the run, it does before that round is over.
class Pace {
 public:
  void saw(core::Version version);
  /// Throws when it takes too long.
  void wait_for(core::Version version);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  core::Version seen_ = 0;
};

/// A directory that goes away with the test.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

struct RunOptions {
  std::uint32_t slots = 2;
  std::uint32_t shards = 1;
  std::uint64_t epochs = 4;
  std::uint64_t patience = 0;
  std::uint64_t checkpoint_every_rounds = 0;
  core::NotFinitePolicy not_finite = core::NotFinitePolicy::stop;
  core::FailureLimits limits;
  core::PolicySettings policy;
  core::StalenessRemedies remedies;
  std::map<core::Version, core::PolicySettings> switches;  ///< asked for when the version is out
  core::RunHistory prescribed;  ///< of what is recomputed, in a new directory; nothing: empty
  std::shared_ptr<Faults> faults = std::make_shared<Faults>();
  std::shared_ptr<Pace> pace;                     ///< empty: rounds do not wait for the observer
  MakeWorker make_worker;                         ///< empty: the production one
  std::function<void(core::Version)> on_version;  ///< on the supervisor's thread
  /// Empty: nobody joins.
  std::function<std::shared_ptr<transport::HeadTransport>(const RunContext&)> listen;
  bool through_train = false;  ///< by the production's train(), which makes its own actor system
  std::string directory;       ///< empty: a scratch one
};

struct RunResult {
  TrainingOutcome outcome;
  std::uint64_t weights_digest = 0;  ///< of the latest checkpoint's weights
  core::Version checkpoint_version = 0;
  std::string failure;  ///< of the training itself
  std::vector<core::JournalRecord> journal;
  std::map<std::string, std::uint64_t> dropped_pushes;
  std::map<core::Version, core::Verdict> verdicts;  ///< by the version that each made, of this term
};

/// Of a run with these options, but for the term.
std::shared_ptr<RunContext> context_of(const RunOptions& options);
/// As long as the run's weights.
MutableBuffer zeros();

/// Trains; goes on from the directory's newest checkpoint and from what its journal has beyond it. Fails the test when
/// it takes too long.
RunResult run(const RunOptions& options);

/// The records of one kind, in order.
template <class Kind>
std::vector<Kind> records_of(const RunResult& result) {
  std::vector<Kind> found;
  for (const core::JournalRecord& record : result.journal) {
    if (const auto* kind = std::get_if<Kind>(&record)) found.push_back(*kind);
  }
  return found;
}

}  // namespace fulmar::actors::testing
