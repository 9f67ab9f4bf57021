#include "actors/config/resolved_text.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/actors/config/reference_config.hpp"

namespace fulmar::config {
namespace {

RunConfig parsed(const std::string& text, const std::vector<std::string>& overrides = {}) {
  const auto config = parse_run_config(text, "RUN.toml", overrides);
  BOOST_REQUIRE_MESSAGE(config.ok(), (config.ok() ? "" : config.error().message));
  return *config;
}

const RunConfig& reference() {
  static const RunConfig config = parsed(kReferenceConfig);
  return config;
}

RunConfig changed(const std::string& assignment) {
  return parsed(kReferenceConfig, {assignment});
}

// One change of each key, and whether the weights depend on it.
const std::vector<std::string> kShapeWeights{"run.seed=2",
                                             "data.targets=[\"VWND\", \"UWND\"]",
                                             "data.inputs=[\"UWND\"]",
                                             "data.latitude=[-90, 77.5]",
                                             "data.longitude=[20, 367.5]",
                                             "data.train=[\"1982-02\", \"1988-12\"]",
                                             "data.validation=[\"1989-01\", \"1990-11\"]",
                                             "data.test=[\"1991-01\", \"1992-11\"]",
                                             "data.static=[]",
                                             "task.factor=2",
                                             "task.anomalies=none",
                                             "task.residual=none",
                                             "model.kind=linear",
                                             "model.channels=[24]",
                                             "model.kernel=5",
                                             "model.activation=elu",
                                             "model.dropout=0.2",
                                             "optimizer.kind=adamw",
                                             "optimizer.learning_rate=1e-3",
                                             "optimizer.momentum=0.8",
                                             "optimizer.beta1=0.8",
                                             "optimizer.beta2=0.99",
                                             "optimizer.epsilon=1e-7",
                                             "optimizer.weight_decay=0",
                                             "optimizer.clip_norm=1",
                                             "optimizer.schedule=cosine",
                                             "optimizer.warmup_rounds=5",
                                             "optimizer.step_rounds=5",
                                             "optimizer.step_factor=0.5",
                                             "optimizer.learning_rate_min=1e-5",
                                             "policy.scale_learning_rate=true",
                                             "policy.delay_compensation=0.04",
                                             "policy.leaf_size=2",
                                             "policy.leaves=4"};
const std::vector<std::string> kShapeNothing{
    "run.name=other",        "run.directory=elsewhere", "data.path=other.nc",     "data.cache=1GB",
    "policy.staleness=2",    "policy.kind=bounded",     "policy.kind=async",      "policy.on_stale=revoke",
    "policy.shards=3",       "stop.epochs=61",          "stop.updates=100",       "stop.patience=3",
    "checkpoint.every=1min", "checkpoint.keep=4",       "policy.not_finite=skip", "policy.liveness=5s"};

}  // namespace

BOOST_AUTO_TEST_SUITE(resolved_text)

// RESOLVED-1
BOOST_AUTO_TEST_CASE(the_resolved_config_parses_to_itself) {
  std::vector<RunConfig> configs{reference(),
                                 parsed(kReferenceConfig, {"run.directory='a \"quoted\" \\ dir'", "stop={updates = 5}",
                                                           "checkpoint={every_rounds = 7}"}),
                                 parsed(kReferenceConfig, {"run.directory=\"\\u0007\\u007f\\n\\té°\""})};
  for (const std::vector<std::string>& assignments : {kShapeWeights, kShapeNothing}) {
    for (const std::string& assignment : assignments) configs.push_back(changed(assignment));
  }
  for (const RunConfig& config : configs) {
    const RunConfig again = parsed(config.toml);
    BOOST_TEST(again.toml == config.toml);
    BOOST_TEST(again.weights_part == config.weights_part);
    BOOST_TEST(again.run.directory == config.run.directory);
    BOOST_TEST(again.optimizer.schedule.learning_rate == config.optimizer.schedule.learning_rate);
    BOOST_TEST(again.data.cache_bytes == config.data.cache_bytes);
    BOOST_TEST((again.checkpoint.every == config.checkpoint.every));
  }
}

BOOST_AUTO_TEST_CASE(every_change_shows_in_the_resolved_config) {
  for (const std::string& assignment : kShapeWeights)
    BOOST_TEST(changed(assignment).toml != reference().toml, assignment);
  for (const std::string& assignment : kShapeNothing)
    BOOST_TEST(changed(assignment).toml != reference().toml, assignment);
}

BOOST_AUTO_TEST_CASE(the_weights_part_holds_what_the_weights_depend_on_and_nothing_else) {
  for (const std::string& assignment : kShapeWeights) {
    BOOST_TEST(changed(assignment).weights_part != reference().weights_part, assignment);
  }
  for (const std::string& assignment : kShapeNothing) {
    BOOST_TEST(changed(assignment).weights_part == reference().weights_part, assignment);
  }
}

BOOST_AUTO_TEST_CASE(a_cosine_schedule_makes_the_weights_depend_on_the_length_of_the_run) {
  const auto with = [](const std::string& assignment) {
    return parsed(kReferenceConfig, {"optimizer.schedule=cosine", assignment}).weights_part;
  };
  BOOST_TEST(with("stop.epochs=60") != with("stop.epochs=61"));
  BOOST_TEST(with("stop.updates=100") != with("stop.updates=101"));
  BOOST_TEST(with("stop.patience=0") == with("stop.patience=3"));
}

// RESOLVED-2
BOOST_AUTO_TEST_CASE(the_weights_part_does_not_depend_on_how_the_file_is_written) {
  const std::string rewritten = R"(# other order, other spelling, defaults spelled out
checkpoint.keep = 3
stop = { epochs = 60 }
[policy]
leaves = 0x8
shards = 1
leaf_size = +1
[optimizer]
weight_decay = 0.0001
beta1 = 0.9
learning_rate = 0.002
[model]
dropout = 1e-1
kernel = 3
channels = [ 24,
             24 ]
[task]
factor = 4
kind = 'downscale'
[data]
test = ["1991-01","1992-12"]
validation = ["1989-01", "1990-12"]
train = ["1982-01", "1988-12"]
latitude = [87.5, -90.0]
inputs = ["UWND", "VWND"]
targets = ["UWND", "VWND"]
path = ["elsewhere.cdf"]
static = [{variable = "ROSE", derive = ["land", "height"], path = "moved.cdf"}]
)";
  BOOST_TEST(parsed(rewritten).weights_part == reference().weights_part);
}

BOOST_AUTO_TEST_CASE(the_weights_part_is_sorted_and_names_no_path) {
  const std::string& text = reference().weights_part;
  BOOST_TEST(text.find(".cdf") == std::string::npos);
  BOOST_TEST(text.substr(0, text.find('\n')) == "data.inputs = [\"UWND\", \"VWND\"]");
  BOOST_TEST(text.find("\noptimizer.learning_rate = 0.002\n") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::config
