#include "runtime/core/aggregator.hpp"

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/core/effects.hpp"

namespace fulmar::core {
namespace {

namespace effect = aggregator_effect;

constexpr Term kTerm = 3;
constexpr Liveness kLiveness{std::chrono::seconds(1)};

/// Rounds of 4 leaves of 1 sample, 2 rounds an epoch, validated at its end.
AggregatorSettings settings(ShardId shard = 0, std::uint32_t shards = 1) {
  return {{1, 8, 2, 1, 4}, kTerm, shard, shards, {}, 0, kLiveness, {}, {}, false};
}

BlockPushed push(Version base, const Block& block, Incarnation incarnation = 10, std::uint64_t digest = 1) {
  return {{static_cast<NodeId>(incarnation / 10), incarnation, kTerm}, base, block, digest, true, 1.0, 1.0};
}

std::string drop_reason(const AggregatorEffects& effects) {
  const auto drops = all_of_kind<effect::Drop>(effects);
  return drops.empty() ? "" : drops.front().reason;
}

std::vector<Late> lateness(const AggregatorEffects& effects) {
  std::vector<Late> all;
  for (const effect::Tell& tell : all_of_kind<effect::Tell>(effects)) {
    if (const auto* late = std::get_if<Late>(&tell.message)) all.push_back(*late);
  }
  return all;
}

struct Fixture {
  Aggregator aggregator{settings(), 0, 0, 0};
  Time now = std::chrono::hours(1);

  Fixture() { step(MemberAdmitted{1, 10}); }

  AggregatorEffects step(const AggregatorEvent& event) { return aggregator.step(now, event); }

  /// Takes the whole round and its verdict.
  AggregatorEffects complete_round(Action action = Action::apply) {
    const Version base = aggregator.version();
    step(push(base, {2, 0}));
    VerdictReached reached =
        all_of_kind<effect::SendVerdict>(step(RootReport{0, base, true, 1.0, 1.0, {1.0}})).at(0).reached;
    reached.verdict.action = action;
    return step(reached);
  }

