// Nodes that take part in a run over real sockets, each on a thread of this process, as soon as its head listens.
#pragma once

#include <cstdint>
#include <deque>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "actors/node_run.hpp"
#include "tests/actors/training_harness.hpp"

namespace fulmar::actors::testing {

class JoiningNodes {
 public:
  /// Has the run with these options listen. `slots`: of each node.
  JoiningNodes(RunOptions& options, std::vector<std::uint32_t> slots);

  /// Asks the first one to leave.
  void leave() { first_leaves_.get_future().get()(); }
  /// Why each is over, by node; fails the test where something went wrong.
  std::vector<std::string> end();

 private:
  class Silent final : public NodeObserver {
    void on_joined(core::NodeId) override {}
    void on_lost(const std::string&) override {}
    void on_put_off(const std::string&) override {}
    void on_leaving() override {}
  };

  std::shared_ptr<transport::HeadTransport> listen(const RunContext& context);

  RunOptions& options_;
  std::vector<std::uint32_t> slots_;
  ScratchDirectory directory_;
  Silent silent_;
  std::promise<RequestLeave> first_leaves_;
  std::deque<std::future<Result<NodeOutcome>>> running_;
};

}  // namespace fulmar::actors::testing
