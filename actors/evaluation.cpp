#include "actors/evaluation.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "models/arithmetic.hpp"
#include "runtime/memory/buffer_pool.hpp"
#include "runtime/storage/checkpoint.hpp"
#include "runtime/storage/checkpoint_layout.hpp"
#include "runtime/storage/tensor_views.hpp"

namespace fulmar::actors {
namespace {

struct Selected {
  core::Version version = 0;
  std::string which;
};

/// Nothing where the best version has no checkpoint: then `best` is missing, or still names a version before it.
Result<std::optional<core::Version>> saved_best(const storage::CheckpointStore& store) {
  const Result<std::optional<core::Version>> named = store.best();
  const Result<std::optional<core::Version>> latest = store.latest();
  if (!named || !latest || !*latest) return named;
  const Result<storage::StateFile> state = store.load_state(**latest);
  if (!state || !state->state.run.validation.best) return named;
  const core::Version best = state->state.run.validation.best->version;
  if (*named && **named >= best) return named;
  return std::optional<core::Version>();
}

/// What --weights best, latest or nothing means. The default is the best version, or the latest where that was not
/// saved.
Result<Selected> select_named(const Experiment& experiment, const storage::CheckpointStore& store,
                              const std::string& selection) {
  const std::string& directory = experiment.config().run.directory;
  if (selection == "best" || (selection.empty() && experiment.shape().has_validation())) {
    const Result<std::optional<core::Version>> best = saved_best(store);
    if (!best) return best.error();
    if (*best) return Selected{**best, "best"};
    if (selection == "best") {
      return Error{directory +
                   " has no best checkpoint: no epoch was validated yet, or its best version could not be " +
                   "saved; try --weights latest"};
    }
  }
  const Result<std::optional<core::Version>> latest = store.latest();
  if (!latest) return latest.error();
  if (*latest) return Selected{**latest, "latest"};
  return Error{directory + " has no checkpoint yet: let it train for longer"};
}

std::optional<core::Version> version_in(const std::string& text) {
  core::Version version = 0;
  const char* end = text.data() + text.size();
  const auto [rest, problem] = std::from_chars(text.data(), end, version);
  return problem == std::errc() && rest == end ? std::optional(version) : std::nullopt;
}

Error not_a_selection(const std::string& found) {
  return Error{"--weights " + found + ": expected best, latest or a version number"};
}

Result<Selected> select(const Experiment& experiment, const storage::CheckpointStore& store, const std::string& which) {
  if (which.empty() || which == "best" || which == "latest") return select_named(experiment, store, which);
  const std::string& directory = experiment.config().run.directory;
  const std::optional<core::Version> version = version_in(which);
  if (!version) return not_a_selection(which);
  const Selected selected{*version, which};
  const Result<std::vector<storage::CheckpointEntry>> there = store.list();
  if (!there) return there.error();
  std::string versions;
  for (const storage::CheckpointEntry& entry : *there) {
    if (entry.version == selected.version) return selected;
    versions += (versions.empty() ? "" : ", ") + std::to_string(entry.version);
  }
  return Error{"--weights " + which + ": " + directory + " has no checkpoint of that version; " +
               (versions.empty() ? "it has none yet" : "there are " + versions)};
}

}  // namespace

Result<void> check_selection(const std::string& selection) {
  if (selection == "best" || selection == "latest" || version_in(selection)) return {};
  return not_a_selection(selection);
}

Result<std::vector<float>> predict(const Experiment& experiment, data::Split split, std::span<const float> weights) {
  models::prepare_compute_thread();
  const data::Task& task = *experiment.task();
  const std::unique_ptr<models::Model> model = experiment.make_model();
  std::vector<float> input(task.input_extent().size());
  std::vector<float> target(task.output_extent().size());
  std::vector<std::uint8_t> mask(target.size());
  std::vector<float> outputs(task.sample_count(split) * target.size());
  for (std::size_t sample = 0; sample < task.sample_count(split); ++sample) {
    const Result<void> loaded = task.load(split, sample, input, target, mask);
    if (!loaded) return loaded.error();
    model->predict(weights, input, std::span(outputs).subspan(sample * target.size(), target.size()));
  }
  return outputs;
}

Result<Evaluation> evaluate(const Experiment& experiment, storage::Storage& storage, data::Split split,
                            const std::string& selection) {
  if (experiment.task()->sample_count(split) == 0) {
    return Error{std::string("the run has no ") + data::name(split) + " split: choose another --split"};
  }
  const storage::CheckpointStore checkpoints(storage);
  const Result<Selected> selected = select(experiment, checkpoints, selection);
  if (!selected) return selected.error();
  const Result<storage::LoadedCheckpoint> checkpoint = checkpoints.load(selected->version);
  if (!checkpoint) return checkpoint.error();

  Buffer weights(experiment.layout().size());
  std::fill(weights.values().begin(), weights.values().end(), 0.0F);
  const std::vector<core::ManifestTensor> tensors = experiment.tensors();
  if (const Result<void> copied = storage::copy_tensors(checkpoint->weights.tensors, tensors, weights.values(),
                                                        storage.display(storage::version_path(selected->version)));
      !copied) {
    return copied.error();
  }
  Evaluation evaluation{selected->version, selected->which, split, {}, {}, {}, experiment.task()->unit()};
  Result<std::vector<float>> outputs = predict(experiment, split, std::as_const(weights).values());
  if (!outputs) return outputs.error();
  evaluation.outputs = std::move(*outputs);
  Result<data::Scores> scores = experiment.task()->score(split, evaluation.outputs);
  if (!scores) return scores.error();
  evaluation.scores = std::move(*scores);
  auto baselines = experiment.task()->baselines(split);
  if (!baselines) return baselines.error();
  evaluation.baselines = std::move(*baselines);
  return evaluation;
}

}  // namespace fulmar::actors
