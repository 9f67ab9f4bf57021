#include "actors/report/report.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "actors/inspection.hpp"
#include "actors/recorder_actor.hpp"
#include "actors/report/journal_account.hpp"
#include "actors/report/split_maps.hpp"
#include "actors/report/timeline.hpp"
#include "actors/report/training_curves.hpp"
#include "monitoring/run_event.hpp"
#include "monitoring/web_page.hpp"
#include "runtime/storage/atomic_file.hpp"
#include "runtime/storage/manifest_file.hpp"

namespace fulmar::report {
namespace {

constexpr std::size_t kCurvePointsMax = 2000;
constexpr std::size_t kEventsMax = 2000;
constexpr std::size_t kValidationsMax = 2000;

std::string lines_text(std::uint64_t lines) {
  return std::to_string(lines) + (lines == 1 ? " line" : " lines");
}

/// Puts the report's parts together; what cannot be had becomes a note.
class Gathering {
 public:
  Gathering(const ReportSubject& subject, storage::Storage& storage, const actors::Inspection& inspection)
      : subject_(subject), storage_(storage), inspection_(inspection), notes_(subject.notes) {
    notes_.insert(notes_.end(), inspection.problems.begin(), inspection.problems.end());
  }

  Result<Report> report() && {
    nlohmann::json document = {{"program", FULMAR_VERSION},
                               {"written", monitoring::utc_text(std::chrono::system_clock::now())},
                               {"best_version", inspection_.best ? nlohmann::json(*inspection_.best) : nullptr}};
    add_run(document);
    add_curves(document);
    add_events(document);
    if (Result<void> scored = add_scores(document); !scored) return scored.error();
    document["checkpoints"] = nlohmann::json::array();
    for (const storage::CheckpointInfo& info : inspection_.checkpoints)
      document["checkpoints"].push_back(actors::checkpoint_json(info));
    document["notes"] = notes_;
    return Report{document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace), std::move(notes_)};
  }

 private:
  /// The run and what its journal says of it.
  void add_run(nlohmann::json& document) {
    const core::Manifest& manifest = inspection_.manifest;
    core::RunState state;  // of the seed, where there is no good checkpoint
    std::string policy;
    nlohmann::json weights = nullptr;
    if (inspection_.state) {
      state = inspection_.state->state.run;
      policy = inspection_.state->state.policy;
      weights = inspection_.state->weights_sha256();
    } else {
      notes_.push_back("the run has no good checkpoint yet");
    }
    const std::optional<config::RunConfig> config = run_config();
    const JournalAccount account = journal_account(config);
    if (policy.empty() && config) policy = core::to_string(config->policy.settings);

    document["run"] = {{"id", manifest.run_id},
                       {"name", manifest.name},
                       {"directory", subject_.directory},
                       {"config", manifest.config},
                       {"config_sha256", manifest.config_sha256},
                       {"weights_sha256", weights},
                       {"manifest", manifest_json()},
                       {"version", state.version},
                       {"epoch", state.ledger.epoch()},
                       {"epochs", nullptr},
                       {"end_version", nullptr},
                       {"samples", state.ledger.samples_counted()},
                       {"parameters", manifest.parameter_count},
                       {"policy", policy},
                       {"finished", inspection_.finished},
                       {"reason", account.reason}};
    if (config) add_end(*config, state, document["run"]);
    document["terms"] = account.terms;
    document["policies"] = account.policies;
    document["validation"] = account.validation;
    document["failures"] = account.failures;
    document["ledger"] = {{"epochs_complete", state.ledger.epoch()},
                          {"samples_counted", state.ledger.samples_counted()},
                          {"rounds", state.version},
                          {"voided_rounds", account.voided_rounds}};
  }

  /// Where the run ends. It may have been resumed with a later end than it was begun with.
  void add_end(const config::RunConfig& config, const core::RunState& state, nlohmann::json& run) const {
    const core::Manifest& manifest = inspection_.manifest;
    const core::RunShape shape{manifest.seed, manifest.train_samples, manifest.validation_samples, manifest.leaf_size,
                               manifest.leaves};
    const Result<core::Version> end = actors::end_of(config.stop, shape);
    if (end) run["end_version"] = std::max(*end, state.version);
    if (config.stop.epochs) run["epochs"] = std::max(*config.stop.epochs, state.ledger.epoch());
  }

