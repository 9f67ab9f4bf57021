#include "actors/config/resolved_text.hpp"

#include <algorithm>
#include <string_view>

#include "actors/config/choices.hpp"
#include "actors/config/quantities.hpp"

namespace fulmar::config {
namespace {

/// Whether a key belongs to weights_part().
enum class Shapes { weights, nothing };

struct Line {
  std::string section;
  std::string key;
  std::string value;  ///< as TOML
  Shapes shapes = Shapes::weights;
};

std::string whole_text(std::uint64_t value) {
  return std::to_string(value);
}
std::string choice_text(std::string_view name) {
  return quoted(name);
}

template <class T, class ToText>
std::string list_text(const std::vector<T>& values, const ToText& to_text) {
  std::string out;
  for (const T& value : values) out += (out.empty() ? "" : ", ") + to_text(value);
  return "[" + out + "]";
}

std::string texts(const std::vector<std::string>& values) {
  return list_text(values, [](const std::string& value) { return quoted(value); });
}

std::string period_text(const std::pair<std::string, std::string>& period) {
  return texts({period.first, period.second});
}

std::string window_text(const std::pair<double, double>& window) {
  return "[" + real_text(window.first) + ", " + real_text(window.second) + "]";
}

std::string static_text(const data::StaticFieldSpec& field, Shapes shapes) {
  const std::string path = shapes == Shapes::nothing ? "path = " + quoted(field.path) + ", " : "";
  return "{ " + path + "variable = " + quoted(field.variable) + ", derive = " + texts(field.derive) + " }";
}

std::string statics_text(const data::DataSpec& data, Shapes shapes) {
  return list_text(data.statics, [&](const data::StaticFieldSpec& field) { return static_text(field, shapes); });
}

std::vector<Line> data_lines(const data::DataSpec& data, Shapes wanted) {
  std::vector<Line> lines{{"data", "kind", quoted(data.kind)},
                          {"data", "path", texts(data.paths), Shapes::nothing},
                          {"data", "targets", texts(data.targets)},
                          {"data", "inputs", texts(data.inputs)}};
  if (data.latitude) lines.push_back({"data", "latitude", window_text(*data.latitude)});
  if (data.longitude) lines.push_back({"data", "longitude", window_text(*data.longitude)});
  lines.push_back({"data", "train", period_text(data.train)});
  if (!data.validation.first.empty()) lines.push_back({"data", "validation", period_text(data.validation)});
  lines.push_back({"data", "test", period_text(data.test)});
  lines.push_back({"data", "cache", quoted(size_text(data.cache_bytes)), Shapes::nothing});
  lines.push_back({"data", "static", statics_text(data, wanted)});
  return lines;
}

std::vector<Line> optimizer_lines(const core::OptimizerSettings& optimizer) {
  const core::ScheduleSettings& schedule = optimizer.schedule;
  return {{"optimizer", "kind", choice_text(name_of(kOptimizers, optimizer.kind))},
          {"optimizer", "learning_rate", real_text(schedule.learning_rate)},
          {"optimizer", "momentum", real_text(optimizer.momentum)},
          {"optimizer", "beta1", real_text(optimizer.beta1)},
          {"optimizer", "beta2", real_text(optimizer.beta2)},
          {"optimizer", "epsilon", real_text(optimizer.epsilon)},
          {"optimizer", "weight_decay", real_text(optimizer.weight_decay)},
          {"optimizer", "clip_norm", real_text(optimizer.clip_norm)},
          {"optimizer", "schedule", choice_text(name_of(kSchedules, schedule.kind))},
          {"optimizer", "warmup_rounds", whole_text(schedule.warmup_rounds)},
          {"optimizer", "step_rounds", whole_text(schedule.step_rounds)},
          {"optimizer", "step_factor", real_text(schedule.step_factor)},
          {"optimizer", "learning_rate_min", real_text(schedule.learning_rate_min)}};
}

/// A cosine schedule ends where the run does; with any other, a longer run begins with the same weights.
std::vector<Line> stop_lines(const RunConfig& config) {
  const bool cosine = config.optimizer.schedule.kind == core::ScheduleKind::cosine;
  const Shapes length = cosine ? Shapes::weights : Shapes::nothing;
  std::vector<Line> lines;
  if (config.stop.epochs) lines.push_back({"stop", "epochs", whole_text(*config.stop.epochs), length});
  if (config.stop.updates) lines.push_back({"stop", "updates", whole_text(*config.stop.updates), length});
  lines.push_back({"stop", "patience", whole_text(config.stop.patience), Shapes::nothing});
  return lines;
}

Line checkpoint_line(const CheckpointSection& checkpoint) {
  if (checkpoint.every_rounds > 0) {
    return {"checkpoint", "every_rounds", whole_text(checkpoint.every_rounds), Shapes::nothing};
  }
  return {"checkpoint", "every", quoted(duration_text(checkpoint.every)), Shapes::nothing};
}

/// A run may be switched to another policy at any time, and what it did under which is in its journal.
std::vector<Line> policy_lines(const PolicySection& policy, const core::StalenessRemedies& remedies) {
  const core::PolicySettings& settings = policy.settings;
  return {{"policy", "kind", choice_text(name_of(kPolicies, settings.kind)), Shapes::nothing},
          {"policy", "leaf_size", whole_text(policy.leaf_size)},
          {"policy", "leaves", whole_text(policy.leaves)},
          {"policy", "staleness", whole_text(settings.staleness), Shapes::nothing},
          {"policy", "on_stale", choice_text(name_of(kOnStale, settings.on_stale)), Shapes::nothing},
          {"policy", "scale_learning_rate", remedies.scale_learning_rate ? "true" : "false"},
          {"policy", "delay_compensation", real_text(remedies.delay_compensation)},
          {"policy", "shards", whole_text(policy.shards), Shapes::nothing},
          // No version of a run that it stopped holds a round that is not finite: resumed, it may skip them.
          {"policy", "not_finite", choice_text(name_of(kNotFinitePolicies, policy.not_finite)), Shapes::nothing},
          {"policy", "liveness", quoted(duration_text(policy.liveness)), Shapes::nothing}};
}

std::vector<Line> all_lines(const RunConfig& config, Shapes wanted) {
  std::vector<Line> lines{{"run", "name", quoted(config.run.name), Shapes::nothing},
                          {"run", "seed", whole_text(config.run.seed)},
                          {"run", "directory", quoted(config.run.directory), Shapes::nothing}};
  const auto append = [&](std::vector<Line> more) { std::move(more.begin(), more.end(), std::back_inserter(lines)); };
  append(data_lines(config.data, wanted));
  append({{"task", "kind", quoted(config.task.kind)},
          {"task", "factor", whole_text(config.task.factor)},
          {"task", "anomalies", quoted(config.task.anomalies)},
          {"task", "residual", quoted(config.task.residual)},
          {"model", "kind", quoted(config.model.kind)},
          {"model", "channels", list_text(config.model.channels, whole_text)},
          {"model", "kernel", whole_text(config.model.kernel)},
          {"model", "activation", choice_text(name_of(kActivations, config.model.activation))},
          {"model", "dropout", real_text(config.model.dropout)}});
  append(optimizer_lines(config.optimizer));
  append(policy_lines(config.policy, config.optimizer.remedies));
  append(stop_lines(config));
  append({checkpoint_line(config.checkpoint),
          {"checkpoint", "keep", whole_text(config.checkpoint.keep), Shapes::nothing}});
  return lines;
}

}  // namespace

std::string resolved_toml(const RunConfig& config) {
  std::string out;
  std::string section;
  for (const Line& line : all_lines(config, Shapes::nothing)) {
    if (line.section != section) {
      out += (out.empty() ? "[" : "\n[") + line.section + "]\n";
      section = line.section;
    }
    out += line.key + " = " + line.value + "\n";
  }
  return out;
}

std::string weights_part(const RunConfig& config) {
  std::vector<std::string> written;
  for (const Line& line : all_lines(config, Shapes::weights)) {
    if (line.shapes == Shapes::weights) written.push_back(line.section + "." + line.key + " = " + line.value + "\n");
  }
  std::sort(written.begin(), written.end());
  std::string out;
  for (const std::string& line : written) out += line;
  return out;
}

}  // namespace fulmar::config
