#include <algorithm>
#include <limits>

#include "actors/config/choices.hpp"
#include "actors/config/quantities.hpp"
#include "actors/config/sections.hpp"
#include "runtime/vocabulary/nearest_name.hpp"

namespace fulmar::config {
namespace {

constexpr std::uint64_t kNumberMax = std::numeric_limits<std::int64_t>::max();  // the largest whole number of TOML
constexpr std::uint64_t kEpochsDefault = 60;
constexpr auto kEveryDefault = std::chrono::seconds(30);
constexpr auto kEveryMin = std::chrono::milliseconds(1);
constexpr auto kEveryMax = std::chrono::hours(24 * 365);
constexpr auto kLivenessMin = std::chrono::milliseconds(100);
constexpr auto kLivenessMax = std::chrono::hours(1);

// Steps are computed in float32: its largest number is 3.4e38, its smallest normal one 1.2e-38.
constexpr RealRange kPositive{.min = 1e-37, .max = 1e37};
constexpr RealRange kNotNegative{.min = 0, .max = 1e37};

bool is_power_of_two(std::uint64_t value) {
  return value != 0 && (value & (value - 1)) == 0;
}

/// A run's name is a folder's name, and stands in metrics and logs.
bool is_plain_name(const std::string& name) {
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return name.size() <= 100 && name.front() != '.' && name.front() != '-' &&
         name.find_first_not_of(kLetters) == std::string::npos;
}

void take_duration(SectionReader& reader, const std::string& key, const std::string& text,
                   std::chrono::nanoseconds least, std::chrono::nanoseconds most, std::chrono::nanoseconds& value) {
  const auto duration = parse_duration(text);
  if (duration && *duration >= least && *duration <= most) {
    value = *duration;
  } else {
    reader.refuse(key,
                  "= " + quoted(text) +
                      " is impossible; a duration is a whole number of ms, s, min or h without a space, at least " +
                      duration_text(least) + " and at most " + duration_text(most) + ": \"30s\"");
  }
}

}  // namespace

void read_run(const Source& source, RunSection& run) {
  SectionReader reader = source.section("run");
  reader.read_text("name", run.name);
  if (!is_plain_name(run.name)) {
    reader.refuse("name", "= " + quoted(run.name) +
                              " is impossible; it names a folder: at most 100 letters, digits, _, . or -, "
                              "beginning with a letter, a digit or _");
  }
  reader.read_whole("seed", run.seed, 0, kNumberMax);
  run.directory = "runs/" + run.name;
  reader.read_text("directory", run.directory);
  reader.finish();
}

void read_model(const Source& source, models::ModelSpec& model) {
  SectionReader reader = source.section("model");
  reader.read_word("kind", model.kind, {"linear", "cnn"}, {"mlp"});
  reader.read_whole_list("channels", model.channels, 1, 4096);
  reader.read_whole("kernel", model.kernel, 1, 31);
  if (model.kernel % 2 == 0) {
    reader.refuse("kernel", "= " + std::to_string(model.kernel) + " has no centre; take an odd one, " +
                                std::to_string(model.kernel - 1) + " or " + std::to_string(model.kernel + 1));
  }
  reader.read_choice("activation", model.activation, kActivations);
  reader.read_real("dropout", model.dropout, {.min = 0, .max = 1, .below_max = true});
  reader.finish();
}

void read_optimizer(const Source& source, core::OptimizerSettings& optimizer) {
  constexpr RealRange kShare{.min = 0, .max = 1, .below_max = true};

  SectionReader reader = source.section("optimizer");
  core::ScheduleSettings& schedule = optimizer.schedule;
  reader.read_choice("kind", optimizer.kind, kOptimizers);
  reader.read_real("learning_rate", schedule.learning_rate, kPositive);
  reader.read_real("momentum", optimizer.momentum, kShare);
  reader.read_real("beta1", optimizer.beta1, kShare);
  reader.read_real("beta2", optimizer.beta2, kShare);
  reader.read_real("epsilon", optimizer.epsilon, kPositive);
  reader.read_real("weight_decay", optimizer.weight_decay, kNotNegative);
  reader.read_real("clip_norm", optimizer.clip_norm, kNotNegative);
  reader.read_choice("schedule", schedule.kind, kSchedules);
  reader.read_whole("warmup_rounds", schedule.warmup_rounds, 0, kNumberMax);
  reader.read_whole("step_rounds", schedule.step_rounds, 0, kNumberMax);
  reader.read_real("step_factor", schedule.step_factor, {.min = 0, .max = 1, .above_min = true});
  reader.read_real("learning_rate_min", schedule.learning_rate_min, kNotNegative);
  if (schedule.kind == core::ScheduleKind::step && schedule.step_rounds == 0) {
    reader.refuse("schedule",
                  "= \"step\" needs step_rounds, at least 1: after so many rounds the learning rate is multiplied by "
                  "step_factor");
  }
  if (reader.has("learning_rate_min") && schedule.learning_rate_min > schedule.learning_rate) {
    reader.refuse("learning_rate_min", "= " + real_text(schedule.learning_rate_min) + " is above learning_rate = " +
                                           real_text(schedule.learning_rate) + "; it is where a cosine schedule ends");
  }
  reader.finish();
}

void read_policy(const Source& source, PolicySection& policy, core::StalenessRemedies& remedies) {
  SectionReader reader = source.section("policy");
  reader.read_choice("kind", policy.settings.kind, kPolicies);
  reader.read_whole("staleness", policy.settings.staleness, 0, core::kStalenessMax);
  reader.read_choice("on_stale", policy.settings.on_stale, kOnStale);
  reader.read_truth("scale_learning_rate", remedies.scale_learning_rate);
  reader.read_real("delay_compensation", remedies.delay_compensation, kNotNegative);
  reader.read_whole("leaf_size", policy.leaf_size, 1, 1u << 16);
  reader.read_whole("leaves", policy.leaves, 1, 1u << 16);
  if (!is_power_of_two(policy.leaves)) {
    std::uint64_t above = 1;
    while (above < policy.leaves) above *= 2;
    reader.refuse("leaves", "= " + std::to_string(policy.leaves) + " is not a power of two; take " +
                                std::to_string(above / 2) + " or " + std::to_string(above));
  }
  reader.read_whole("shards", policy.shards, 1, 1u << 10);
  reader.read_choice("not_finite", policy.not_finite, kNotFinitePolicies);
  std::string liveness;
  reader.read_text("liveness", liveness);
  if (reader.has("liveness")) {
    take_duration(reader, "liveness", liveness, kLivenessMin, kLivenessMax, policy.liveness);
  }
  reader.finish();
}

void read_stop(const Source& source, const data::DataSpec& data, StopSection& stop) {
  SectionReader reader = source.section("stop");
  reader.read_whole("epochs", stop.epochs, 1, kNumberMax);
  reader.read_whole("updates", stop.updates, 1, kNumberMax);
  reader.read_whole("patience", stop.patience, 0, kNumberMax);
  if (stop.patience > 0 && data.validation.first.empty()) {
    reader.refuse("patience", "= " + std::to_string(stop.patience) +
                                  " needs a validation split; write data.validation = [\"YYYY-MM\", "
                                  "\"YYYY-MM\"], or remove patience");
  }
  reader.finish();
  if (!stop.epochs && !stop.updates) stop.epochs = kEpochsDefault;
}

void read_checkpoint(const Source& source, CheckpointSection& checkpoint) {
  SectionReader reader = source.section("checkpoint");
  std::string every;
  reader.read_text("every", every);
  reader.read_whole("every_rounds", checkpoint.every_rounds, 1, kNumberMax);
  reader.read_whole("keep", checkpoint.keep, 1, 1'000'000);
  if (reader.has("every") && reader.has("every_rounds")) {
    reader.refuse("every_rounds", "and every are both there; keep one of them");
  }
  if (!every.empty()) take_duration(reader, "every", every, kEveryMin, kEveryMax, checkpoint.every);
  if (!reader.has("every") && !reader.has("every_rounds")) checkpoint.every = kEveryDefault;
  reader.finish();
}

void refuse_other_sections(const Source& source) {
  const std::vector<std::string> sections{"run", "data", "task", "model", "optimizer", "policy", "stop", "checkpoint"};
  for (const Entry& entry : source.document) {
    if (std::find(sections.begin(), sections.end(), entry.key) != sections.end()) continue;
    const bool is_section = std::holds_alternative<Table>(entry.value.content);
    source.problems.add(entry.value.origin, (is_section ? "section [" + entry.key + "]" : "key `" + entry.key + "`") +
                                                " is unknown; " + suggestion(entry.key, sections));
  }
}

}  // namespace fulmar::config
