// What a status says, and which node a drain means.
#include "actors/run_status.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/actors/training_harness.hpp"

namespace fulmar::actors::testing {
namespace {

using std::chrono::milliseconds;

constexpr core::NodeId kLocal = 1, kFirst = 2, kSecond = 3;

/// The head's own worker and two nodes of one name; the first of them has computed.
class Members {
 public:
  explicit Members(const core::PolicySettings& policy = {})
      : context_(context_of({})), run_(supervision(*context_, policy), {}) {
    run_.start(now_);
    for (const char* name : {"head", "gpu", "gpu"}) {
      ++instance_;
      step(core::Join{name, 2, instance_, 1, instance_ == kLocal});
    }
  }

  void beat(core::NodeId node, double leaves_per_second) {
    step(core::Beat{run_.members().sender(node), run_.state().version, leaves_per_second});
  }
  void pass(core::Time time) {
    now_ += time;
    step(core::supervisor_event::Tick{});
  }
  /// The unit that was leased so becomes the next update.
  void apply(const core::Attempt& attempt) {
    core::Verdict verdict;
    verdict.base = run_.state().version;
    verdict.weight_sum = 1;
    verdict.updates_before = verdict.base;
    verdict.attempt = attempt;
    step(core::VerdictReached{verdict});
    step(core::ShardPublished{0, verdict.base + 1});
  }
  const std::vector<core::Attempt>& leased() const { return leased_; }
  void drain(core::NodeId node) { step(core::supervisor_event::DrainRequested{node}); }

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
  static core::SupervisorSettings supervision(const RunContext& context, const core::PolicySettings& policy) {
    core::SupervisorSettings settings = context.supervision;
    settings.policy = policy;
    return settings;
  }
  void step(const core::SupervisorEvent& event) {
    for (const core::SupervisorEffect& effect : run_.step(now_, event)) {
      const auto* sent = std::get_if<core::supervisor_effect::SendToAggregators>(&effect);
      const auto* granted = sent == nullptr ? nullptr : std::get_if<core::UnitGranted>(&sent->message);
      if (granted != nullptr) leased_.push_back(granted->attempt);
    }
  }

  std::shared_ptr<const RunContext> context_;
  core::Time now_ = std::chrono::hours(1);
  std::uint64_t instance_ = 0;
  core::Supervisor run_;
  std::vector<core::Attempt> leased_;
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

BOOST_AUTO_TEST_CASE(a_status_says_how_stale_updates_are_and_who_waits) {
  Members members({core::PolicyKind::bounded, 1, core::OnStale::wait});
  for (const core::NodeId node : {kLocal, kFirst, kSecond}) members.beat(node, 3);
  BOOST_REQUIRE(members.leased().size() == 2U);  // S + 1 at once
  members.pass(milliseconds(200));
  const transport::Status waiting = members.status();
  BOOST_TEST(waiting.policy == "bounded:1");
  BOOST_TEST(waiting.units_in_flight == 2U);
  BOOST_TEST(waiting.gate_idle_seconds == 0.2, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(waiting.nodes[0].gate_idle_seconds == 0);
  BOOST_TEST(waiting.nodes[2].gate_idle_seconds == 0.2, boost::test_tools::tolerance(1e-9));

  const std::vector<core::Attempt> both = members.leased();
  for (const core::Attempt& attempt : both) members.apply(attempt);
  const transport::Status status = members.status();
  BOOST_TEST(status.version == 2U);
  BOOST_TEST(status.staleness_max == 1U);
  BOOST_TEST(status.nodes[0].staleness == 0U);
  BOOST_TEST(status.nodes[1].staleness == 1U);
  BOOST_TEST(status.gate_idle_seconds >= 0.2);
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
