#include "actors/commands/train_summary.hpp"

#include <cstdio>
#include <exception>

#include <nlohmann/json.hpp>

#include "actors/commands/command.hpp"
#include "actors/commands/score_table.hpp"
#include "actors/evaluation.hpp"
#include "actors/report/report.hpp"

namespace fulmar::commands {
namespace {

std::string latest_sha256(storage::Storage& storage) {
  const storage::CheckpointStore store(storage);
  const Result<std::optional<core::Version>> latest = store.latest();
  if (!latest || !*latest) return "";
  const Result<storage::StateFile> state = store.load_state(**latest);
  return state ? state->weights_sha256() : "";
}

nlohmann::json to_json(const actors::OpenedRun& run, const Summary& summary, const std::string& sha256) {
  return {{"run", run.manifest.run_id},
          {"version", summary.state.version},
          {"epoch", summary.state.ledger.epoch()},
          {"policy", summary.policy},
          {"parameters", run.manifest.parameter_count},
          {"weights_sha256", sha256},
          {"samples", summary.state.ledger.samples_counted()},
          {"wall_seconds", summary.wall_seconds.value_or(0.0)},
          {"nodes_seen", summary.nodes_seen},
          {"failures_survived", summary.failures_survived},
          {"completed", summary.completed}};
}

void print_text(const std::string& directory, const Summary& summary, const std::string& sha256) {
  std::printf("  run directory   %s\n", directory.c_str());
  std::printf("  version         %llu (epoch %llu, %llu samples)",
              static_cast<unsigned long long>(summary.state.version),
              static_cast<unsigned long long>(summary.state.ledger.epoch()),
              static_cast<unsigned long long>(summary.state.ledger.samples_counted()));
  if (summary.wall_seconds) std::printf(" in %.1f s", *summary.wall_seconds);
  std::printf("\n  weights_sha256  %s\n", sha256.c_str());
}

/// As a shell takes it back.
std::string shell_word(const std::string& word) {
  static constexpr char kPlain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,+@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char letter : word) text += letter == '\'' ? std::string("'\\''") : std::string(1, letter);
  return text + "'";
}

Result<void> try_to_report(const report::ReportSubject& subject, storage::Storage& storage) {
  try {
    const Result<report::Report> gathered = report::gather_report(subject, storage);
    return gathered ? report::write_report(*gathered, storage) : gathered.error();
  } catch (const std::exception& failure) {
    return Error{failure.what()};
  }
}

/// Where the report is; empty where it could not be written, which costs a warning and never the run.
std::string write_report(const actors::Experiment& experiment, const actors::OpenedRun& run,
                         const actors::Evaluation* evaluation, LogFormat log) {
  report::ReportSubject subject;
  subject.directory = experiment.config().run.directory;
  subject.manifest = run.manifest;
  subject.experiment = &experiment;
  subject.evaluation = evaluation;
  const Result<void> written = try_to_report(subject, *run.storage);
  if (written) return subject.directory + "/" + std::string(report::kReportFile);
  const std::string remedy = "; once that is put right: fulmar report " + shell_word(subject.directory);
  print_log(remark("no report was written: " + written.error().message + remedy, monitoring::Severity::warning), log);
  return "";
}

}  // namespace

int show_end(const actors::Experiment& experiment, const actors::OpenedRun& run, const Summary& summary,
             const Manner& manner) {
  std::optional<Result<actors::Evaluation>> scored;
  if (summary.completed && experiment.task()->sample_count(data::Split::test) > 0) {
    scored = actors::evaluate(experiment, *run.storage, data::Split::test, "");
  }
  const bool has_scores = scored && scored->ok();
  const std::string sha256 = latest_sha256(*run.storage);
  // A run that was finished before is not written to.
  const bool reports = summary.completed && summary.wall_seconds;
  const auto report = [&] {
    return reports ? write_report(experiment, run, has_scores ? &**scored : nullptr, manner.log) : "";
  };
  if (manner.json) {
    nlohmann::json object = to_json(run, summary, sha256);
    if (has_scores) object["evaluation"] = actors::score_json(**scored);
    if (const std::string path = report(); !path.empty()) object["report"] = path;
    std::printf("%s\n", object.dump().c_str());
  } else {
    if (has_scores) std::printf("%s\n", score_table(**scored).c_str());
    print_text(experiment.config().run.directory, summary, sha256);
    std::fflush(stdout);  // whatever becomes of the report
    if (const std::string path = report(); !path.empty()) std::printf("  report          %s\n", path.c_str());
  }
  return scored && !has_scores ? log_failure(scored->error(), manner.log) : kSuccess;
}

std::string resume_command(const std::string& config, const std::vector<std::string>& overrides,
                           const std::vector<std::string>& words) {
  std::string command = "fulmar train " + shell_word(config) + " --resume";
  for (const std::string& word : words) command += " " + shell_word(word);
  for (const std::string& assignment : overrides) command += " --set " + shell_word(assignment);
  return command;
}

}  // namespace fulmar::commands
