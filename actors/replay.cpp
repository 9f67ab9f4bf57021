#include "actors/replay.hpp"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>

#include "actors/config/quantities.hpp"
#include "actors/run_opening.hpp"
#include "actors/run_setup.hpp"
#include "runtime/storage/journal.hpp"
#include "runtime/storage/posix_storage.hpp"

namespace fulmar::actors {
namespace {

/// A directory of its own among the system's temporary ones, removed with everything in it.
class ScratchDirectory {
 public:
  static Result<ScratchDirectory> make() {
    std::error_code problem;
    const std::filesystem::path parent = std::filesystem::temp_directory_path(problem);
    std::string path = (parent / "fulmar-replay-XXXXXX").string();
    if (problem || ::mkdtemp(path.data()) == nullptr) {
      return Error{"no temporary directory can be made in " + parent.string() +
                   ": set TMPDIR to a directory with room for two checkpoints"};
    }
    return ScratchDirectory(path);
  }
  ScratchDirectory(ScratchDirectory&& other) noexcept : path_(std::exchange(other.path_, "")) {}
  ScratchDirectory& operator=(ScratchDirectory&&) = delete;
  ~ScratchDirectory() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  explicit ScratchDirectory(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// Holds what is recomputed against the journal, and stops the recomputation at the first difference.
class Comparison final : public RunObserver {
 public:
  Comparison(const core::RunHistory& history, const ReplayPlan& plan)
      : history_(history), compared_(plan.compared.begin(), plan.compared.end()) {}

  void stop_with(RequestStop stop) { stop_ = std::move(stop); }
  const ReplayOutcome& outcome() const { return outcome_; }

  void on_round(const core::RunState& state, const core::Verdict& verdict, std::uint64_t, double) override {
    outcome_.updates = state.version;
    const bool voided = history_.voided.contains(state.version);
    const bool is_voided = verdict.action == core::Action::skip;
    if (voided != is_voided) {
      differ(state.version, std::string("its update is ") + (is_voided ? "void" : "applied") +
                                ", and by the journal it was " + (voided ? "void" : "applied"));
    }
    const auto recorded = history_.updates.find(state.version);
    if (recorded == history_.updates.end()) return;
    const core::UpdateApplied& update = recorded->second;
    compare(update, "loss", verdict.loss_sum, update.loss_sum);
    compare(update, "squared gradient norm", verdict.squared_norm, update.squared_norm);
  }

  void on_record(const core::JournalRecord& record) override {
    if (const auto* written = std::get_if<core::CheckpointWritten>(&record)) {
      if (written->kind == core::CheckpointKind::full && compared_.contains(written->version)) compare(*written);
    } else if (const auto* done = std::get_if<core::ValidationDone>(&record)) {
      const auto recorded = history_.validations.find(done->version);
      if (recorded == history_.validations.end()) return;
      ++outcome_.validations_compared;
      if (!core::same_figure(done->loss, recorded->second)) {
        differ(done->version, "its validation loss is " + config::real_text(done->loss) + ", and by the journal " +
                                  config::real_text(recorded->second));
      }
    }
  }

 private:
  void compare(const core::UpdateApplied& update, const char* name, double now, double then) {
    if (core::same_figure(now, then)) return;
    differ(update.version, std::string("the ") + name + " of its update (unit " + std::to_string(update.attempt.unit) +
                               " from version " + std::to_string(update.attempt.base) + ") is " +
                               config::real_text(now) + ", and by the journal " + config::real_text(then));
  }
  void compare(const core::CheckpointWritten& written) {
    ++outcome_.checkpoints_compared;
    const std::string& recorded = history_.checkpoints.at(written.version);
    if (written.weights_sha256 == recorded) return;
    differ(written.version, "its weights have SHA-256 " + written.weights_sha256 + ", and by the journal " + recorded);
  }
  void differ(core::Version version, std::string what) {
    if (outcome_.first_difference && outcome_.first_difference->version <= version) return;
    outcome_.first_difference = {version, std::move(what)};
    stop_("the recomputed run differs from the recorded one");
  }

  const core::RunHistory& history_;
  std::set<core::Version> compared_;
  RequestStop stop_;
  ReplayOutcome outcome_;
};

/// The run's start: version 0 of its seed, in an empty directory.
Result<TrainingStart> start_in(storage::PosixStorage& scratch, const Experiment& experiment, const RecordedRun& run,
                               const ReplayPlan& plan, std::uint32_t slots) {
  Result<storage::OpenedJournal> journal = storage::Journal::open(scratch);
  if (!journal) return journal.error();
  const Result<core::Term> term = storage::raise_term(journal->journal, {}, 0);
  if (!term) return term.error();

  const std::shared_ptr<RunContext> context = make_run_context(experiment, run.manifest, *term);
  context->checkpoints_kept = 1;
  core::SupervisorSettings& supervision = context->supervision;
  supervision.end_version = plan.end;
  supervision.patience = 0;  // where it ended, it is told to end
  supervision.checkpoint_every_rounds = 0;
  supervision.checkpoint_every = {};
  supervision.order = std::make_shared<const core::PrescribedOrder>(run.history.order(0, plan.end));
  supervision.policy = run.history.policy_at(plan.end);
  supervision.cuts = {plan.compared.begin(), plan.compared.end()};

  OpenedRun fresh;
  reserve_tensors(experiment, fresh);
  start_from_seed(experiment, fresh);
  TrainingStart start;
  start.context = context;
  start.state = fresh.state;
  start.weights = std::move(fresh.weights);
  start.optimizer = std::move(fresh.optimizer);
  start.storage = &scratch;
  start.journal = std::make_shared<storage::Journal>(std::move(journal->journal));
  start.node_name = "replay";
  start.slots = slots;
  return start;
}

}  // namespace

Result<RecordedRun> read_recorded_run(const Experiment& experiment, const core::Manifest& manifest,
                                      const storage::Storage& storage) {
  if (const Result<void> same_run = check_same_run(manifest, experiment); !same_run) return same_run.error();
  const Result<storage::JournalContents> journal = storage::read_journal(storage);
  if (!journal) return journal.error();
  const std::string where = storage.display(storage::kJournalFile);
  const auto* begun = journal->records.empty() ? nullptr : std::get_if<core::RunStarted>(&journal->records.front());
  if (begun == nullptr) return Error{where + ": it does not begin with the start of a run; there is nothing to replay"};
  if (begun->run_id != manifest.run_id || begun->config_sha256 != manifest.config_sha256) {
    return Error{where + ": it belongs to run " + begun->run_id + " (config " + begun->config_sha256.substr(0, 12) +
                 "…), and the manifest beside it to run " + manifest.run_id + " (config " +
                 manifest.config_sha256.substr(0, 12) + "…); put the run's own journal there"};
  }
  Result<core::RunHistory> history = core::read_history(journal->records, experiment.config().policy.settings);
  if (!history) return Error{where + ": " + history.error().message};
  RecordedRun run{manifest, std::move(*history), {}};
  if (journal->torn_bytes > 0) {
    run.notes.push_back(where + ": its last " + std::to_string(journal->torn_bytes) +
                        " bytes are torn, as a crash leaves them, and do not count");
  }
  return run;
}

Result<ReplayPlan> plan_replay(const core::RunHistory& history, std::optional<core::Version> until) {
  if (history.begins > 0) {
    return Error{"the journal begins at version " + std::to_string(history.begins) +
                 ": the run cannot be recomputed without the journal of what came before"};
  }
  const core::Version newest = history.ended.value_or(history.newest);
  if (newest == 0) return Error{"the journal has no version beyond 0: there is nothing to replay yet"};
  if (until && (*until == 0 || *until > newest)) {
    return Error{"--until " + std::to_string(*until) + ": the journal knows versions 1 to " + std::to_string(newest)};
  }
  ReplayPlan plan{until.value_or(newest), {}};
  for (const auto& [version, sha256] : history.checkpoints) {
    if (version > 0 && version <= plan.end) plan.compared.push_back(version);
  }
  return plan;
}

Result<ReplayOutcome> replay(const Experiment& experiment, const RecordedRun& run, const ReplayPlan& plan,
                             std::uint32_t slots, std::vector<RunObserver*> observers,
                             const std::function<void(RequestStop)>& started) {
  const Result<ScratchDirectory> directory = ScratchDirectory::make();
  if (!directory) return directory.error();
  storage::PosixStorage scratch(directory->path());
  Result<TrainingStart> start = start_in(scratch, experiment, run, plan, slots);
  if (!start) return start.error();

  Comparison comparison(run.history, plan);
  start->observers = std::move(observers);
  start->observers.push_back(&comparison);
  const Result<TrainingOutcome> trained = train(std::move(*start), [&](const RequestStop& stop) {
    comparison.stop_with(stop);
    started(stop);
  });
  if (!trained) return trained.error();
  ReplayOutcome outcome = comparison.outcome();
  if (outcome.first_difference) return outcome;
  if (trained->failed) return Error{"the run could not be recomputed: " + trained->reason};
  outcome.interrupted = !trained->completed;
  return outcome;
}

}  // namespace fulmar::actors
