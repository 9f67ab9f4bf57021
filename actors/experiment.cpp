#include "actors/experiment.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::actors {
namespace {

models::FieldShape shape_of(const data::FieldExtent& extent) {
  return {extent.channels, extent.latitudes, extent.longitudes};
}

Result<std::unique_ptr<models::Model>> model_for(const config::RunConfig& config, const data::Task& task) {
  return models::make_model(config.model, shape_of(task.input_extent()), shape_of(task.output_extent()),
                            config.policy.leaf_size);
}

/// The largest whole number of TOML: the bound of stop.updates, and far from where a sum of versions would wrap.
constexpr core::Version kEndMax = std::numeric_limits<std::int64_t>::max();

}  // namespace

Result<core::Version> end_of(const config::StopSection& stop, const core::RunShape& shape) {
  core::Version end = kEndMax;
  if (stop.updates) end = std::min<core::Version>(end, *stop.updates);
  if (!stop.epochs) return end;
  const std::uint64_t rounds = shape.rounds_per_epoch();
  if (*stop.epochs > kEndMax / rounds) {
    return Error{"stop.epochs = " + std::to_string(*stop.epochs) + " is impossible: with " + std::to_string(rounds) +
                 " updates in an epoch, a run has room for " + std::to_string(kEndMax / rounds) +
                 " epochs; give fewer, or stop.updates alone"};
  }
  return std::min(end, *stop.epochs * rounds);
}

Result<Experiment> Experiment::open(config::RunConfig config) {
  const data::InputLayout layout = config.model.kind == "linear" ? data::InputLayout::vector : data::InputLayout::grid;
  Result<std::shared_ptr<const data::Task>> task = data::make_task(config.data, config.task, layout);
  if (!task) return task.error();
  Result<std::unique_ptr<models::Model>> model = model_for(config, **task);
  if (!model) return model.error();

  Experiment experiment;
  experiment.config_ = std::move(config);
  experiment.task_ = std::move(*task);
  experiment.layout_ = (*model)->layout();
  const config::RunConfig& settings = experiment.config_;
  experiment.shape_ = {settings.run.seed, experiment.task_->sample_count(data::Split::train),
                       experiment.task_->sample_count(data::Split::validation), settings.policy.leaf_size,
                       settings.policy.leaves};
  const Result<core::Version> end = end_of(settings.stop, experiment.shape_);
  if (!end) return end.error();
  experiment.end_version_ = *end;
  experiment.config_.optimizer.schedule.total_rounds = experiment.end_version_;
  if (settings.stop.patience > 0 && !experiment.shape_.has_validation()) {
    return Error{"stop.patience = " + std::to_string(settings.stop.patience) +
                 " needs a validation split: set data.validation, or remove stop.patience"};
  }
  return experiment;
}

std::unique_ptr<models::Model> Experiment::make_model() const {
  Result<std::unique_ptr<models::Model>> model = model_for(config_, *task_);
  FULMAR_ASSERT(model.ok(), model.error().message);
  return std::move(*model);
}

std::vector<core::ManifestTensor> Experiment::tensors() const {
  std::vector<core::ManifestTensor> tensors;
  for (const models::TensorSpec& tensor : layout_.tensors()) {
    tensors.push_back({tensor.name, tensor.shape, tensor.offset, tensor.size});
  }
  return tensors;
}

}  // namespace fulmar::actors
