#include "actors/commands/command.hpp"

#include <cstdio>

#include "runtime/storage/manifest_file.hpp"
#include "runtime/storage/posix_storage.hpp"

namespace fulmar::commands {

int report_failure(const Error& error) {
  std::fprintf(stderr, "fulmar: %s\n", error.message.c_str());
  return kFailure;
}

void insist_on(const Result<void>& checked) {
  if (!checked) throw CLI::ValidationError(checked.error().message);
}

Result<core::Manifest> read_run_manifest(const std::string& directory) {
  const storage::PosixStorage storage(directory);
  if (!storage.exists(storage::kManifestFile)) {
    return Error{directory + " holds no run (there is no " + std::string(storage::kManifestFile) +
                 "): name the run.directory of a config that `fulmar train` has started"};
  }
  return storage::read_manifest(storage);
}

Result<actors::Experiment> open_run_experiment(const core::Manifest& manifest, const std::string& directory) {
  Result<config::RunConfig> config =
      config::parse_run_config(manifest.config, directory + "/" + std::string(storage::kManifestFile), {});
  if (!config) return config.error();
  config->run.directory = directory;
  Result<actors::Experiment> experiment = actors::Experiment::open(std::move(*config));
  if (experiment && experiment->task()->fingerprint() != manifest.data_fingerprint) {
    return Error{"the data have changed since " + directory + " was trained (fingerprint " + manifest.data_fingerprint +
                 ", now " + experiment->task()->fingerprint() +
                 "): scores would not be of this run; bring the files back"};
  }
  return experiment;
}

}  // namespace fulmar::commands