  /// Looks at the clock as often as it should, for so long.
  std::vector<Late> pass(Time duration) {
    std::vector<Late> all;
    for (const Time end = now + duration; now < end;) {
      now += kLiveness.tick();
      for (const Late& late : lateness(step(aggregator_event::Tick{}))) all.push_back(late);
    }
    return all;
  }
};

BOOST_FIXTURE_TEST_SUITE(aggregator, Fixture)

// AGG-2
BOOST_AUTO_TEST_CASE(what_is_of_another_term_incarnation_or_round_is_dropped_with_its_reason) {
  BlockPushed old_term = push(0, {0, 0});
  old_term.sender.term = kTerm - 1;
  BOOST_TEST(drop_reason(step(old_term)) == "old_term");
  BOOST_TEST(drop_reason(step(push(0, {0, 0}, 20))) == "old_incarnation");
  BOOST_TEST(drop_reason(step(push(1, {0, 0}))) == "ahead");
  BOOST_TEST(drop_reason(step(push(0, {0, 9}))) == "absent");
  complete_round();
  BOOST_TEST(drop_reason(step(push(0, {0, 0}))) == "late");
  step(MemberLost{10});
  BOOST_TEST(drop_reason(step(push(1, {0, 0}))) == "old_incarnation");
}

// AGG-1
BOOST_AUTO_TEST_CASE(a_version_is_published_after_its_tree_and_its_verdict) {
  BOOST_TEST(!has<effect::ReportRoot>(step(push(0, {1, 0}))));
  AggregatorEffects effects = step(push(0, {1, 1}));
  BOOST_TEST(has<effect::Combine>(effects));
  const auto reports = all_of_kind<effect::ReportRoot>(effects);
  BOOST_REQUIRE(reports.size() == 1U);
  BOOST_TEST(reports[0].loss_sum == 2.0);
  BOOST_TEST(!has<effect::Publish>(effects));

  effects = step(RootReport{0, 0, true, 2.0, 2.0, {1.0}});
  const auto verdicts = all_of_kind<effect::SendVerdict>(effects);
  BOOST_REQUIRE(verdicts.size() == 1U);
  effects = step(verdicts[0].reached);
  BOOST_REQUIRE(effects.size() == 2U);
  BOOST_TEST(std::holds_alternative<effect::Apply>(effects[0]));
  BOOST_TEST(std::get<effect::Publish>(effects[1]).version == 1U);
  BOOST_TEST(step(verdicts[0].reached).empty());
}

BOOST_AUTO_TEST_CASE(the_lead_waits_for_every_shard_and_counts_each_once) {
  Aggregator lead(settings(0, 3), 0, 0, 0);
  BOOST_TEST(lead.step(now, RootReport{0, 0, true, 1, 1, {}}).empty());
  BOOST_TEST(lead.step(now, RootReport{2, 0, true, 1, 1, {}}).empty());
  BOOST_TEST(lead.step(now, RootReport{2, 0, true, 1, 1, {}}).empty());
  BOOST_TEST(lead.step(now, RootReport{1, 7, true, 1, 1, {}}).empty());
  BOOST_TEST(has<effect::SendVerdict>(lead.step(now, RootReport{1, 0, true, 1, 1, {}})));
}

// AGG-3: other shards may publish while the lead waits for a release, and report the next round before it is there.
BOOST_AUTO_TEST_CASE(a_report_that_comes_while_the_lead_waits_to_publish_is_kept) {
  Aggregator lead(settings(0, 2), 0, 0, 0);
  lead.step(now, MemberAdmitted{1, 10});
  for (Version version = 0; version < kPinnedMax; ++version) lead.step(now, CutAnnounced{version, 1});
  const auto decide = [&](Version base) {
    lead.step(now, push(base, {2, 0}));
    return all_of_kind<effect::SendVerdict>(lead.step(now, RootReport{0, base, true, 1, 1, {}}));
  };
  for (Version base = 0; base < kPinnedMax; ++base) {
    lead.step(now, RootReport{1, base, true, 1, 1, {}});
    lead.step(now, decide(base).at(0).reached);
  }
  BOOST_TEST(lead.version() == kPinnedMax - 1);
  lead.step(now, RootReport{1, kPinnedMax, true, 1, 1, {}});
  lead.step(now, ReleaseVersion{0});
  BOOST_TEST(lead.version() == kPinnedMax);
  BOOST_TEST(decide(kPinnedMax).size() == 1U);
}

BOOST_AUTO_TEST_CASE(updates_and_voided_rounds_are_counted_apart) {
  complete_round();
  complete_round(Action::skip);
  const Verdict verdict =
      all_of_kind<effect::SendVerdict>(step(RootReport{0, 2, true, 1, 1, {}})).at(0).reached.verdict;
  BOOST_TEST(verdict.updates_before == 1U);
}

BOOST_AUTO_TEST_CASE(a_verdict_that_stops_the_run_ends_it_unapplied) {
  const AggregatorEffects effects = complete_round(Action::stop);
  BOOST_TEST(!has<effect::Apply>(effects));
  BOOST_TEST(step(VerdictReached{}).empty());
  BOOST_TEST(aggregator.version() == 0U);
  BOOST_TEST(drop_reason(step(push(0, {0, 0}))) == "stopped");
}

BOOST_AUTO_TEST_CASE(two_copies_that_differ_raise_an_alarm_that_names_both_even_when_one_is_gone) {
  step(MemberAdmitted{2, 20});
  step(push(0, {0, 0}, 10, 1));
  step(MemberLost{10});
  const AggregatorEffects effects = step(push(0, {0, 0}, 20, 2));
  BOOST_TEST(drop_reason(effects) == "mismatch");
  const auto alarm = std::get<DeterminismAlarm>(all_of_kind<effect::Tell>(effects).at(0).message);
  BOOST_TEST(alarm.first == 1U);
  BOOST_TEST(alarm.second == 2U);
  BOOST_TEST((alarm.block == Block{0, 0}));
}

// AGG-3: the fifth version to be pinned waits until one is released.
BOOST_AUTO_TEST_CASE(publishing_waits_when_too_many_versions_are_pinned) {
  for (Version version = 1; version < 2 * (kPinnedMax + 1); ++version) complete_round();
  BOOST_TEST(aggregator.version() == 2 * kPinnedMax + 1);
  BOOST_TEST(complete_round().empty());
  const AggregatorEffects effects = step(ReleaseVersion{2});
  BOOST_REQUIRE(effects.size() == 4U);
  BOOST_TEST(std::get<effect::Unpin>(effects[0]).version == 2U);
  BOOST_TEST(std::get<effect::Pin>(effects[2]).version == 2 * (kPinnedMax + 1));
  BOOST_TEST(std::holds_alternative<effect::Publish>(effects[3]));
}

BOOST_AUTO_TEST_CASE(a_cut_is_accepted_until_its_version_is_past) {
  complete_round();
  const auto answer = [&](Version version) {
    return all_of_kind<effect::Tell>(step(CutAnnounced{version, 42})).at(0).message;
  };
  BOOST_TEST(std::get<CutMissed>(answer(0)).at == 1U);
  BOOST_TEST(std::get<CutAccepted>(answer(1)).attempt == 42U);
  BOOST_TEST(std::get<CutAccepted>(answer(3)).version == 3U);
  complete_round();  // 2 is validated: pinned unasked
  BOOST_TEST(has<effect::Pin>(complete_round()));
  BOOST_TEST(std::holds_alternative<CutAccepted>(answer(2)));
}

constexpr Time kMillisecond = std::chrono::milliseconds(1);

// Until a round was completed the liveness setting stands for what is usual: late after 1.25 s + 50 ms.
BOOST_AUTO_TEST_CASE(the_first_round_is_late_by_the_liveness_setting_from_the_first_member_on) {
  BOOST_TEST(pass(1300 * kMillisecond).empty());
  const auto late = lateness((now += kMillisecond, step(aggregator_event::Tick{})));
  BOOST_REQUIRE(late.size() == 1U);
  BOOST_TEST(late[0].by_time);
  BOOST_TEST(late[0].base == 0U);
  BOOST_TEST((late[0].missing == std::vector<Block>{{2, 0}}));
}

// 100 ms are usual, then 200 ms: 125 ms are, so 156.25 ms + 50 ms are late.
BOOST_AUTO_TEST_CASE(a_round_is_late_when_it_takes_a_quarter_and_a_margin_longer_than_the_smoothed_duration) {
  pass(100 * kMillisecond);
  complete_round();
  pass(200 * kMillisecond);
  complete_round(Action::skip);
  now += 206 * kMillisecond;
  BOOST_TEST(lateness(step(aggregator_event::Tick{})).empty());
  now += kMillisecond;
  BOOST_TEST(lateness(step(aggregator_event::Tick{})).size() == 1U);
}

// TIMER-1: each beat, or when what is missing has changed; said on a tick only.
BOOST_AUTO_TEST_CASE(lateness_is_repeated_after_a_beat_or_when_what_is_missing_has_changed) {
  pass(1300 * kMillisecond);
  const auto each_tick = [&] { return pass(kLiveness.tick()); };
  BOOST_TEST(each_tick().size() == 1U);
  BOOST_TEST(each_tick().empty());
  BOOST_TEST(each_tick().size() == 1U);
  BOOST_TEST(lateness(step(push(0, {0, 1}))).empty());
  const auto changed = each_tick();
  BOOST_REQUIRE(changed.size() == 1U);
  BOOST_TEST((changed[0].missing == std::vector<Block>{{0, 0}, {1, 1}}));
  BOOST_TEST(each_tick().empty());
}

BOOST_AUTO_TEST_CASE(a_round_whose_root_is_held_or_that_nobody_can_compute_is_not_late) {
  step(push(0, {2, 0}));
  BOOST_TEST(pass(5000 * kMillisecond).empty());
  complete_round();
  step(MemberLost{10});
  BOOST_TEST(pass(5000 * kMillisecond).empty());
  // It is timed anew for whoever comes then.
  step(MemberAdmitted{1, 11});
  BOOST_TEST(pass(50 * kMillisecond).empty());
  BOOST_TEST(!pass(1300 * kMillisecond).empty());
}

// CLOCK-1: an hour without a look at the clock counts as a quarter of the liveness setting.
BOOST_AUTO_TEST_CASE(a_freeze_is_not_lateness) {
  pass(1000 * kMillisecond);
  now += std::chrono::hours(1);
  BOOST_TEST(lateness(step(aggregator_event::Tick{})).empty());
  BOOST_TEST(pass(50 * kMillisecond).empty());
  BOOST_TEST(!pass(50 * kMillisecond).empty());
}

BOOST_AUTO_TEST_CASE(a_loss_is_answered_with_what_the_round_lacks_even_when_nobody_is_left) {
  step(push(0, {0, 2}));
  const auto late = lateness(step(MemberLost{10}));
  BOOST_REQUIRE(late.size() == 1U);
  BOOST_TEST(!late[0].by_time);
  BOOST_TEST((late[0].missing == std::vector<Block>{{1, 0}, {0, 3}}));
  BOOST_TEST(step(MemberLost{10}).empty());
}

BOOST_AUTO_TEST_CASE(a_loss_is_not_answered_when_the_round_lacks_nothing_or_is_the_last) {
  step(MemberAdmitted{2, 20});
  step(push(0, {2, 0}));
  BOOST_TEST(step(MemberLost{10}).empty());
  Verdict verdict;
  verdict.action = Action::stop;
  step(VerdictReached{verdict});
  BOOST_TEST(step(MemberLost{20}).empty());
  BOOST_TEST(pass(5000 * kMillisecond).empty());
}

// Found by the simulator: the supervisor took what it had been told was lacking for lacking for ever.
BOOST_AUTO_TEST_CASE(who_has_said_what_it_lacks_says_so_when_it_has_all) {
  BOOST_TEST(lateness(step(push(0, {2, 0}))).empty());  // nobody was told of anything
  Fixture other;
  other.step(MemberAdmitted{2, 20});
  BOOST_REQUIRE(lateness(other.step(MemberLost{20})).size() == 1);
  BOOST_TEST(lateness(other.step(push(0, {1, 0}))).empty());
  const std::vector<Late> told = lateness(other.step(push(0, {1, 1})));
  BOOST_REQUIRE(told.size() == 1);
  BOOST_TEST((told[0].base == 0 && told[0].missing.empty()));
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
