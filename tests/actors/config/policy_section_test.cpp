// How a config says in which order updates come in, and what is done about stale ones.
#include <boost/test/unit_test.hpp>

#include "actors/config/run_config.hpp"
#include "tests/actors/config/reference_config.hpp"

namespace fulmar::config {
namespace {

using Overrides = std::vector<std::string>;

RunConfig parsed(const Overrides& overrides) {
  const auto config = parse_run_config(kReferenceConfig, "RUN.toml", overrides);
  BOOST_REQUIRE_MESSAGE(config.ok(), (config.ok() ? "" : config.error().message));
  return *config;
}

void refuses(const std::string& assignment, const std::string& said) {
  const auto config = parse_run_config(kReferenceConfig, "RUN.toml", {assignment});
  BOOST_REQUIRE_MESSAGE(!config.ok(), "accepted: " + assignment);
  const std::string key = assignment.substr(0, assignment.find('='));
  BOOST_TEST(config.error().message == "--set " + assignment + ": key `" + key + "` " + said);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(policy_section)

BOOST_AUTO_TEST_CASE(a_run_is_synchronous_and_without_remedies_by_default) {
  const RunConfig config = parsed({});
  BOOST_TEST(core::to_string(config.policy.settings) == "sync");
  BOOST_TEST(config.policy.settings.staleness == 4u);
  BOOST_TEST((config.policy.settings.on_stale == core::OnStale::wait));
  BOOST_TEST(!config.optimizer.remedies.scale_learning_rate);
  BOOST_TEST(config.optimizer.remedies.delay_compensation == 0.0);
}

BOOST_AUTO_TEST_CASE(every_key_reaches_what_it_sets) {
  const RunConfig config = parsed({"policy.kind=bounded", "policy.staleness=16", "policy.on_stale=revoke",
                                   "policy.scale_learning_rate=true", "policy.delay_compensation=0.04"});
  BOOST_TEST(core::to_string(config.policy.settings) == "bounded:16");
  BOOST_TEST((config.policy.settings.on_stale == core::OnStale::revoke));
  BOOST_TEST(config.optimizer.remedies.scale_learning_rate);
  BOOST_TEST(config.optimizer.remedies.delay_compensation == 0.04);
  BOOST_TEST(core::to_string(parsed({"policy.kind=async"}).policy.settings) == "async");
  BOOST_TEST(core::to_string(parsed({"policy.kind=bounded", "policy.staleness=0"}).policy.settings) == "bounded:0");
  BOOST_TEST(core::to_string(parsed({"policy.kind=bounded", "policy.staleness=65536"}).policy.settings) ==
             "bounded:65536");
}

// A live switch to `bounded` falls back on it.
BOOST_AUTO_TEST_CASE(the_bound_is_kept_where_there_is_none) {
  const RunConfig config = parsed({"policy.staleness=9"});
  BOOST_TEST(core::to_string(core::parse_policy("bounded", config.policy.settings).value()) == "bounded:9");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_is_refused_by_key) {
  refuses("policy.kind=bounded:4", "= \"bounded:4\" is unknown; did you mean \"bounded\"?");
  refuses("policy.kind=local", "= \"local\" is unknown; expected one of: sync, bounded, async");
  refuses("policy.staleness=-1", "= -1 is impossible; allowed: 0 to 65536");
  refuses("policy.staleness=65537", "= 65537 is impossible; allowed: 0 to 65536");
  refuses("policy.staleness=4.0", "must be a whole number, found the number 4.0");
  refuses("policy.on_stale=revok", "= \"revok\" is unknown; did you mean \"revoke\"?");
  refuses("policy.scale_learning_rate=1", "must be true or false, without quotes, found the whole number 1");
  refuses("policy.scale_learning_rate='true'", "must be true or false, without quotes, found the text \"true\"");
  refuses("policy.delay_compensation=-0.1", "= -0.1 is impossible; allowed: at least 0.0 and at most 1e+37");
  refuses("policy.delay_compensation=nan", "= nan is impossible; allowed: at least 0.0 and at most 1e+37");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::config
