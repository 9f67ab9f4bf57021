// A supervisor of asynchronous policies: grants, the gate, revocation, the journal, changes of policy.
#include <algorithm>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/core/supervised_cluster.hpp"

namespace fulmar::core {
namespace {

namespace effect = supervisor_effect;
namespace event = supervisor_event;

PolicySettings bounded(std::uint64_t staleness, OnStale on_stale = OnStale::wait) {
  return {PolicyKind::bounded, staleness, on_stale};
}

SupervisorSettings working_by(const PolicySettings& policy) {
  SupervisorSettings settings = small_rounds();
  settings.policy = policy;
  return settings;
}

struct Units : SupervisedCluster {
  explicit Units(const PolicySettings& policy = bounded(1)) : SupervisedCluster(working_by(policy)) {}
  explicit Units(const SupervisorSettings& settings) : SupervisedCluster(settings) {}

  template <class Message>
  std::vector<Message> told_shards() const {
    std::vector<Message> messages;
    for (const effect::SendToAggregators& send : all<effect::SendToAggregators>()) {
      if (const auto* message = std::get_if<Message>(&send.message)) messages.push_back(*message);
    }
    return messages;
  }
  std::vector<Attempt> granted() const {
    std::vector<Attempt> attempts;
    for (const UnitGranted& grant : told_shards<UnitGranted>()) attempts.push_back(grant.attempt);
    return attempts;
  }
  void apply(const Attempt& attempt) {
    Verdict verdict;
    verdict.base = supervisor.state().version;
    verdict.attempt = attempt;
    verdict.loss_sum = verdict.weight_sum = 1;
    step(VerdictReached{verdict});
    step(ShardPublished{0, verdict.base + 1});
  }
  template <class Record>
  std::vector<Record> recorded() const {
    std::vector<Record> records;
    for (const effect::Record& record : all<effect::Record>()) {
      if (const auto* found = std::get_if<Record>(&record.record)) records.push_back(*found);
    }
    return records;
  }
};

BOOST_AUTO_TEST_SUITE(supervisor_units)

BOOST_AUTO_TEST_CASE(each_member_leases_a_unit_as_far_as_the_bound_lets_them) {
  Units cluster;
  cluster.active(1, 1);
  cluster.active(2, 1);
  cluster.active(3, 1);
  BOOST_REQUIRE(cluster.granted().size() == 2);
  BOOST_TEST((cluster.granted()[0].unit == 0 && cluster.granted()[1].unit == 1));
  cluster.apply(cluster.granted()[1]);
  BOOST_TEST(cluster.granted().size() == 2);  // the oldest lease has no room any longer
  cluster.apply(cluster.granted()[0]);
  BOOST_REQUIRE(cluster.granted().size() == 4);
  BOOST_TEST((cluster.granted()[2].base == 2 && cluster.granted()[3].base == 2));
  BOOST_TEST(cluster.supervisor.staleness_max() == 1);
}

// SUP-8
BOOST_AUTO_TEST_CASE(every_update_is_recorded_in_order) {
  Units cluster;
  cluster.active(1, 1);
  cluster.active(2, 1);
  const std::vector<Attempt> first = cluster.granted();
  cluster.apply(first[1]);
  cluster.apply(first[0]);
  const auto updates = cluster.recorded<UpdateApplied>();
  BOOST_REQUIRE(updates.size() == 2);
  BOOST_TEST((updates[0].version == 1 && updates[0].attempt == first[1]));
  BOOST_TEST((updates[1].version == 2 && updates[1].attempt == first[0]));
}

BOOST_AUTO_TEST_CASE(a_lost_members_unit_is_leased_again_when_the_lead_has_answered_and_not_before) {
  Units cluster(bounded(4));
  const Sender first = cluster.active(1, 1);
  cluster.step(event::MemberGone{first, "killed"});
  BOOST_TEST(cluster.told_shards<LeaseEnded>().size() == 1);
  cluster.active(2, 1);
  BOOST_REQUIRE(cluster.granted().size() == 2);
  BOOST_TEST(cluster.granted()[1].unit == 1);
  cluster.step(AttemptVoided{cluster.granted()[0].lease});
  cluster.active(3, 1);
  BOOST_REQUIRE(cluster.granted().size() == 3);
  BOOST_TEST(cluster.granted()[2].unit == 0);
}

BOOST_AUTO_TEST_CASE(a_unit_is_revoked_when_the_bound_holds_others_up_and_the_policy_says_so) {
  for (const OnStale on_stale : {OnStale::wait, OnStale::revoke}) {
    Units cluster(bounded(1, on_stale));
    cluster.active(1, 1);
    cluster.active(2, 1);
    cluster.apply(cluster.granted()[1]);
    BOOST_TEST(cluster.told_shards<LeaseEnded>().size() == (on_stale == OnStale::revoke ? 1U : 0U));
  }
}

BOOST_AUTO_TEST_CASE(a_unit_that_takes_far_too_long_is_given_to_another_where_there_is_one) {
  for (const std::uint64_t nodes : {1U, 2U}) {
    Units cluster(bounded(16));
    std::vector<Sender> members;
    for (std::uint64_t node = 1; node <= nodes; ++node) members.push_back(cluster.active(node, 100));
    cluster.pass(std::chrono::milliseconds(100));
    cluster.apply(cluster.granted()[0]);  // so long it takes
    for (int beats = 0; beats < 100; ++beats) {
      for (const Sender& member : members) cluster.beat(member, 100);
      cluster.pass(Liveness{}.beat());
    }
    BOOST_TEST(cluster.told_shards<LeaseEnded>().empty() == (nodes == 1));
  }
}

// SUP-7
BOOST_AUTO_TEST_CASE(nothing_is_leased_across_a_checkpoint) {
  SupervisorSettings settings = working_by(bounded(16));
  settings.checkpoint_every_rounds = 2;
  Units cluster(settings);
  for (const std::uint64_t node : {1U, 2U, 3U}) cluster.active(node, 1);
  BOOST_REQUIRE(cluster.granted().size() == 2);
  cluster.apply(cluster.granted()[1]);
  BOOST_TEST(cluster.granted().size() == 2);
  cluster.apply(cluster.granted()[0]);
  BOOST_TEST(cluster.granted().size() == 4);
  BOOST_TEST(cluster.all<effect::WriteCheckpoint>().size() == 1);
}

BOOST_AUTO_TEST_CASE(units_become_rounds_when_what_is_under_way_is_in) {
  Units cluster;
  cluster.active(1, 1);
  cluster.active(2, 1);
  cluster.step(event::PolicyRequested{PolicySettings{}, "somebody"});
  BOOST_TEST(cluster.told_shards<PolicyRequested>().empty());
  const std::vector<Attempt> under_way = cluster.granted();
  cluster.apply(under_way[0]);
  BOOST_TEST(cluster.told_shards<PolicyRequested>().empty());
  cluster.apply(under_way[1]);
  BOOST_TEST(cluster.told_shards<PolicyRequested>().size() == 1);
  BOOST_TEST(cluster.granted().size() == 2);
  cluster.step(PolicyTaken{0, 2});
  BOOST_TEST(cluster.supervisor.works_in_rounds());
  const auto switches = cluster.recorded<PolicySwitched>();
  BOOST_REQUIRE(switches.size() == 1);
  BOOST_TEST((switches[0].version == 2 && switches[0].policy == "sync" && switches[0].reason == "somebody"));
  BOOST_TEST(cluster.plans.size() == 2);
  cluster.publish();
  BOOST_TEST(cluster.supervisor.state().version == 3);
}

BOOST_AUTO_TEST_CASE(rounds_become_units_at_the_version_that_the_lead_says) {
  Units cluster{PolicySettings{}};
  cluster.active(1, 1);
  cluster.publish();
  cluster.step(event::PolicyRequested{bounded(2), "somebody"});
  BOOST_TEST(cluster.told_shards<PolicyRequested>().size() == 1);
  cluster.publish();  // the lead had sent that verdict before
  cluster.step(PolicyTaken{0, 2});
  BOOST_REQUIRE(cluster.granted().size() == 1);
  BOOST_TEST((cluster.granted()[0].unit == 2 && cluster.granted()[0].base == 2));
  BOOST_TEST(cluster.recorded<PolicySwitched>().at(0).policy == "bounded:2");
}

BOOST_AUTO_TEST_CASE(a_policy_that_is_in_force_already_is_refused_with_the_reason) {
  Units cluster(bounded(1));
  BOOST_TEST(cluster.supervisor.reason_to_keep_policy(bounded(1)).has_value());
  BOOST_TEST(!cluster.supervisor.reason_to_keep_policy(bounded(2)).has_value());
  cluster.step(event::StopRequested{"enough"});
  BOOST_TEST(cluster.supervisor.reason_to_keep_policy(bounded(2)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
