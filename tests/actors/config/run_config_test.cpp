#include "actors/config/run_config.hpp"

#include <functional>
#include <set>
#include <sstream>

#include <boost/test/unit_test.hpp>

#include "tests/actors/config/reference_config.hpp"

namespace fulmar::config {
namespace {

using Overrides = std::vector<std::string>;

constexpr const char* kLeast = R"([data]
path = "a.nc"
targets = ["T"]
train = ["2000-01", "2000-12"]
test = ["2001-01", "2001-12"]
[task]
kind = "downscale"
factor = 4
)";

RunConfig parsed(const std::string& text, const Overrides& overrides = {}) {
  const auto config = parse_run_config(text, "RUN.toml", overrides);
  BOOST_REQUIRE_MESSAGE(config.ok(), (config.ok() ? "" : config.error().message));
  return *config;
}

std::string refused(const std::string& text, const Overrides& overrides = {}) {
  const auto config = parse_run_config(text, "RUN.toml", overrides);
  BOOST_REQUIRE_MESSAGE(!config.ok(), "accepted:\n" + text);
  return config.error().message;
}

std::string refused_override(const std::string& assignment) {
  return refused(kReferenceConfig, {assignment});
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, from);
  return text.replace(at, from.size(), to);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(run_config)

BOOST_AUTO_TEST_CASE(the_reference_config_reads_as_it_is_written) {
  const RunConfig config = parsed(kReferenceConfig);
  BOOST_TEST(config.run.name == "winds-downscaling");
  BOOST_TEST(config.run.seed == 1u);
  BOOST_TEST(config.run.directory == "runs/winds");
  BOOST_TEST(config.data.kind == "netcdf");
  BOOST_TEST(config.data.paths == Overrides{"/usr/share/ferret-vis/data/monthly_navy_winds.cdf"});
  BOOST_TEST(config.data.targets == (Overrides{"UWND", "VWND"}));
  BOOST_TEST(config.data.inputs == config.data.targets);
  BOOST_TEST((config.data.latitude == std::pair(-90.0, 87.5)));
  BOOST_TEST(!config.data.longitude);
  BOOST_TEST((config.data.train == std::pair<std::string, std::string>("1982-01", "1988-12")));
  BOOST_TEST((config.data.validation == std::pair<std::string, std::string>("1989-01", "1990-12")));
  BOOST_TEST((config.data.test == std::pair<std::string, std::string>("1991-01", "1992-12")));
  BOOST_TEST(config.data.cache_bytes == 512'000'000u);
  BOOST_REQUIRE(config.data.statics.size() == 1u);
  BOOST_TEST(config.data.statics[0].path == "/usr/share/ferret-vis/data/etopo60.cdf");
  BOOST_TEST(config.data.statics[0].variable == "ROSE");
  BOOST_TEST(config.data.statics[0].derive == (Overrides{"land", "height"}));
  BOOST_TEST(config.task.kind == "downscale");
  BOOST_TEST(config.task.factor == 4u);
  BOOST_TEST(config.task.anomalies == "month");
  BOOST_TEST(config.task.residual == "climatology+bilinear");
  BOOST_TEST(config.model.kind == "cnn");
  BOOST_TEST(config.model.channels == (std::vector<std::size_t>{24, 24}));
  BOOST_TEST(config.model.kernel == 3u);
  BOOST_TEST((config.model.activation == models::Activation::relu));
  BOOST_TEST(config.model.dropout == 0.1);
  BOOST_TEST((config.optimizer.kind == core::OptimizerKind::adam));
  BOOST_TEST(config.optimizer.schedule.learning_rate == 2e-3);
  BOOST_TEST(config.optimizer.weight_decay == 1e-4);
  BOOST_TEST((config.policy.settings.kind == core::PolicyKind::sync));
  BOOST_TEST(config.policy.leaf_size == 1u);
  BOOST_TEST(config.policy.leaves == 8u);
  BOOST_TEST(config.policy.settings.staleness == 4u);
  BOOST_TEST(*config.stop.epochs == 60u);
  BOOST_TEST(!config.stop.updates);
  BOOST_TEST((config.checkpoint.every == std::chrono::seconds(30)));
  BOOST_TEST((config.policy.liveness == std::chrono::seconds(1)));
  BOOST_TEST(config.checkpoint.every_rounds == 0u);
  BOOST_TEST(config.checkpoint.keep == 3u);
}

BOOST_AUTO_TEST_CASE(all_but_data_and_task_has_a_default) {
  const RunConfig config = parsed(kLeast);
  BOOST_TEST(config.run.directory == "runs/run");
  BOOST_TEST(config.data.validation.first.empty());
  BOOST_TEST(*config.stop.epochs == 60u);
  BOOST_TEST((config.checkpoint.every == std::chrono::seconds(30)));
  BOOST_TEST((config.policy.not_finite == core::NotFinitePolicy::stop));
  for (const std::string line : {"path", "targets", "train", "test", "kind", "factor"}) {
    const std::size_t begin = std::string(kLeast).find(line + " =");
    const std::string without = std::string(kLeast).erase(begin, std::string(kLeast).find('\n', begin) - begin);
    BOOST_TEST(refused(without).find("." + line + "` is missing; write for example " + line + " = ") !=
               std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(every_key_is_read) {
  const RunConfig config = parsed(kReferenceConfig, {"run.seed=9223372036854775807",
                                                     "data.path=[\"a_*.nc\", \"b.nc\"]",
                                                     "data.inputs=[\"T\"]",
                                                     "data.longitude=[20, 377.5]",
                                                     "data.static=[]",
                                                     "data.cache=1GiB",
                                                     "task.anomalies=none",
                                                     "task.residual=none",
                                                     "model.kind=linear",
                                                     "model.activation=tanh",
                                                     "model.dropout=0",
                                                     "optimizer.kind=adamw",
                                                     "optimizer.momentum=0.5",
                                                     "optimizer.beta1=0.8",
                                                     "optimizer.beta2=0.99",
                                                     "optimizer.epsilon=1e-6",
                                                     "optimizer.clip_norm=1",
                                                     "optimizer.schedule=step",
                                                     "optimizer.warmup_rounds=10",
                                                     "optimizer.step_rounds=20",
                                                     "optimizer.step_factor=0.5",
                                                     "optimizer.learning_rate_min=1e-5",
                                                     "policy.shards=3",
                                                     "policy.not_finite=skip",
                                                     "policy.liveness=250ms",
                                                     "stop={updates = 700, patience = 5}",
                                                     "checkpoint={every_rounds = 100}"});
  BOOST_TEST(config.run.seed == 9223372036854775807u);
  BOOST_TEST(config.data.paths == (Overrides{"a_*.nc", "b.nc"}));
  BOOST_TEST(config.data.inputs == Overrides{"T"});
  BOOST_TEST((config.data.longitude == std::pair(20.0, 377.5)));
  BOOST_TEST(config.data.statics.empty());
  BOOST_TEST(config.data.cache_bytes == 1u << 30);
  BOOST_TEST(config.task.anomalies == "none");
  BOOST_TEST(config.task.residual == "none");
  BOOST_TEST(config.model.kind == "linear");
  BOOST_TEST((config.model.activation == models::Activation::tanh));
  BOOST_TEST(config.model.dropout == 0.0);
  BOOST_TEST((config.optimizer.kind == core::OptimizerKind::adamw));
  BOOST_TEST(config.optimizer.momentum == 0.5);
  BOOST_TEST(config.optimizer.beta1 == 0.8);
  BOOST_TEST(config.optimizer.beta2 == 0.99);
  BOOST_TEST(config.optimizer.epsilon == 1e-6);
  BOOST_TEST(config.optimizer.clip_norm == 1.0);
  BOOST_TEST((config.optimizer.schedule.kind == core::ScheduleKind::step));
  BOOST_TEST(config.optimizer.schedule.warmup_rounds == 10u);
  BOOST_TEST(config.optimizer.schedule.step_rounds == 20u);
  BOOST_TEST(config.optimizer.schedule.step_factor == 0.5);
  BOOST_TEST(config.optimizer.schedule.learning_rate_min == 1e-5);
  BOOST_TEST(config.policy.shards == 3u);
  BOOST_TEST((config.policy.not_finite == core::NotFinitePolicy::skip));
  BOOST_TEST((config.policy.liveness == std::chrono::milliseconds(250)));
  BOOST_TEST(!config.stop.epochs);
  BOOST_TEST(*config.stop.updates == 700u);
  BOOST_TEST(config.stop.patience == 5u);
  BOOST_TEST(config.checkpoint.every.count() == 0);
  BOOST_TEST(config.checkpoint.every_rounds == 100u);
}

BOOST_AUTO_TEST_CASE(an_unknown_key_names_the_line_and_the_nearest_key) {
  BOOST_TEST(refused(replaced(kReferenceConfig, "leaves =", "leafs =")) ==
             "RUN.toml:42: key `policy.leafs` is unknown; did you mean \"leaves\"?");
  BOOST_TEST(refused("[polisy]\nleaves = 4\n" + kReferenceConfig) ==
             "RUN.toml:1: section [polisy] is unknown; did you mean \"policy\"?");
  BOOST_TEST(refused("batches = 4\n" + kReferenceConfig).starts_with("RUN.toml:1: key `batches` is unknown; "));
}

BOOST_AUTO_TEST_CASE(a_wrong_type_names_what_was_found_and_what_was_expected) {
  BOOST_TEST(refused(replaced(kReferenceConfig, "leaves = 8", "leaves = \"8\"")) ==
             "RUN.toml:42: key `policy.leaves` must be a whole number, found the text \"8\"");
  BOOST_TEST(refused_override("policy.leaves=8.0") ==
             "--set policy.leaves=8.0: key `policy.leaves` must be a whole number, found the number 8.0");
  BOOST_TEST(refused_override("run.name=5").find("must be a text in quotes, found the whole number 5") !=
             std::string::npos);
  BOOST_TEST(refused_override("data.targets=U").find("must be a list of texts, found the text \"U\"") !=
             std::string::npos);
  BOOST_TEST(refused_override("data.targets=[1]").find("must be a list of texts, found the whole number 1") !=
             std::string::npos);
  BOOST_TEST(refused_override("data.train=[1982-01-01, 1988-12-31]").find("found the date or time 1982-01-01") !=
             std::string::npos);
  BOOST_TEST(refused_override("data.latitude=[1, 2, 3]").find("must be a list of two numbers, found a list of 3") !=
             std::string::npos);
  BOOST_TEST(refused_override("checkpoint.every=30").find("found the whole number 30") != std::string::npos);
  BOOST_TEST(refused_override("model=cnn").find("`model` must be a section, [model], found the text \"cnn\"") !=
             std::string::npos);
  BOOST_TEST(refused_override("model.kind=true").find("must be one of these texts: linear, cnn, found true") !=
             std::string::npos);
  BOOST_TEST(refused_override("data.static=[1]").find("must be a table") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_impossible_value_names_key_value_and_what_is_allowed) {
  BOOST_TEST(refused_override("policy.leaves=12").find("`policy.leaves` = 12 is not a power of two; take 8 or 16") !=
             std::string::npos);
  BOOST_TEST(refused_override("model.kernel=4").find("= 4 has no centre; take an odd one, 3 or 5") !=
             std::string::npos);
  BOOST_TEST(refused_override("run.seed=-1").find("= -1 is impossible; allowed: 0 to 9223372036854775807") !=
             std::string::npos);
  BOOST_TEST(refused_override("model.dropout=1").find("= 1.0 is impossible; allowed: at least 0.0 and below 1.0") !=
             std::string::npos);
  BOOST_TEST(refused_override("model.activation=rely").find("= \"rely\" is unknown; did you mean \"relu\"?") !=
             std::string::npos);
  BOOST_TEST(refused_override("data.validation=[\"1988-12\", \"1990-12\"]").find("overlaps data.train") !=
             std::string::npos);
  BOOST_TEST(refused_override("data.train=[\"1988-12\", \"1982-01\"]").find("ends before it begins") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_number_out_of_its_range_is_refused_by_name) {
  for (const std::string assignment : {"run.seed=-1",
                                       "task.factor=1",
                                       "task.factor=65",
                                       "model.channels=[24, 0]",
                                       "model.channels=[4097]",
                                       "model.kernel=0",
                                       "model.kernel=33",
                                       "model.dropout=-0.1",
                                       "model.dropout=1.0",
                                       "model.dropout=nan",
                                       "optimizer.learning_rate=0",
                                       "optimizer.learning_rate=-1e-3",
                                       "optimizer.learning_rate=inf",
                                       "optimizer.learning_rate=nan",
                                       "optimizer.momentum=1",
                                       "optimizer.momentum=-0.1",
                                       "optimizer.beta1=1",
                                       "optimizer.beta1=-0.1",
                                       "optimizer.beta2=1",
                                       "optimizer.beta2=-0.1",
                                       "optimizer.epsilon=0",
                                       "optimizer.epsilon=-1",
                                       "optimizer.weight_decay=-1e-4",
                                       "optimizer.weight_decay=inf",
                                       "optimizer.clip_norm=-1",
                                       "optimizer.clip_norm=nan",
                                       "optimizer.warmup_rounds=-1",
                                       "optimizer.step_rounds=-1",
                                       "optimizer.step_factor=0",
                                       "optimizer.step_factor=1.5",
                                       "optimizer.learning_rate_min=-1",
                                       "optimizer.learning_rate_min=1",
                                       "policy.leaf_size=0",
                                       "policy.leaf_size=65537",
                                       "policy.leaves=0",
                                       "policy.leaves=131072",
                                       "policy.staleness=-1",
                                       "policy.staleness=65537",
                                       "policy.shards=0",
                                       "policy.shards=1025",
                                       "policy.liveness=99ms",
                                       "policy.liveness=2h",
                                       "policy.liveness=quick",
                                       "stop.epochs=0",
                                       "stop.updates=0",
                                       "stop.patience=-1",
                                       "checkpoint.keep=0",
                                       "checkpoint.every=0s",
                                       "checkpoint.every=9000h",
                                       "checkpoint.every=5m",
                                       "data.cache=0MB",
                                       "data.cache=99999999GiB",
                                       "data.cache=512",
                                       "data.latitude=[-91, 90]",
                                       "data.latitude=[-90, 90.5]",
                                       "data.longitude=[-361, 0]",
                                       "data.longitude=[0, 721]"}) {
    const std::string key = assignment.substr(0, assignment.find('='));
    const std::string message = refused_override(assignment);
    BOOST_TEST(message.find("--set " + assignment + ": key `" + key + "` ") == 0u, message);
  }
  BOOST_TEST(refused(replaced(kReferenceConfig, "[checkpoint]\nevery = \"30s\"", "[checkpoint]\nevery_rounds = 0"))
                 .find("`checkpoint.every_rounds` = 0 is impossible") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_comes_later_is_refused_as_such) {
  for (const std::string assignment : {"data.kind=lorenz96", "data.level=500", "task.kind=forecast", "task.lags=[0]",
                                       "task.leads=[1]", "task.anomalies=dayofyear", "model.kind=mlp"}) {
    BOOST_TEST(refused_override(assignment).find("comes in a later version") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(keys_that_contradict_each_other_are_refused) {
  const std::string both = replaced(kReferenceConfig, "every = \"30s\"", "every = \"30s\"\nevery_rounds = 100");
  BOOST_TEST(refused(both).find("`checkpoint.every_rounds` and every are both there") != std::string::npos);
  BOOST_TEST(refused_override("optimizer.schedule=step").find("needs step_rounds") != std::string::npos);
  BOOST_TEST(refused(kLeast, {"stop.patience=3"}).find("needs a validation split") != std::string::npos);
  BOOST_TEST(refused_override("data.targets=[\"U\", \"U\"]").find("names \"U\" twice") != std::string::npos);
  for (const std::string name : {"a/b", "..", "-rf", "two words", ""}) {
    BOOST_TEST(refused_override("run.name='" + name + "'").find("key `run.name` ") != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(an_override_replaces_the_key_that_it_excludes) {
  const RunConfig rounds = parsed(kReferenceConfig, {"checkpoint.every_rounds=100"});
  BOOST_TEST(rounds.checkpoint.every_rounds == 100u);
  BOOST_TEST(rounds.checkpoint.every.count() == 0);
  const RunConfig time =
      parsed(replaced(kReferenceConfig, "every = \"30s\"", "every_rounds = 7"), {"checkpoint.every=5s"});
  BOOST_TEST(time.checkpoint.every_rounds == 0u);
  BOOST_TEST((time.checkpoint.every == std::chrono::seconds(5)));
}

BOOST_AUTO_TEST_CASE(the_first_problem_is_shown_and_the_others_counted) {
  std::string text = replaced(kReferenceConfig, "keep = 3", "keep = 0");
  text = replaced(text, "kernel = 3", "kernel = 4");
  text = replaced(text, "seed = 1", "seeds = 1");
  BOOST_TEST(refused(text) == "RUN.toml:3: key `run.seeds` is unknown; did you mean \"seed\"? (and 2 more)");
}

BOOST_AUTO_TEST_CASE(a_text_that_is_not_toml_names_the_line) {
  BOOST_TEST(refused("[run]\nname = winds\n").find("RUN.toml:2: this is not TOML: ") == 0u);
  BOOST_TEST(refused("[run]\nseed = 1\nseed = 2\n").find("RUN.toml:3: this is not TOML: ") == 0u);
}

BOOST_AUTO_TEST_CASE(an_override_wins_over_the_file_and_a_later_one_over_an_earlier_one) {
  const RunConfig config =
      parsed(kReferenceConfig, {"optimizer.kind=sgd", "policy.leaves=16", "policy.leaves=4", "checkpoint.every=1h",
                                "data.path=/tmp/other winds.nc", "run.name=\"7\""});
  BOOST_TEST((config.optimizer.kind == core::OptimizerKind::sgd));
  BOOST_TEST(config.policy.leaves == 4u);
  BOOST_TEST((config.checkpoint.every == std::chrono::hours(1)));
  BOOST_TEST(config.data.paths == Overrides{"/tmp/other winds.nc"});
  BOOST_TEST(config.run.name == "7");
  BOOST_TEST(parsed(kLeast, {"policy.leaves=4"}).policy.leaves == 4u);
}

BOOST_AUTO_TEST_CASE(an_override_that_is_none_is_refused) {
  for (const std::string assignment : {"", "policy.leaves", "=3", ".leaves=3", "policy.=3", "policy..leaves=3"}) {
    BOOST_TEST(refused_override(assignment).find("--set " + assignment + ": expected KEY=VALUE") == 0u);
  }
  BOOST_TEST(refused_override("policy.leaves.x=3").find("`policy.leaves` is a value, not a section") !=
             std::string::npos);
  BOOST_TEST(refused_override("data.train=[\"1982-01\"").find("the value is not TOML") != std::string::npos);
  BOOST_TEST(refused_override("policy.leaves=").find("the value is not TOML") != std::string::npos);
  BOOST_TEST(refused_override("policy.leaves=8\n[stop]\nepochs = 1").find("must be a whole number") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_missing_file_is_named) {
  const auto config = load_run_config("no/such/RUN.toml", {});
  BOOST_REQUIRE(!config.ok());
  BOOST_TEST(
      config.error().message ==
      "no/such/RUN.toml: cannot be read (No such file or directory); expected a run's config, for example RUN.toml");
  BOOST_TEST(!load_run_config(".", {}).ok());
}

// Property: a slip of one character in a key never passes silently.
BOOST_AUTO_TEST_CASE(no_key_misspelt_by_one_character_is_taken_for_something_else) {
  const std::string meant = parsed(kReferenceConfig).toml;
  std::istringstream lines(kReferenceConfig);
  std::size_t begin = 0, slips = 0, refusals = 0;
  for (std::string line; std::getline(lines, line); begin += line.size() + 1) {
    const std::size_t name_end = line.find_first_of(" =]#");
    if (line.empty() || line[0] == '#' || name_end == std::string::npos) continue;
    for (std::size_t i = 0; i <= name_end; ++i) {
      std::vector<std::string> variants;
      if (i < name_end) variants.push_back(std::string(kReferenceConfig).erase(begin + i, 1));
      for (const char c : std::string("aesx_-.0 \"'#[]=")) {
        if (i == 0 && c == '#') continue;  // a comment sign there is no slip: it takes the key out
        variants.push_back(std::string(kReferenceConfig).insert(begin + i, 1, c));
      }
      for (const std::string& variant : variants) {
        const auto config = parse_run_config(variant, "RUN.toml", {});
        ++slips;
        refusals += config.ok() ? 0u : 1u;
        if (config.ok()) BOOST_TEST(config->toml == meant, variant.substr(begin, line.size() + 1));
      }
    }
  }
  BOOST_TEST(slips > 4000u);
  BOOST_TEST(refusals > slips * 9 / 10);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::config
