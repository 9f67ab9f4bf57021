// What a status says, and which node a drain means.
#include "actors/run_status.hpp"

#include <chrono>
#include <string>

#include <boost/test/unit_test.hpp>

#include "tests/actors/training_harness.hpp"

namespace fulmar::actors::testing {
namespace {

using std::chrono::milliseconds;

constexpr core::NodeId kLocal = 1, kFirst = 2, kSecond = 3;

/// The head's own worker and two nodes of one name; the first of them has computed.
class Members {
 public:
  Members() : context_(context_of({})), run_(context_->supervision, {}) {
    run_.start(now_);
    for (const char* name : {"head", "gpu", "gpu"}) {
      run_.step(now_, core::Join{name, 2, ++instance_, 1, instance_ == kLocal});
    }
  }

  void beat(core::NodeId node, double leaves_per_second) {
    run_.step(now_, core::Beat{run_.members().sender(node), 0, leaves_per_second});
  }
  void pass(core::Time time) { run_.step(now_ += time, core::supervisor_event::Tick{}); }
  void drain(core::NodeId node) { run_.step(now_, core::supervisor_event::DrainRequested{node}); }

  transport::Status status() const { return status_of(run_, *context_, 100); }
  std::string refusal(const std::string& word) const {
    const Result<core::NodeId> meant = member_to_drain(run_.members(), word);
    BOOST_REQUIRE(!meant.ok());
    return meant.error().message;
  }
  core::NodeId meant(const std::string& word) const {
    const Result<core::NodeId> meant = member_to_drain(run_.members(), word);
    return meant ? *meant : 0;
  }

 private:
  std::shared_ptr<const RunContext> context_;
  core::Time now_ = std::chrono::hours(1);
  std::uint64_t instance_ = 0;
  core::Supervisor run_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(run_status)

BOOST_AUTO_TEST_CASE(a_status_has_a_row_for_each_member) {
  Members members;
  members.beat(kLocal, 3);
  members.pass(milliseconds(200));
  const transport::Status status = members.status();
  BOOST_TEST(status.run == "0123456789abcdef0123456789abcdef");
  BOOST_TEST(status.version == 0U);
  BOOST_TEST(!status.loss.has_value());  // no round is out
  BOOST_TEST(status.samples_per_second == 100);
  BOOST_TEST(status.policy == "sync");
  BOOST_REQUIRE(status.nodes.size() == 3U);

  const transport::NodeStatus& local = status.nodes[0];
  BOOST_TEST(local.name == "head");
  BOOST_TEST(local.node == kLocal);
  BOOST_TEST(local.state == "active");
  BOOST_TEST(local.slots == 2U);
  BOOST_TEST(local.samples_per_second == 3);  // a leaf of this run has one sample
  BOOST_TEST(local.share == 1);
  BOOST_TEST(local.last_seen_seconds == 0);

  const transport::NodeStatus& node = status.nodes[1];
  BOOST_TEST(node.state == "fetching");
  BOOST_TEST(node.share == 0);
  BOOST_TEST(node.last_seen_seconds == 0.2, boost::test_tools::tolerance(1e-9));
}

BOOST_AUTO_TEST_CASE(a_node_is_meant_by_its_number_or_by_a_name_that_it_alone_has) {
  const Members members;
  BOOST_TEST(members.meant("2") == kFirst);
  BOOST_TEST(members.meant("3") == kSecond);
  BOOST_TEST(members.refusal("gpu") == "2 nodes are called \"gpu\"; say which by its number: 2, 3");
  BOOST_TEST(members.refusal("cpu") ==
             "there is no node \"cpu\" in the run; its nodes are: 1 (head), 2 (gpu), 3 (gpu)");
  BOOST_TEST(members.refusal("17").starts_with("there is no node \"17\""));
  BOOST_TEST(members.refusal("").starts_with("there is no node \"\""));
}

BOOST_AUTO_TEST_CASE(the_heads_own_worker_stays) {
  const Members members;
  for (const char* word : {"1", "head"}) {
    const std::string refusal = members.refusal(word);
    BOOST_TEST(refusal.starts_with("node 1 (head) is the head's own worker"), refusal);
    BOOST_TEST(refusal.ends_with("--resume --slots 0"), refusal);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::actors::testing
