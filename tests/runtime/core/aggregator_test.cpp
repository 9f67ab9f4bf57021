#include "runtime/core/aggregator.hpp"

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/core/effects.hpp"

namespace fulmar::core {
namespace {

namespace effect = aggregator_effect;

constexpr Term kTerm = 3;

/// Rounds of 4 leaves of 1 sample, 2 rounds an epoch, validated at its end.
AggregatorSettings settings(ShardId shard = 0, std::uint32_t shards = 1) {
  return {{1, 8, 2, 1, 4}, kTerm, shard, shards, {}, 0};
}

BlockPushed push(Version base, const Block& block, Incarnation incarnation = 10, std::uint64_t digest = 1) {
  return {{static_cast<NodeId>(incarnation / 10), incarnation, kTerm}, base, block, digest, true, 1.0, 1.0};
}

std::string drop_reason(const AggregatorEffects& effects) {
  const auto drops = all_of_kind<effect::Drop>(effects);
  return drops.empty() ? "" : drops.front().reason;
}

/// Takes the whole round and its verdict.
AggregatorEffects complete_round(Aggregator& aggregator, Action action = Action::apply) {
  const Version base = aggregator.version();
  aggregator.step(push(base, {2, 0}));
  Verdict verdict;
  verdict.base = base;
  verdict.action = action;
  return aggregator.step(VerdictReached{verdict});
}

struct Fixture {
  Aggregator aggregator{settings(), 0, 0, 0};
  Fixture() { aggregator.step(MemberAdmitted{1, 10}); }
};

BOOST_FIXTURE_TEST_SUITE(aggregator, Fixture)

// AGG-2
BOOST_AUTO_TEST_CASE(what_is_of_another_term_incarnation_or_round_is_dropped_with_its_reason) {
  BlockPushed old_term = push(0, {0, 0});
  old_term.sender.term = kTerm - 1;
  BOOST_TEST(drop_reason(aggregator.step(old_term)) == "old_term");
  BOOST_TEST(drop_reason(aggregator.step(push(0, {0, 0}, 20))) == "old_incarnation");
  BOOST_TEST(drop_reason(aggregator.step(push(1, {0, 0}))) == "ahead");
  BOOST_TEST(drop_reason(aggregator.step(push(0, {0, 9}))) == "absent");
  complete_round(aggregator);
  BOOST_TEST(drop_reason(aggregator.step(push(0, {0, 0}))) == "late");
  aggregator.step(MemberLost{10});
  BOOST_TEST(drop_reason(aggregator.step(push(1, {0, 0}))) == "old_incarnation");
}

// AGG-1
BOOST_AUTO_TEST_CASE(a_version_is_published_after_its_tree_and_its_verdict) {
  BOOST_TEST(!has<effect::ReportRoot>(aggregator.step(push(0, {1, 0}))));
  AggregatorEffects effects = aggregator.step(push(0, {1, 1}));
  BOOST_TEST(has<effect::Combine>(effects));
  const auto reports = all_of_kind<effect::ReportRoot>(effects);
  BOOST_REQUIRE(reports.size() == 1U);
  BOOST_TEST(reports[0].loss_sum == 2.0);
  BOOST_TEST(!has<effect::Publish>(effects));

  effects = aggregator.step(RootReport{0, 0, true, 2.0, 2.0, {1.0}});
  const auto verdicts = all_of_kind<effect::SendVerdict>(effects);
  BOOST_REQUIRE(verdicts.size() == 1U);
  effects = aggregator.step(VerdictReached{verdicts[0].verdict});
  BOOST_REQUIRE(effects.size() == 2U);
  BOOST_TEST(std::holds_alternative<effect::Apply>(effects[0]));
  BOOST_TEST(std::get<effect::Publish>(effects[1]).version == 1U);
  BOOST_TEST(aggregator.step(VerdictReached{verdicts[0].verdict}).empty());
}

BOOST_AUTO_TEST_CASE(the_lead_waits_for_every_shard_and_counts_each_once) {
  Aggregator lead(settings(0, 3), 0, 0, 0);
  BOOST_TEST(lead.step(RootReport{0, 0, true, 1, 1, {}}).empty());
  BOOST_TEST(lead.step(RootReport{2, 0, true, 1, 1, {}}).empty());
  BOOST_TEST(lead.step(RootReport{2, 0, true, 1, 1, {}}).empty());
  BOOST_TEST(lead.step(RootReport{1, 7, true, 1, 1, {}}).empty());
  BOOST_TEST(has<effect::SendVerdict>(lead.step(RootReport{1, 0, true, 1, 1, {}})));
}

BOOST_AUTO_TEST_CASE(updates_and_voided_rounds_are_counted_apart) {
  complete_round(aggregator);
  complete_round(aggregator, Action::skip);
  const Verdict verdict =
      all_of_kind<effect::SendVerdict>(aggregator.step(RootReport{0, 2, true, 1, 1, {}})).at(0).verdict;
  BOOST_TEST(verdict.updates_before == 1U);
}

BOOST_AUTO_TEST_CASE(a_verdict_that_stops_the_run_ends_it_unapplied) {
  const AggregatorEffects effects = complete_round(aggregator, Action::stop);
  BOOST_TEST(!has<effect::Apply>(effects));
  BOOST_TEST(aggregator.step(VerdictReached{}).empty());
  BOOST_TEST(aggregator.version() == 0U);
  BOOST_TEST(drop_reason(aggregator.step(push(0, {0, 0}))) == "stopped");
}

BOOST_AUTO_TEST_CASE(two_copies_that_differ_raise_an_alarm_that_names_both_even_when_one_is_gone) {
  aggregator.step(MemberAdmitted{2, 20});
  aggregator.step(push(0, {0, 0}, 10, 1));
  aggregator.step(MemberLost{10});
  const AggregatorEffects effects = aggregator.step(push(0, {0, 0}, 20, 2));
  BOOST_TEST(drop_reason(effects) == "mismatch");
  const auto alarm = std::get<DeterminismAlarm>(all_of_kind<effect::Tell>(effects).at(0).message);
  BOOST_TEST(alarm.first == 1U);
  BOOST_TEST(alarm.second == 2U);
  BOOST_TEST((alarm.block == Block{0, 0}));
}

// AGG-3: the fifth version to be pinned waits until one is released.
BOOST_AUTO_TEST_CASE(publishing_waits_when_too_many_versions_are_pinned) {
  for (Version version = 1; version < 2 * (kPinnedMax + 1); ++version) complete_round(aggregator);
  BOOST_TEST(aggregator.version() == 2 * kPinnedMax + 1);
  BOOST_TEST(complete_round(aggregator).empty());
  const AggregatorEffects effects = aggregator.step(ReleaseVersion{2});
  BOOST_REQUIRE(effects.size() == 4U);
  BOOST_TEST(std::get<effect::Unpin>(effects[0]).version == 2U);
  BOOST_TEST(std::get<effect::Pin>(effects[2]).version == 2 * (kPinnedMax + 1));
  BOOST_TEST(std::holds_alternative<effect::Publish>(effects[3]));
}

BOOST_AUTO_TEST_CASE(a_cut_is_accepted_until_its_version_is_past) {
  complete_round(aggregator);
  const auto answer = [&](Version version) {
    return all_of_kind<effect::Tell>(aggregator.step(CutAnnounced{version, 42})).at(0).message;
  };
  BOOST_TEST(std::get<CutMissed>(answer(0)).at == 1U);
  BOOST_TEST(std::get<CutAccepted>(answer(1)).attempt == 42U);
  BOOST_TEST(std::get<CutAccepted>(answer(3)).version == 3U);
  complete_round(aggregator);  // 2 is validated: pinned unasked
  BOOST_TEST(has<effect::Pin>(complete_round(aggregator)));
  BOOST_TEST(std::holds_alternative<CutAccepted>(answer(2)));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
