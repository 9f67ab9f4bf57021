// A head and its nodes on real sockets, in one process and so under the sanitizers: the same bits as without a network.
#include <string>
#include <utility>

#include <boost/test/unit_test.hpp>

#include "tests/actors/joining_nodes.hpp"

namespace fulmar::actors::testing {
namespace {

const RunResult& undisturbed() {
  static const RunResult result = run({});
  return result;
}

void check_same_run(const RunResult& result) {
  BOOST_TEST(result.failure == "");
  BOOST_TEST(result.outcome.completed);
  BOOST_TEST(result.weights_digest == undisturbed().weights_digest);
  BOOST_TEST((result.outcome.state == undisturbed().outcome.state));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(cluster)

BOOST_AUTO_TEST_CASE(a_head_that_computes_nothing_gets_the_same_weights_from_its_nodes) {
  for (const std::uint32_t shards : {1U, 3U}) {
    RunOptions options;
    options.slots = 0;
    options.shards = shards;
    options.through_train = true;
    JoiningNodes nodes(options, {1, 2});
    const RunResult result = run(options);
    check_same_run(result);
    for (const std::string& reason : nodes.end()) BOOST_TEST(reason.ends_with(": the run is complete"), reason);
    BOOST_TEST(result.outcome.nodes_seen >= 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_node_that_leaves_changes_no_weights) {
  RunOptions options;
  options.slots = 0;
  options.through_train = true;
  options.pace = std::make_shared<Pace>();
  JoiningNodes nodes(options, {1, 1});
  bool asked = false;  // on the supervisor's thread only
  options.on_version = [&](core::Version version) {
    if (version >= 2 && !std::exchange(asked, true)) nodes.leave();
  };
  const RunResult result = run(options);
  check_same_run(result);
  nodes.end();
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::actors::testing
