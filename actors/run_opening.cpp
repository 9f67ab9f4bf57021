#include "actors/run_opening.hpp"

#include <algorithm>
#include <random>
#include <sstream>
#include <utility>
#include <variant>

#include "runtime/core/run_history.hpp"
#include "runtime/core/validation.hpp"
#include "runtime/storage/checkpoint_layout.hpp"
#include "runtime/storage/manifest_file.hpp"
#include "runtime/storage/sha256.hpp"
#include "runtime/storage/tensor_views.hpp"

namespace fulmar::actors {
namespace {

std::string sha256_of(const std::string& text) {
  return storage::sha256_hex(std::as_bytes(std::span(text)));
}

std::string draw_run_id() {
  std::random_device entropy;
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string id;
  for (int i = 0; i < 32; ++i) id += kDigits[entropy() % 16];
  return id;
}

core::Manifest new_manifest(const Experiment& experiment) {
  const config::RunConfig& config = experiment.config();
  core::Manifest manifest;
  manifest.run_id = draw_run_id();
  manifest.name = config.run.name;
  manifest.seed = config.run.seed;
  manifest.config = config.toml;
  manifest.config_sha256 = sha256_of(config.weights_part);
  manifest.train_samples = experiment.shape().train_samples;
  manifest.validation_samples = experiment.shape().validation_samples;
  manifest.test_samples = experiment.task()->sample_count(data::Split::test);
  manifest.leaf_size = config.policy.leaf_size;
  manifest.leaves = config.policy.leaves;
  manifest.shards = config.policy.shards;
  manifest.parameter_floats = experiment.layout().size();
  manifest.parameter_count = experiment.layout().count();
  manifest.tensors = experiment.tensors();
  manifest.determinism_class = determinism_class();
  manifest.data_fingerprint = experiment.task()->fingerprint();
  manifest.statistics = experiment.task()->statistics();
  return manifest;
}

/// The first line in which two texts differ, as the config has it.
std::string first_difference(const std::string& before, const std::string& now) {
  std::istringstream old_lines(before), new_lines(now);
  std::string old_line, new_line;
  while (true) {
    const bool more_old = static_cast<bool>(std::getline(old_lines, old_line));
    const bool more_new = static_cast<bool>(std::getline(new_lines, new_line));
    if (!more_old && !more_new) return "";
    if (!more_old) old_line = "(nothing)";
    if (!more_new) new_line = "(nothing)";
    if (old_line != new_line) return "it was `" + old_line + "` and is now `" + new_line + "`";
  }
}

}  // namespace

Result<void> check_same_run(const core::Manifest& manifest, const Experiment& experiment) {
  const config::RunConfig& config = experiment.config();
  const std::string& directory = config.run.directory;
  if (manifest.config_sha256 != sha256_of(config.weights_part)) {
    const Result<config::RunConfig> before =
        config::parse_run_config(manifest.config, directory + "/" + std::string(storage::kManifestFile), {});
    const std::string difference = before ? first_difference(before->weights_part, config.weights_part) : "";
    return Error{directory + " holds a run with another config: " + difference +
                 "; resume with the config it was started with, or train into another run.directory"};
  }
  if (manifest.data_fingerprint != experiment.task()->fingerprint()) {
    return Error{directory + " was trained on other data (fingerprint " + manifest.data_fingerprint + ", now " +
                 experiment.task()->fingerprint() + "); check data.path, or train into another run.directory"};
  }
  if (const std::string now = determinism_class(); manifest.determinism_class != now) {
    return Error{directory + " was started by a build whose arithmetic gives other bits (determinism class " +
                 manifest.determinism_class.substr(0, 12) + "…, now " + now.substr(0, 12) +
                 "…); resume with that build, or train into another run.directory"};
  }
  return {};
}

void start_from_seed(const Experiment& experiment, OpenedRun& run) {
  std::fill(run.weights->values().begin(), run.weights->values().end(), 0.0F);
  experiment.make_model()->initialize(experiment.shape().seed, run.weights->values());
}

void reserve_tensors(const Experiment& experiment, OpenedRun& run) {
  run.weights = std::make_shared<Buffer>(experiment.layout().size());
  for (std::size_t i = 0; i < core::state_vectors(experiment.config().optimizer.kind); ++i) {
    run.optimizer.push_back(std::make_shared<Buffer>(experiment.layout().size()));
    std::fill(run.optimizer.back()->values().begin(), run.optimizer.back()->values().end(), 0.0F);
  }
}

namespace {

Result<void> load_tensors(const Experiment& experiment, const storage::LoadedCheckpoint& checkpoint, OpenedRun& run) {
  run.state = checkpoint.state.run;
  const std::string where = experiment.config().run.directory + "/" + storage::version_path(run.state.version) + "/";
  std::fill(run.weights->values().begin(), run.weights->values().end(), 0.0F);
  if (const Result<void> copied =
          storage::copy_tensors(checkpoint.weights.tensors, run.manifest.tensors, run.weights->values(),
                                where + std::string(storage::kWeightsFile));
      !copied) {
    return copied;
  }
  std::vector<std::span<float>> state;
  for (const MutableBuffer& vector : run.optimizer) state.push_back(vector->values());
  if (state.empty()) return {};
  return storage::copy_optimizer(experiment.config().optimizer.kind, checkpoint.optimizer.tensors, run.manifest.tensors,
                                 state, where + std::string(storage::kOptimizerFile));
}

/// A head may have been killed after it had written the best version and before it named it.
Result<void> name_best(const OpenedRun& run) {
  const std::optional<core::ValidationRecord>& best = run.state.validation.best;
  if (!best || !run.storage->exists(storage::version_path(best->version))) return {};
  auto checkpoints =
      run.term > 0 ? storage::CheckpointStore(*run.storage, run.term) : storage::CheckpointStore(*run.storage);
  const Result<std::optional<core::Version>> named = checkpoints.best();
  if (!named) return named.error();
  return *named && **named >= best->version ? Result<void>{} : checkpoints.set_best(best->version);
}

Result<void> restore(const Experiment& experiment, OpenedRun& run) {
  storage::CheckpointStore checkpoints(*run.storage);
  if (const Result<void> recovered = checkpoints.recover(); !recovered) return recovered;
  Result<storage::NewestGood> newest = checkpoints.load_newest_good();
  if (!newest) return newest.error();
  run.notes.insert(run.notes.end(), newest->problems.begin(), newest->problems.end());
  if (!newest->checkpoint) {
    if (!newest->problems.empty()) {
      run.notes.push_back(experiment.config().run.directory +
                          ": no checkpoint is good, so the run begins anew from its seed");
    }
    start_from_seed(experiment, run);
    return {};
  }
  return load_tensors(experiment, *newest->checkpoint, run);
}

/// Whether the directory may be taken for a new run, or holds one to resume.
Result<bool> holds_run(const storage::Storage& storage, const std::string& directory, bool resume) {
  if (storage.exists(storage::kManifestFile)) {
    if (resume) return true;
    return Error{directory + " holds a run already: go on with it with --resume, or train into another directory " +
                 "with --set run.directory=" + directory + "-2"};
  }
  const Result<std::vector<std::string>> names = storage.list(".");
  if (!names) return names.error();
  // What a head leaves that was killed before it wrote the manifest.
  const auto is_foreign = [](const std::string& name) { return name.front() != '.'; };
  const auto foreign = std::find_if(names->begin(), names->end(), is_foreign);
  if (foreign != names->end()) {
    return Error{directory + " is not empty (it has " + *foreign + ") and holds no run: choose another directory " +
                 "with --set run.directory=…"};
  }
  return false;
}

/// Takes the directory for this process; one that is refused is left as it was found.
Result<void> claim(OpenedRun& run, const std::string& directory, bool resume) {
  run.storage = std::make_unique<storage::PosixStorage>(directory);
  if (const Result<void> created = run.storage->create_directories("."); !created) return created;
  if (const Result<bool> usable = holds_run(*run.storage, directory, resume); !usable) return usable.error();
  Result<storage::RunLock> lock = storage::lock_run_directory(directory);
  if (!lock) return lock.error();
  run.lock = std::move(*lock);
  const Result<bool> there =
      holds_run(*run.storage, directory, resume);  // it may have changed before the lock was ours
  if (!there) return there.error();
  run.resumed = *there;
  return {};
}

Result<void> agree_on_manifest(OpenedRun& run, const Experiment& experiment) {
  if (!run.resumed) {
    run.manifest = new_manifest(experiment);
    return storage::write_manifest(*run.storage, run.manifest);
  }
  Result<core::Manifest> manifest = storage::read_manifest(*run.storage);
  if (!manifest) return manifest.error();
  run.manifest = std::move(*manifest);
  return check_same_run(run.manifest, experiment);
}

/// Restored from a checkpoint, the run is at its version; nothing that counts was computed from an older one.
bool goes_on_from(const core::RunHistory& history, core::Version version) {
  return std::all_of(history.updates.upper_bound(version), history.updates.end(), [&](const auto& entry) {
    return entry.second.attempt.base >= version && entry.second.attempt.unit >= version;
  });
}

Result<core::RunHistory> history_of(const OpenedRun& run, std::span<const core::JournalRecord> records,
                                    const core::PolicySettings& configured) {
  const std::string where = run.storage->display(storage::kJournalFile);
  const std::string version = std::to_string(run.state.version);
  Result<core::RunHistory> history = core::read_history(records, configured);
  if (history && goes_on_from(*history, run.state.version)) return history;
  const std::string problem = history ? "it has updates from before version " + version +
                                            ", the newest checkpoint, at which nothing should have been under way"
                                      : history.error().message;
  return Error{where + ": " + problem + "; or move the journal away to go on from version " + version +
               ", the newest checkpoint: all updates beyond that are lost then"};
}

/// What the journal has beyond the checkpoint, and by which policy the run goes on.
Result<void> take_up(OpenedRun& run, const Experiment& experiment, std::span<const core::JournalRecord> records) {
  const Result<config::RunConfig> begun_with =
      config::parse_run_config(run.manifest.config, run.storage->display(storage::kManifestFile), {});
  if (!begun_with) return begun_with.error();
  const core::PolicySettings& configured = begun_with->policy.settings;
  const core::PolicySettings& asked = experiment.config().policy.settings;
  const Result<core::RunHistory> history = history_of(run, records, configured);
  if (!history) return history.error();

  const core::Version checkpoint = run.state.version;
  const core::Version end = run.finished ? checkpoint : history->durable_end(checkpoint);
  if (end > experiment.end_version()) {
    return Error{run.storage->display(storage::kJournalFile) + ": the run has come to version " + std::to_string(end) +
                 " already, and [stop] would end it at " + std::to_string(experiment.end_version()) +
                 "; resume it with a later end"};
  }
  if (end > checkpoint) run.order = std::make_shared<const core::PrescribedOrder>(history->order(checkpoint, end));
  run.policies = history->policies;
  run.policy = history->policy_at(end);
  run.policy.on_stale = asked.on_stale;  // which leases end early is no part of what was computed
  if (!asked.same_as(configured) && !asked.same_as(run.policy)) run.policy_wanted = asked;
  return {};
}

/// Opens the journal and starts this head's term in it, if there is anything left to write.
Result<void> start_term(OpenedRun& run, const Experiment& experiment) {
  Result<storage::OpenedJournal> opened = storage::Journal::open(*run.storage);
  if (!opened) return opened.error();
  if (opened->cut_bytes > 0) {
    run.notes.push_back(run.storage->display(storage::kJournalFile) + ": cut a torn tail of " +
                        std::to_string(opened->cut_bytes) + " bytes, as a crash leaves it");
  }
  if (opened->void_records > 0) {
    run.notes.push_back(run.storage->display(storage::kJournalFile) + ": " + std::to_string(opened->void_records) +
                        " records do not count, because a head wrote them that had been replaced");
  }
  if (const Result<void> taken_up = take_up(run, experiment, opened->records); !taken_up) return taken_up;
  run.journal = std::make_shared<storage::Journal>(std::move(opened->journal));
  if (opened->records.empty()) {
    const Result<void> appended =
        run.journal->append(core::RunStarted{run.manifest.run_id, run.manifest.config_sha256});
    if (!appended) return appended;
  }
  if (run.finished && says_completed(opened->records)) return {};
  const Result<core::Term> term = storage::raise_term(*run.journal, opened->records, run.goes_on_from());
  if (!term) return term.error();
  run.term = *term;
  if (!run.finished) return {};

  // The head that finished it died before this was durable.
  const core::Version version = run.state.version;
  const std::string reason = "nothing is left to train at version " + std::to_string(version);
  if (const Result<void> appended = run.journal->append(core::RunEnded{version, true, reason}); !appended) {
    return appended;
  }
  return run.journal->sync();
}

}  // namespace

bool says_completed(std::span<const core::JournalRecord> records) {
  const auto* ended = records.empty() ? nullptr : std::get_if<core::RunEnded>(&records.back());
  return ended != nullptr && ended->completed;
}

Result<OpenedRun> open_run(const Experiment& experiment, bool resume) {
  OpenedRun run;
  if (const Result<void> claimed = claim(run, experiment.config().run.directory, resume); !claimed) {
    return claimed.error();
  }
  if (const Result<void> agreed = agree_on_manifest(run, experiment); !agreed) return agreed.error();
  reserve_tensors(experiment, run);
  if (const Result<void> restored = restore(experiment, run); !restored) return restored.error();
  run.finished =
      core::reason_to_complete(run.state, experiment.end_version(), experiment.config().stop.patience).has_value();
  if (const Result<void> started = start_term(run, experiment); !started) return started.error();
  if (const Result<void> named = name_best(run); !named) return named.error();
  return run;
}

}  // namespace fulmar::actors
