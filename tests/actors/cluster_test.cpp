// A head and its nodes on real sockets, in one process and so under the sanitizers: the same bits as without a network.
#include <deque>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "actors/node_run.hpp"
#include "tests/actors/training_harness.hpp"

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

/// Nodes that take part in a run, each on a thread of its own, as soon as its head listens.
class Nodes {
 public:
  /// `slots`: of each node.
  Nodes(RunOptions& options, std::vector<std::uint32_t> slots) : options_(options), slots_(std::move(slots)) {
    options_.listen = [this](const RunContext& context) { return listen(context); };
  }

  /// Asks the first one to leave.
  void leave() { first_leaves_.get_future().get()(); }
  /// Why each is over, by node; fails the test where something went wrong.
  std::vector<std::string> end() {
    std::vector<std::string> reasons;
    for (auto& running : running_) {
      const Result<NodeOutcome> outcome = running.get();
      BOOST_REQUIRE_MESSAGE(outcome.ok(), (outcome.ok() ? "" : outcome.error().message));
      BOOST_TEST(!outcome->failed, outcome->reason);
      reasons.push_back(outcome->reason);
    }
    return reasons;
  }

 private:
  class Silent final : public NodeObserver {
    void on_joined(core::NodeId) override {}
    void on_lost(const std::string&) override {}
    void on_put_off(const std::string&) override {}
    void on_leaving() override {}
  };

  std::shared_ptr<transport::HeadTransport> listen(const RunContext& context) {
    const transport::Credentials credentials{"the data", "the arithmetic"};
    transport::HeadSettings settings;
    settings.endpoint = {transport::Endpoint::Kind::ipc, "", 0, directory_.path() + "/head.socket"};
    settings.run = *transport::parse_run_id(context.manifest.run_id);
    settings.term = context.term;
    settings.offer.liveness = context.supervision.liveness.value;
    settings.credentials = credentials;
    settings.shard_floats = shard_floats(context.shards);
    auto listening = transport::HeadTransport::listen(std::move(settings), context.pool);
    BOOST_REQUIRE_MESSAGE(listening.ok(), (listening.ok() ? "" : listening.error().message));
    for (std::size_t node = 0; node < slots_.size(); ++node) {
      NodeStart start{context_of(options_),
                      (*listening)->endpoint(),
                      {},
                      credentials,
                      "node " + std::to_string(node),
                      slots_[node],
                      &silent_};
      running_.push_back(std::async(std::launch::async, [this, node, start = std::move(start)]() mutable {
        return take_part(std::move(start), [&](RequestLeave request) {
          if (node == 0) first_leaves_.set_value(std::move(request));
        });
      }));
    }
    return std::move(*listening);
  }

  RunOptions& options_;
  std::vector<std::uint32_t> slots_;
  ScratchDirectory directory_;
  Silent silent_;
  std::promise<RequestLeave> first_leaves_;
  std::deque<std::future<Result<NodeOutcome>>> running_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(cluster)

BOOST_AUTO_TEST_CASE(a_head_that_computes_nothing_gets_the_same_weights_from_its_nodes) {
  for (const std::uint32_t shards : {1U, 3U}) {
    RunOptions options;
    options.slots = 0;
    options.shards = shards;
    Nodes nodes(options, {1, 2});
    const RunResult result = run(options);
    check_same_run(result);
    for (const std::string& reason : nodes.end()) BOOST_TEST(reason.ends_with(": the run is complete"), reason);
    BOOST_TEST(result.outcome.nodes_seen >= 1U);
  }
}

BOOST_AUTO_TEST_CASE(a_node_that_leaves_changes_no_weights) {
  RunOptions options;
  options.slots = 0;
  options.pace = std::make_shared<Pace>();
  Nodes nodes(options, {1, 1});
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
