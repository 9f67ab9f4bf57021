// fulmar inspect RUNDIR|CHECKPOINT: what is on disk; verifies every checksum.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "actors/commands/command.hpp"
#include "actors/inspection.hpp"
#include "runtime/storage/checkpoint_layout.hpp"
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

void print_json(const actors::Inspection& inspection) {
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
  for (const storage::CheckpointInfo& info : inspection.checkpoints)
    json["checkpoints"].push_back(actors::checkpoint_json(info));
  std::printf("%s\n", json.dump().c_str());
}

void print_text(const actors::Inspection& inspection) {
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
  Result<core::Manifest> manifest = read_run_manifest(target.directory);
  if (!manifest) return report_failure(manifest.error());
  storage::PosixStorage storage(target.directory);
  const Result<actors::Inspection> inspection = actors::inspect(storage, std::move(*manifest), target.version);
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
