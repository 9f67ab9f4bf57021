#include "actors/run_agreement.hpp"

#include <span>
#include <utility>

#include "runtime/storage/sha256.hpp"

namespace fulmar::actors {
namespace {

constexpr const char* kSameBuild = "; use the build of Fulmar that the head runs";

/// Enough of a digest to tell two apart by eye.
std::string short_name(const std::string& digest) {
  return digest.substr(0, 12) + "…";
}

Result<void> check_arithmetic(const core::Manifest& manifest) {
  const std::string own = determinism_class();
  if (own == manifest.determinism_class) return {};
  return Error{"this machine's arithmetic gives other bits than the head's (determinism class " + short_name(own) +
               ", the run's " + short_name(manifest.determinism_class) +
               "): another build, or a processor that it behaves differently on" + kSameBuild};
}

Result<config::RunConfig> read_config(const core::Manifest& manifest) {
  Result<config::RunConfig> config = config::parse_run_config(manifest.config, "the run's config", {});
  if (!config) return Error{"this build cannot read the run's config: " + config.error().message + kSameBuild};
  const std::string own = storage::sha256_hex(std::as_bytes(std::span(config->weights_part)));
  if (own == manifest.config_sha256) return config;
  return Error{"this build understands the run's config differently from the head's (hash " + short_name(own) +
               ", the run's " + short_name(manifest.config_sha256) + ")" + kSameBuild};
}

std::string files_of(const config::RunConfig& config) {
  std::string names;
  for (const std::string& path : config.data.paths) names += (names.empty() ? "" : ", ") + path;
  for (const data::StaticFieldSpec& field : config.data.statics) names += ", " + field.path;
  return names;
}

Result<void> check_data(const core::Manifest& manifest, const Experiment& experiment) {
  const std::string own = experiment.task()->fingerprint();
  if (own == manifest.data_fingerprint) return {};
  return Error{"this machine's data are not the run's (fingerprint " + own + ", the run's " +
               manifest.data_fingerprint + "): check that " + files_of(experiment.config()) +
               " are the head's files, in the same version, or name others with --data"};
}

/// Follows from the rest, unless the builds differ in what the digest of their arithmetic does not see.
Result<void> check_model(const core::Manifest& manifest, const Experiment& experiment) {
  const core::RunShape& shape = experiment.shape();
  if (experiment.layout().size() == manifest.parameter_floats && experiment.tensors() == manifest.tensors &&
      shape.seed == manifest.seed && shape.train_samples == manifest.train_samples &&
      shape.validation_samples == manifest.validation_samples && shape.leaf_size == manifest.leaf_size &&
      shape.leaves == manifest.leaves) {
    return {};
  }
  return Error{"this build makes another model or other samples of the run's config (" +
               std::to_string(experiment.layout().count()) + " parameters and " + std::to_string(shape.train_samples) +
               " samples, the run has " + std::to_string(manifest.parameter_count) + " and " +
               std::to_string(manifest.train_samples) + ")" + kSameBuild};
}

}  // namespace

Result<Experiment> open_agreed(const core::Manifest& manifest, const std::string& data) {
  if (const Result<void> same = check_arithmetic(manifest); !same) return same.error();
  Result<config::RunConfig> config = read_config(manifest);
  if (!config) return config.error();
  if (!data.empty()) {
    if (const Result<void> found = take_data_from(*config, data); !found) return found.error();
  }
  Result<Experiment> experiment = Experiment::open(std::move(*config));
  if (!experiment) return experiment.error();
  if (const Result<void> same = check_data(manifest, *experiment); !same) return same.error();
  if (const Result<void> same = check_model(manifest, *experiment); !same) return same.error();
  return experiment;
}

}  // namespace fulmar::actors
