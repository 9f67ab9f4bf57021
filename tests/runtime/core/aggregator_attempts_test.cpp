// An aggregator of an asynchronous policy: what it stages, orders, voids, and which bases it keeps.
#include <boost/test/unit_test.hpp>

#include "runtime/core/aggregator.hpp"
#include "tests/runtime/core/effects.hpp"

namespace fulmar::core {
namespace {

namespace effect = aggregator_effect;

constexpr Term kTerm = 3;

/// The lead of one shard or two; units of four leaves of one sample.
struct Lead {
  explicit Lead(std::uint32_t shards = 1) : aggregator(settings(shards), 0, 0, 0) {
    step(MemberAdmitted{1, 10});
    step(MemberAdmitted{2, 20});
  }
  static AggregatorSettings settings(std::uint32_t shards) {
    AggregatorSettings settings;
    settings.shape = {1, 400, 0, 1, 4};
    settings.term = kTerm;
    settings.shards = shards;
    settings.policy = {PolicyKind::async, 0, OnStale::wait};
    return settings;
  }
  AggregatorEffects step(const AggregatorEvent& event) { return aggregator.step(Time{}, event); }
  AggregatorEffects grant(LeaseNumber lease, NodeId node, Unit unit, Version base) {
    return step(UnitGranted{{lease, node, 10 * node, unit, base}});
  }
  AggregatorEffects push(LeaseNumber lease, NodeId node, Unit unit, Version base, Block block = {2, 0}) {
    return step(BlockPushed{{node, 10 * node, kTerm}, base, block, 1, true, 1, 1, lease, unit});
  }
  AggregatorEffects report(ShardId shard, LeaseNumber lease, Version base) {
    return step(RootReport{shard, base, true, 1, 1, {1.0}, lease});
  }
  static std::string drop_reason(const AggregatorEffects& effects) {
    const auto drops = all_of_kind<effect::Drop>(effects);
    return drops.empty() ? "" : drops.front().reason;
  }
  static std::optional<VerdictReached> verdict(const AggregatorEffects& effects) {
    const auto sent = all_of_kind<effect::SendVerdict>(effects);
    return sent.empty() ? std::nullopt : std::optional(sent.front().reached);
  }