  std::optional<config::RunConfig> run_config() {
    if (subject_.experiment != nullptr) return subject_.experiment->config();
    Result<config::RunConfig> config =
        config::parse_run_config(inspection_.manifest.config, storage_.display(storage::kManifestFile), {});
    if (config) return std::move(*config);
    notes_.push_back(config.error().message);
    return std::nullopt;
  }

  JournalAccount journal_account(const std::optional<config::RunConfig>& config) {
    const core::PolicySettings configured = config ? config->policy.settings : core::PolicySettings{};
    Result<JournalAccount> account = account_of(inspection_.journal.records, configured, kValidationsMax);
    if (account) return std::move(*account);
    notes_.push_back(storage_.display(storage::kJournalFile) + ": " + account.error().message);
    return *account_of({}, configured, kValidationsMax);
  }

  /// All of it but the config, which is text of its own.
  nlohmann::json manifest_json() const {
    nlohmann::json manifest = nlohmann::json::parse(storage::manifest_text(inspection_.manifest), nullptr, false);
    manifest.erase("config");
    return manifest;
  }

  void add_curves(nlohmann::json& document) {
    document["history"] = no_training_curves().columns;
    const std::string path = storage_.display(actors::kMetricsFile);
    if (!storage_.exists(actors::kMetricsFile))
      return notes_.push_back("there is no " + path + ", so there are no curves");
    Result<TrainingCurves> curves = read_training_curves(path, kCurvePointsMax);
    if (!curves) return notes_.push_back(curves.error().message);
    document["history"] = std::move(curves->columns);
    note_skipped(path, curves->skipped);
  }

  void add_events(nlohmann::json& document) {
    document["events"] = nlohmann::json::array();
    const std::string path = storage_.display(actors::kEventsFile);
    if (!storage_.exists(actors::kEventsFile))
      return notes_.push_back("there is no " + path + ", so there is no timeline: an older program trained the run");
    Result<Timeline> timeline = read_timeline(path, kEventsMax);
    if (!timeline) return notes_.push_back(timeline.error().message);
    document["events"] = std::move(timeline->events);
    note_skipped(path, timeline->skipped);
    if (timeline->left_out > 0)
      notes_.push_back(path + " has too many events to show: " + std::to_string(timeline->left_out) +
                       " of them, after the first " + std::to_string(kEventsMax / 4) + ", are left out");
  }

  void note_skipped(const std::string& path, std::uint64_t skipped) {
    if (skipped > 0)
      notes_.push_back(path + ": " + lines_text(skipped) + " could not be read, as a crash or a full disk leaves " +
                       (skipped == 1 ? "it" : "them") + "; the others are shown");
  }

  /// Fails where the weights that were asked for cannot be had.
  Result<void> add_scores(nlohmann::json& document) {
    document["scores"] = document["maps"] = nullptr;
    if (subject_.experiment == nullptr) return {};
    std::optional<Result<actors::Evaluation>> made;
    if (subject_.evaluation == nullptr)
      made = actors::evaluate(*subject_.experiment, storage_, subject_.split, subject_.weights);
    if (made && !made->ok()) {
      if (!subject_.weights.empty()) return made->error();
      notes_.push_back("there are no scores and no maps: " + made->error().message);
      return {};
    }
    const actors::Evaluation& evaluation = made ? **made : *subject_.evaluation;
    document["scores"] = score_json(evaluation);
    Result<nlohmann::json> maps = split_maps(*subject_.experiment->task(), evaluation);
    if (maps) {
      document["maps"] = std::move(*maps);
    } else {
      notes_.push_back("there are no maps: " + maps.error().message);
    }
    return {};
  }

  const ReportSubject& subject_;
  storage::Storage& storage_;
  const actors::Inspection& inspection_;
  std::vector<std::string> notes_;
};

}  // namespace

Result<Report> gather_report(const ReportSubject& subject, storage::Storage& storage) {
  const Result<actors::Inspection> inspection = actors::inspect(storage, subject.manifest, std::nullopt);
  if (!inspection) return inspection.error();
  return Gathering(subject, storage, *inspection).report();
}

Result<void> write_report(const Report& report, storage::Storage& storage, std::string_view file) {
  return storage::write_file_atomically(storage, ".", file, monitoring::report_page(report.json));
}

}  // namespace fulmar::report
