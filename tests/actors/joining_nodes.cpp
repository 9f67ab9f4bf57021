#include "tests/actors/joining_nodes.hpp"

#include <utility>

#include <boost/test/unit_test.hpp>

namespace fulmar::actors::testing {

JoiningNodes::JoiningNodes(RunOptions& options, std::vector<std::uint32_t> slots)
    : options_(options), slots_(std::move(slots)) {
  options_.listen = [this](const RunContext& context) { return listen(context); };
}

std::vector<std::string> JoiningNodes::end() {
  std::vector<std::string> reasons;
  for (auto& running : running_) {
    const Result<NodeOutcome> outcome = running.get();
    BOOST_REQUIRE_MESSAGE(outcome.ok(), (outcome.ok() ? "" : outcome.error().message));
    BOOST_TEST(!outcome->failed, outcome->reason);
    reasons.push_back(outcome->reason);
  }
  return reasons;
}

std::shared_ptr<transport::HeadTransport> JoiningNodes::listen(const RunContext& context) {
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

}  // namespace fulmar::actors::testing