  Aggregator aggregator;
};

BOOST_FIXTURE_TEST_SUITE(aggregator_attempts, Lead)

BOOST_AUTO_TEST_CASE(an_attempt_is_staged_reported_and_applied_by_its_verdict) {
  const auto slices = all_of_kind<effect::SendSlice>(grant(1, 1, 0, 0));
  BOOST_REQUIRE(slices.size() == 1);
  BOOST_TEST((slices[0].incarnation == 10 && slices[0].version == 0 && slices[0].lease == 1));
  const AggregatorEffects staged = push(1, 1, 0, 0);
  BOOST_TEST(all_of_kind<effect::Keep>(staged).at(0).lease == 1);
  BOOST_TEST(all_of_kind<effect::ReportRoot>(staged).at(0).lease == 1);
  const auto reached = verdict(report(0, 1, 0));
  BOOST_REQUIRE(reached.has_value());
  BOOST_TEST((reached->verdict.attempt == Attempt{1, 1, 10, 0, 0}));
  const AggregatorEffects applied = step(*reached);
  BOOST_TEST(all_of_kind<effect::Apply>(applied).size() == 1);
  const auto published = all_of_kind<effect::Publish>(applied);
  BOOST_REQUIRE(published.size() == 1);
  BOOST_TEST((!published[0].to_all_but && published[0].members.empty()));  // to nobody who has not leased from it
  BOOST_TEST(aggregator.version() == 1);
}

BOOST_AUTO_TEST_CASE(what_is_not_as_it_was_leased_is_dropped_with_its_reason) {
  grant(1, 1, 3, 0);
  BOOST_TEST(drop_reason(push(1, 2, 3, 0)) == "absent");  // another holder
  BOOST_TEST(drop_reason(push(1, 1, 4, 0)) == "absent");
  BOOST_TEST(drop_reason(push(1, 1, 3, 0, {1, 0})) == "absent");  // a half
  BOOST_TEST(drop_reason(push(2, 1, 3, 0)) == "revoked");
  BOOST_TEST(drop_reason(push(0, 1, 0, 0)) == "other_policy");
  BOOST_TEST(drop_reason(push(1, 1, 3, 0)) == "");
  BOOST_TEST(drop_reason(push(1, 1, 3, 0)) == "duplicate");
}

// SEQ-2
BOOST_AUTO_TEST_CASE(a_lease_that_ends_before_its_attempt_is_complete_is_void_everywhere) {
  grant(1, 1, 0, 0);
  const AggregatorEffects ended = step(LeaseEnded{1});
  BOOST_TEST(all_of_kind<effect::SendDecision>(ended).size() == 1);
  BOOST_TEST(all_of_kind<effect::Tell>(ended).size() == 1);
  BOOST_TEST(drop_reason(push(1, 1, 0, 0)) == "revoked");
}

BOOST_AUTO_TEST_CASE(a_staged_attempt_whose_lease_is_void_is_discarded) {
  Lead lead(2);
  lead.grant(1, 1, 0, 0);
  lead.push(1, 1, 0, 0);
  lead.report(0, 1, 0);  // the other shard has not staged it
  const auto decisions = all_of_kind<effect::SendDecision>(lead.step(LeaseEnded{1}));
  BOOST_REQUIRE(decisions.size() == 1);
  const auto discarded = all_of_kind<effect::Discard>(lead.step(std::get<AttemptVoided>(decisions[0].decision)));
  BOOST_REQUIRE(discarded.size() == 1);
  BOOST_TEST(discarded[0].lease == 1);
  BOOST_TEST(!verdict(lead.report(1, 1, 0)).has_value());
}

BOOST_AUTO_TEST_CASE(a_complete_attempt_is_not_voided_by_the_end_of_its_lease) {
  grant(1, 1, 0, 0);
  push(1, 1, 0, 0);
  const auto reached = verdict(report(0, 1, 0));
  BOOST_TEST(!has<effect::SendDecision>(step(LeaseEnded{1})));
  BOOST_TEST(has<effect::Apply>(step(*reached)));
}

BOOST_AUTO_TEST_CASE(one_verdict_at_a_time_and_the_supervisor_hears_of_who_waits_for_the_turn) {
  grant(1, 1, 0, 0);
  grant(2, 2, 1, 0);
  push(1, 1, 0, 0);
  push(2, 2, 1, 0);
  const auto first = verdict(report(0, 1, 0));
  const AggregatorEffects waits = report(0, 2, 0);
  BOOST_TEST(!verdict(waits).has_value());
  BOOST_TEST(all_of_kind<effect::Tell>(waits).size() == 1);
  const auto second = verdict(step(*first));
  BOOST_REQUIRE(second.has_value());
  BOOST_TEST((second->verdict.base == 1 && second->verdict.staleness() == 1));
}

// AGG-5
BOOST_AUTO_TEST_CASE(a_version_is_kept_as_a_base_until_only_newer_ones_can_be_granted) {
  grant(1, 1, 0, 0);
  push(1, 1, 0, 0);
  const AggregatorEffects applied = step(*verdict(report(0, 1, 0)));
  BOOST_TEST(all_of_kind<effect::KeepBase>(applied).at(0).version == 0);
  BOOST_TEST(!has<effect::ForgetBase>(applied));
  BOOST_TEST(all_of_kind<effect::SendSlice>(grant(2, 2, 1, 0)).at(0).version == 0);  // it was granted before it heard
  const auto forgotten = all_of_kind<effect::ForgetBase>(grant(3, 1, 2, 1));
  BOOST_REQUIRE(forgotten.size() == 1);
  BOOST_TEST(forgotten[0].version == 0);
}

BOOST_AUTO_TEST_CASE(rounds_begin_with_the_version_that_the_lead_says_and_are_sent_to_all) {
  const auto decisions = all_of_kind<effect::SendDecision>(step(PolicyRequested{PolicySettings{}}));
  BOOST_REQUIRE(decisions.size() == 1);
  const auto begins = std::get<PolicyBegins>(decisions[0].decision);
  BOOST_TEST(begins.version == 0);
  step(begins);
  BOOST_TEST(drop_reason(push(0, 1, 0, 0)) == "");
  const AggregatorEffects applied = step(*verdict(step(RootReport{0, 0, true, 1, 1, {1.0}, 0})));
  BOOST_TEST(all_of_kind<effect::Publish>(applied).at(0).to_all_but);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
