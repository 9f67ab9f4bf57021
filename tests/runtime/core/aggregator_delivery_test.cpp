// Which versions reach which member: one aggregator step by step.
#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "runtime/core/aggregator.hpp"
#include "tests/runtime/core/effects.hpp"
#include "tests/runtime/core/small_rounds.hpp"

namespace fulmar::core {
namespace {

namespace effect = aggregator_effect;
using namespace small_rounds;

using Members = std::vector<Incarnation>;

// ---- the only shard, step by step

/// What the shell does with messages to oneself is done by hand here.
struct OneShard {
  Aggregator lead;
  AggregatorEffects effects;

  explicit OneShard(std::uint64_t rounds = 4) : lead(settings(0, 1, rounds), 0, 0, 0) { admit(10); }

  const AggregatorEffects& step(const AggregatorEvent& event) { return effects = lead.step(Time{}, event); }

  void admit(Incarnation incarnation) {
    step(MemberAdmitted{1, incarnation});
    catch_up(step(all_of_kind<effect::SendKnown>(effects).at(0).known));
  }

  const AggregatorEffects& catch_up(const AggregatorEffects& from) {
    return step(std::get<CatchUp>(all_of_kind<effect::SendDecision>(from).at(0).decision));
  }
  /// Whom the lead has sent a version now, beside what is published.
  Members sent_to() const {
    Members members;
    for (const auto& send : all_of_kind<effect::SendDecision>(effects)) {
      members.push_back(std::get<CatchUp>(send.decision).incarnation);
    }
    return members;
  }

  VerdictReached decide() {
    const Version base = lead.version();
    step(BlockPushed{sender(10), base, kRoot, 1, true, 1.0, 1.0});
    step(RootReport{0, base, true, 1.0, 1.0, {1.0}});
    return all_of_kind<effect::SendVerdict>(effects).at(0).reached;
  }

