// A config brought to life: the task with its data, and the model that fits it. What training and evaluation share.
// Thread rule: immutable; make_model() may be called from any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "actors/config/run_config.hpp"
#include "data/task.hpp"
#include "models/model.hpp"
#include "runtime/core/manifest.hpp"
#include "runtime/core/run_shape.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::actors {

class Experiment {
 public:
  /// Opens the data, fits what is to be fitted, and checks that the model fits.
  static Result<Experiment> open(config::RunConfig config);

  const config::RunConfig& config() const { return config_; }
  const std::shared_ptr<const data::Task>& task() const { return task_; }
  const models::ParameterLayout& layout() const { return layout_; }
  const core::RunShape& shape() const { return shape_; }
  /// Where the run completes: stop.epochs or stop.updates, whichever comes first.
  core::Version end_version() const { return end_version_; }

  /// A model of one's own; open() has seen that this works.
  std::unique_ptr<models::Model> make_model() const;
  std::vector<core::ManifestTensor> tensors() const;

 private:
  Experiment() = default;

  config::RunConfig config_;
  std::shared_ptr<const data::Task> task_;
  models::ParameterLayout layout_;
  core::RunShape shape_;
  core::Version end_version_ = 0;
};

/// Where a run of this shape completes; the error says that it is too far away.
Result<core::Version> end_of(const config::StopSection& stop, const core::RunShape& shape);

/// Has the run's files taken from `path`: a file, in place of the only one that data.path names; or a folder, which is
/// looked through for the names of all of them, those of [[data.static]] too (a file that is not in it stays where the
/// config says). Errors name what is missing.
Result<void> take_data_from(config::RunConfig& config, const std::string& path);

/// The SHA-256 of what this build's arithmetic yields on fixed inputs: every kernel, activation and optimizer.
std::string determinism_class();

}  // namespace fulmar::actors
