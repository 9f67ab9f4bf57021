// fulmar inspect RUNDIR|CHECKPOINT: what is on disk; verifies every checksum.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/commands/command.hpp"
#include "actors/run_opening.hpp"
#include "runtime/storage/checkpoint.hpp"
#include "runtime/storage/checkpoint_layout.hpp"
#include "runtime/storage/journal.hpp"
#include "runtime/storage/posix_storage.hpp"

namespace fulmar::commands {
namespace {

struct Options {
  std::string path;
  bool json = false;
};

/// The run directory, and the version when a checkpoint was named.
struct Target {
  std::string directory;
  std::optional<core::Version> version;
};

Target target_of(const std::string& path) {
  std::filesystem::path named = std::filesystem::path(path).lexically_normal();
  if (!named.has_filename()) named = named.parent_path();
  const std::optional<core::Version> version = storage::parse_version_name(named.filename().string());
  if (version && std::filesystem::exists(named / storage::kStateFile)) {
    const std::filesystem::path run = named.parent_path().parent_path();
    return {run.empty() ? "." : run.string(), version};
  }
  return {path, std::nullopt};
}

nlohmann::json to_json(const storage::CheckpointInfo& info) {
  nlohmann::json json = {{"version", info.version},
                         {"kind", storage::to_string(info.kind)},
                         {"weights_sha256", info.weights_sha256},
                         {"bytes", info.bytes},
                         {"ok", info.ok}};
  if (!info.ok) json["problem"] = info.problem;
  return json;
}

struct Inspection {
  core::Manifest manifest;
  std::vector<storage::CheckpointInfo> checkpoints;
  std::optional<storage::StateFile> state;  ///< of the newest good full checkpoint, or of the one that was named
  std::optional<core::Version> best;
  bool finished = false;              ///< the run reached its own end
  std::vector<std::string> problems;  ///< of all but the checkpoints, which tell of their own

  bool ok() const {
    return problems.empty() &&
           std::all_of(checkpoints.begin(), checkpoints.end(), [](const auto& info) { return info.ok; });
  }
};

/// There is none until a head has got that far.
void inspect_journal(const storage::Storage& storage, Inspection& inspection) {
  if (!storage.exists(storage::kJournalFile)) return;
  const Result<storage::JournalContents> journal = storage::read_journal(storage);
  if (journal) {
    inspection.finished = actors::says_completed(journal->records);
  } else {
    inspection.problems.push_back(journal.error().message);
  }
}

void inspect_pointers(const storage::CheckpointStore& store, Inspection& inspection) {
  const Result<std::optional<core::Version>> latest = store.latest();
  const Result<std::optional<core::Version>> best = store.best();
  for (const auto* pointer : {&latest, &best}) {
    if (!pointer->ok()) inspection.problems.push_back(pointer->error().message);
  }
  if (best) inspection.best = *best;
}

Result<Inspection> inspect(const Target& target) {
  Result<core::Manifest> manifest = read_run_manifest(target.directory);
  if (!manifest) return manifest.error();
  storage::PosixStorage storage(target.directory);
  const storage::CheckpointStore store(storage);
  const Result<std::vector<storage::CheckpointEntry>> entries = store.list();
  if (!entries) return entries.error();

  Inspection inspection{std::move(*manifest), {}, std::nullopt, std::nullopt, false, {}};
  inspect_journal(storage, inspection);
  inspect_pointers(store, inspection);
  for (const storage::CheckpointEntry& entry : *entries) {
    if (target.version && *target.version != entry.version) continue;
    inspection.checkpoints.push_back(store.verify(entry.version));
    const storage::CheckpointInfo& info = inspection.checkpoints.back();
    if (!info.ok || (info.kind != core::CheckpointKind::full && !target.version)) continue;
    Result<storage::StateFile> state = store.load_state(info.version);
    if (!state) return state.error();
    inspection.state = std::move(*state);
  }
  return inspection;
}

void print_json(const Inspection& inspection) {
  nlohmann::json json = {{"run", inspection.manifest.run_id},
                         {"name", inspection.manifest.name},
                         {"parameters", inspection.manifest.parameter_count},
                         {"finished", inspection.finished},
                         {"ok", inspection.ok()},
                         {"problems", inspection.problems}};
  if (inspection.state) {
    const core::RunState& run = inspection.state->state.run;
    json["version"] = run.version;
    json["epoch"] = run.ledger.epoch();
    json["policy"] = inspection.state->state.policy;
    json["samples"] = run.ledger.samples_counted();
    json["weights_sha256"] = inspection.state->weights_sha256();
  } else {
    json["version"] = json["epoch"] = json["policy"] = json["weights_sha256"] = nullptr;
    json["samples"] = 0;
  }
  json["best"] = inspection.best ? nlohmann::json(*inspection.best) : nlohmann::json(nullptr);
  json["checkpoints"] = nlohmann::json::array();
  for (const storage::CheckpointInfo& info : inspection.checkpoints) json["checkpoints"].push_back(to_json(info));
  std::printf("%s\n", json.dump().c_str());
}

void print_text(const Inspection& inspection) {
  const core::Manifest& manifest = inspection.manifest;
  std::printf("run         %s  %s\n", manifest.run_id.c_str(), manifest.name.c_str());
  std::printf("parameters  %llu in %zu tensors\n", static_cast<unsigned long long>(manifest.parameter_count),
              manifest.tensors.size());
  std::printf("samples     %llu train, %llu validation, %llu test\n",
              static_cast<unsigned long long>(manifest.train_samples),
              static_cast<unsigned long long>(manifest.validation_samples),
              static_cast<unsigned long long>(manifest.test_samples));
  if (inspection.state) {
    const storage::CheckpointState& state = inspection.state->state;
    std::printf("version     %llu, epoch %llu, position %llu, policy %s, term %llu\n",
                static_cast<unsigned long long>(state.run.version),
                static_cast<unsigned long long>(state.run.ledger.epoch()),
                static_cast<unsigned long long>(state.run.ledger.position()), state.policy.c_str(),
                static_cast<unsigned long long>(state.term));
    std::printf("weights     sha256 %s\n", inspection.state->weights_sha256().c_str());
  } else {
    std::printf("version     no good checkpoint yet\n");
  }
  for (const storage::CheckpointInfo& info : inspection.checkpoints) {
    std::printf("checkpoint  %llu  %-7s  %llu bytes  %s%s\n", static_cast<unsigned long long>(info.version),
                storage::to_string(info.kind), static_cast<unsigned long long>(info.bytes),
                info.ok ? "ok" : ("BAD: " + info.problem).c_str(), inspection.best == info.version ? "  (best)" : "");
  }
  for (const std::string& problem : inspection.problems) std::printf("BAD         %s\n", problem.c_str());
}

int run(const Options& options) {
  const Target target = target_of(options.path);
  const Result<Inspection> inspection = inspect(target);
  if (!inspection) return report_failure(inspection.error());
  if (options.json) {
    print_json(*inspection);
  } else {
    print_text(*inspection);
  }
  return inspection->ok() ? kSuccess : kFailure;
}

}  // namespace

Command add_inspect(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("inspect", "What a run or a checkpoint holds; verifies every checksum");
  command->add_option("RUNDIR|CHECKPOINT", options->path, "The directory of a run, or of one of its checkpoints")
      ->required();
  command->add_flag("--json", options->json, "Print one JSON object");
  return [options] { return run(*options); };
}

}  // namespace fulmar::commands