  /// Who was passed over by the version that is published.
  std::vector<Incarnation> complete_round() {
    step(decide());
    return all_of_kind<effect::Publish>(effects).at(0).members;
  }
};

/// The versions that the member is sent, by themselves, not as they are published.
std::vector<Version> slices(const AggregatorEffects& effects, Incarnation incarnation) {
  std::vector<Version> versions;
  for (const auto& slice : all_of_kind<effect::SendSlice>(effects)) {
    BOOST_TEST(slice.incarnation == incarnation);
    versions.push_back(slice.version);
  }
  return versions;
}

using Versions = std::vector<Version>;

/// The first two newcomers come before those that wait.
Members with_both_newcomers(Members waiting) {
  waiting.insert(waiting.begin(), {20, 21});
  return waiting;
}

BOOST_FIXTURE_TEST_SUITE(aggregator_delivery, OneShard)

// WINDOW-1: the version that it was admitted with is one of the two.
BOOST_AUTO_TEST_CASE(a_member_with_two_versions_under_way_is_passed_over) {
  BOOST_TEST(complete_round() == Members{});
  BOOST_TEST(complete_round() == Members{10});
  BOOST_TEST(step(VersionHeld{sender(10), 0}).size() == 1U);  // makes room for 2, which is caught up with
  BOOST_TEST(complete_round() == Members{10});
  BOOST_TEST(step(VersionHeld{sender(10), 2}).size() == 1U);
}

// AGG-4: 4 is validated.
BOOST_AUTO_TEST_CASE(a_validated_version_is_sent_to_everybody_and_takes_no_room) {
  complete_round();
  step(VersionHeld{sender(10), 0});
  BOOST_TEST(complete_round() == Members{});
  BOOST_TEST(complete_round() == Members{10});
  BOOST_TEST(complete_round() == Members{});
  BOOST_TEST(step(VersionHeld{sender(10), 1}).empty());  // 3 is past
  BOOST_TEST(complete_round() == Members{});
  BOOST_TEST(complete_round() == Members{10});
}

BOOST_AUTO_TEST_CASE(who_has_room_again_is_sent_the_version_that_it_was_passed_over_by) {
  complete_round();
  complete_round();
  BOOST_TEST(slices(catch_up(step(VersionHeld{sender(10), 0})), 10) == Versions{2});
  BOOST_TEST(step(VersionHeld{sender(10), 1}).empty());
}

// AGG-3: five cuts, where four versions may be pinned.
BOOST_AUTO_TEST_CASE(who_catches_up_while_publishing_waits_is_sent_the_version_when_it_is_published) {
  OneShard shard(8);
  for (Version version = 0; version <= kPinnedMax; ++version) shard.step(CutAnnounced{version, 1});
  for (Version version = 1; version < 4; ++version) shard.complete_round();
  const VerdictReached reached = shard.decide();
  BOOST_TEST(reached.behind == Members{10});
  BOOST_TEST(shard.step(reached).empty());
  BOOST_TEST(shard.catch_up(shard.step(VersionHeld{sender(10), 1})).empty());
  const auto published = all_of_kind<effect::Publish>(shard.step(ReleaseVersion{0}));
  BOOST_REQUIRE(published.size() == 1U);
  BOOST_TEST(published[0].version == 4U);
  BOOST_TEST(published[0].members == Members{});
}

// AGG-2
BOOST_AUTO_TEST_CASE(an_acknowledgement_of_another_term_or_session_makes_no_room) {
  complete_round();
  complete_round();
  Sender old_term = sender(10);
  old_term.term = kTerm - 1;
  BOOST_TEST(step(VersionHeld{old_term, 1}).empty());
  BOOST_TEST(step(VersionHeld{sender(11), 1}).empty());
  step(MemberLost{10});
  BOOST_TEST(step(VersionHeld{sender(10), 1}).empty());
  BOOST_TEST(step(CatchUp{10, 2}).empty());
}

// 4 is validated, 5 is a cut, which a newcomer has no use for.
BOOST_AUTO_TEST_CASE(a_newcomer_is_sent_what_validation_needs_and_then_the_newest_version) {
  step(CutAnnounced{5, 1});
  for (Version version = 1; version <= 6; ++version) complete_round();
  step(VersionHeld{sender(10), 4});
  BOOST_TEST(slices(step(MemberAdmitted{2, 20}), 20) == Versions{});
  BOOST_TEST(slices(catch_up(step(MemberKnown{0, 20})), 20) == (Versions{4, 6}));
}

BOOST_AUTO_TEST_CASE(a_newcomer_is_sent_a_validated_newest_version_once) {
  for (Version version = 1; version <= 4; ++version) complete_round();
  step(VersionHeld{sender(10), 4});
  step(MemberAdmitted{2, 20});
  BOOST_TEST(slices(catch_up(step(MemberKnown{0, 20})), 20) == Versions{4});
  step(ReleaseVersion{4});
  step(MemberAdmitted{3, 30});
  BOOST_TEST(slices(catch_up(step(MemberKnown{0, 30})), 30) == Versions{4});
}

// AGG-3: four cuts are pinned, so that 4, which is validated, waits for room.
BOOST_AUTO_TEST_CASE(a_newcomer_whose_turn_comes_while_publishing_waits_is_sent_the_version_when_it_is_published) {
  for (Version version = 0; version < kPinnedMax; ++version) step(CutAnnounced{version, 1});
  for (Version version = 1; version < 4; ++version) complete_round();
  step(VersionHeld{sender(10), 3});
  BOOST_TEST(step(decide()).empty());  // 4 is validated
  step(MemberAdmitted{2, 20});
  BOOST_TEST(catch_up(step(MemberKnown{0, 20})).empty());
  const auto published = all_of_kind<effect::Publish>(step(ReleaseVersion{0}));
  BOOST_REQUIRE(published.size() == 1U);
  BOOST_TEST(published[0].members == Members{});
}

// WINDOW-3
BOOST_AUTO_TEST_CASE(of_sixteen_that_come_at_once_two_are_sent_a_version_at_a_time_in_the_order_of_admission) {
  step(VersionHeld{sender(10), 0});
  Members all;
  Members turns;
  for (Incarnation member = 20; member < 36; ++member) {
    all.push_back(member);
    step(MemberAdmitted{static_cast<NodeId>(member), member});
    step(MemberKnown{0, member});
    std::ranges::copy(sent_to(), std::back_inserter(turns));
  }
  BOOST_TEST(turns == (Members{20, 21}));
  for (std::size_t i = 0; i < turns.size(); ++i) {
    step(CatchUp{turns[i], 0});
    step(VersionHeld{sender(turns[i]), 0});
    BOOST_TEST(sent_to().size() == (i < 14 ? 1U : 0U));
    std::ranges::copy(sent_to(), std::back_inserter(turns));
  }
  BOOST_TEST(turns == all);
}

// WINDOW-3: 4 is validated; not even that is sent before it is a newcomer's turn.
BOOST_AUTO_TEST_CASE(nobody_else_waits_for_newcomers_that_wait_for_their_turn) {
  step(VersionHeld{sender(10), 0});
  for (Incarnation member = 20; member < 36; ++member) {
    step(MemberAdmitted{static_cast<NodeId>(member), member});
    const AggregatorEffects turn = step(MemberKnown{0, member});
    if (!sent_to().empty()) catch_up(turn);
  }
  Members waiting;
  for (Incarnation member = 22; member < 36; ++member) waiting.push_back(member);
  for (Version version = 1; version <= 4; ++version) {
    BOOST_TEST(complete_round() == (version == 2 || version == 3 ? with_both_newcomers(waiting) : waiting));
    step(VersionHeld{sender(10), version});
    BOOST_TEST(sent_to().empty());  // it was not passed over
  }
}

// WINDOW-3
BOOST_AUTO_TEST_CASE(a_newcomer_that_never_has_its_version_makes_way_when_it_is_lost) {
  step(VersionHeld{sender(10), 0});
  for (Incarnation member = 20; member < 25; ++member) {
    step(MemberAdmitted{static_cast<NodeId>(member), member});
    step(MemberKnown{0, member});
  }
  step(VersionHeld{sender(20), 0});
  BOOST_TEST(sent_to() == Members{22});
  step(MemberLost{23});  // it waited
  BOOST_TEST(sent_to().empty());
  step(MemberLost{20});  // it was none any longer
  BOOST_TEST(sent_to().empty());
  step(MemberLost{21});
  BOOST_TEST(sent_to() == Members{24});
}

// WINDOW-3: an older version, sent for validation, is not its first.
BOOST_AUTO_TEST_CASE(a_newcomer_is_one_until_it_has_the_version_that_was_the_newest_at_its_turn) {
  for (Version version = 1; version <= 5; ++version) complete_round();
  step(VersionHeld{sender(10), 5});
  for (Incarnation member = 20; member < 23; ++member) {
    step(MemberAdmitted{static_cast<NodeId>(member), member});
    step(MemberKnown{0, member});
  }
  step(VersionHeld{sender(20), 4});
  BOOST_TEST(sent_to().empty());
  step(VersionHeld{sender(20), 5});
  BOOST_TEST(sent_to() == Members{22});
}

BOOST_AUTO_TEST_CASE(a_member_whose_turn_has_not_come_is_sent_nothing_that_is_published) {
  Aggregator shard(settings(1, 3, 2), 0, 0, 0);
  shard.step(Time{}, MemberAdmitted{1, 10});
  const auto behind = [&](Members passed_over) {
    const Version base = shard.version();
    shard.step(Time{}, BlockPushed{sender(10), base, kRoot, 1, true, 1.0, 1.0});
    const VerdictReached reached{{base, Action::apply, true, 1.0, 1.0, 1.0, 0, "", synchronous_attempt(base)},
                                 std::move(passed_over)};
    return all_of_kind<effect::Publish>(shard.step(Time{}, reached)).at(0).members;
  };
  BOOST_TEST(behind({7, 12}) == (Members{7, 10, 12}));
  BOOST_TEST(behind({}) == Members{10});  // a validated version, by which nobody else is passed over
  BOOST_TEST(slices(shard.step(Time{}, CatchUp{10, 2}), 10) == Versions{2});
  BOOST_TEST(behind({7, 12}) == (Members{7, 12}));
}

BOOST_AUTO_TEST_CASE(a_member_lost_before_every_shard_has_admitted_it_is_forgotten) {
  DeliveryWindow window(settings(0, 2, 4).shape, 2, 0, true);
  BOOST_TEST(window.admitted(10).empty());
  window.lost(10);
  BOOST_TEST(window.admitted(10).empty());
  BOOST_TEST(window.accounts() == 0U);
  BOOST_TEST(window.admitted(11).empty());
  BOOST_TEST(window.admitted(11).size() == 1U);
  window.lost(11);
  BOOST_TEST(window.accounts() == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
