#include "runtime/core/run_history.hpp"

#include <algorithm>
#include <limits>

#include <boost/test/unit_test.hpp>

namespace fulmar::core {
namespace {

using Records = std::vector<JournalRecord>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

const PolicySettings kSync{};
const PolicySettings kBounded{PolicyKind::bounded, 2, OnStale::revoke};
const PolicySettings kAsync{PolicyKind::async};

UpdateApplied update(Version version, Unit unit, Version base) {
  return {version, {100 + version, 3, 7, unit, base}, 0.5, 0.25};
}
/// The updates that one node alone makes.
Records updates(Version after, Version up_to) {
  Records records;
  for (Version version = after + 1; version <= up_to; ++version) {
    records.emplace_back(update(version, version - 1, version - 1));
  }
  return records;
}
CheckpointWritten checkpoint(Version version, const std::string& sha256 = "aa") {
  return {version, CheckpointKind::full, sha256};
}
PolicySwitched switched(Version version, const std::string& policy) {
  return {version, policy, "asked for"};
}

Records joined(std::initializer_list<Records> parts) {
  Records all;
  for (const Records& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

RunHistory read(const Records& records, const PolicySettings& configured) {
  const auto history = read_history(records, configured);
  BOOST_REQUIRE_MESSAGE(history.ok(), (history.ok() ? "" : history.error().message));
  return *history;
}

void refuses(const Records& records, const PolicySettings& configured, const std::string& said) {
  const auto history = read_history(records, configured);
  BOOST_TEST_REQUIRE(!history.ok(), "accepted, and not: " << said);
  BOOST_TEST(history.error().message.find("the journal's " + said) == 0U, history.error().message);
  BOOST_TEST(history.error().message.find("restore it from a copy") != std::string::npos);
}

std::vector<Version> versions(const auto& by_version) {
  std::vector<Version> keys;
  for (const auto& [version, value] : by_version) keys.push_back(version);
  return keys;
}
using Versions = std::vector<Version>;

BOOST_AUTO_TEST_SUITE(run_history)

BOOST_AUTO_TEST_CASE(a_synchronous_run_has_no_updates_to_tell_of) {
  const RunHistory history =
      read({RunStarted{"0123abcd", "ee"}, TermStarted{1, 0}, NodeAdmitted{1, 1, "a"}, PlanRecorded{1, 1, 2, "", ""},
            checkpoint(10), ValidationDone{12, 0.5}, NodeFailed{1, 1, "killed"}, RunEnded{20, false, "asked to stop"}},
           kSync);
  BOOST_TEST(history.updates.empty());
  BOOST_TEST(history.checkpoints.at(10) == "aa");
  BOOST_TEST(history.validations.at(12) == 0.5);
  BOOST_TEST(!history.ended.has_value());
  BOOST_TEST(history.newest == 20U);
  BOOST_TEST(history.durable_end(10) == 10U);
  BOOST_TEST(to_string(history.policy_at(15)) == "sync");
}

BOOST_AUTO_TEST_CASE(an_empty_journal_is_a_run_that_did_not_begin) {
  const RunHistory history = read({}, kBounded);
  BOOST_TEST(history.newest == 0U);
  BOOST_TEST(history.policy_at(0).same_as(kBounded));
  BOOST_TEST(history.order(0, 0).end() == 0U);
}

BOOST_AUTO_TEST_CASE(updates_out_of_the_order_of_units_are_prescribed_as_they_were) {
  const RunHistory history = read({TermStarted{1, 0}, update(1, 1, 0), update(2, 0, 0), update(3, 2, 1)}, kBounded);
  BOOST_TEST(versions(history.updates) == (Versions{1, 2, 3}));
  BOOST_TEST((history.updates.at(2) == update(2, 0, 0)));
  const PrescribedOrder order = history.order(0, 3);
  BOOST_TEST((order.update_of(1) == PrescribedUpdate{1, 0}));
  BOOST_TEST((order.update_of(2) == PrescribedUpdate{0, 0}));
  BOOST_TEST((order.update_of(3) == PrescribedUpdate{2, 1}));
  BOOST_TEST(history.durable_end(0) == 3U);
  BOOST_TEST(history.durable_end(7) == 7U);
}

BOOST_AUTO_TEST_CASE(policies_are_in_force_from_their_version_on_and_rounds_fill_the_order) {
  const RunHistory history = read(
      joined({{switched(4, "bounded:1")}, {update(5, 5, 4), update(6, 4, 4)}, {switched(6, "sync"), checkpoint(9)}}),
      kSync);
  BOOST_TEST(to_string(history.policy_at(3)) == "sync");
  BOOST_TEST(to_string(history.policy_at(4)) == "bounded:1");
  BOOST_TEST(to_string(history.policy_at(5)) == "bounded:1");
  BOOST_TEST(to_string(history.policy_at(6)) == "sync");
  const PrescribedOrder order = history.order(3, 8);
  BOOST_TEST(order.start() == 3U);
  BOOST_TEST(order.end() == 8U);
  BOOST_TEST((order.update_of(4) == PrescribedUpdate{3, 3}));
  BOOST_TEST((order.update_of(5) == PrescribedUpdate{5, 4}));
  BOOST_TEST((order.update_of(6) == PrescribedUpdate{4, 4}));
  BOOST_TEST((order.update_of(7) == PrescribedUpdate{6, 6}));
  BOOST_TEST(history.durable_end(4) == 6U);
  BOOST_TEST(history.durable_end(9) == 9U);
}

BOOST_AUTO_TEST_CASE(a_switch_beyond_the_last_update_is_to_be_reached_again) {
  BOOST_TEST(read({checkpoint(10), switched(14, "async")}, kSync).durable_end(10) == 14U);
}

// It says S and the kind; what to do about stale leases is the config's.
BOOST_AUTO_TEST_CASE(a_switch_keeps_what_its_text_does_not_say) {
  const RunHistory history = read({switched(0, "sync"), switched(3, "bounded:1")}, kBounded);
  BOOST_TEST((history.policy_at(3).on_stale == OnStale::revoke));
  BOOST_TEST(history.policy_at(3).staleness == 1U);
}

BOOST_AUTO_TEST_CASE(the_last_of_several_switches_at_a_version_counts) {
  const RunHistory history = read({switched(2, "bounded:1"), switched(2, "async"), update(3, 2, 2)}, kSync);
  BOOST_TEST(to_string(history.policy_at(2)) == "async");
}

BOOST_AUTO_TEST_CASE(a_term_voids_what_was_written_beyond_its_version) {
  const RunHistory history =
      read(joined({{TermStarted{1, 0}},
                   updates(0, 5),
                   {checkpoint(5, "old"), ValidationDone{5, 0.5}, switched(5, "sync"), switched(7, "async")},
                   {update(8, 8, 7), update(9, 7, 7), checkpoint(9, "old"), ValidationDone{9, 0.9}},
                   {RoundVoided{{9, 0, 7, 1}, ""}, TermStarted{2, 6}},
                   {ValidationDone{8, 0.8}, checkpoint(9, "new"), switched(10, "bounded:1"), update(11, 10, 10)}}),
           kAsync);
  BOOST_TEST(versions(history.updates) == (Versions{1, 2, 3, 4, 5, 11}));
  BOOST_TEST(versions(history.policies) == (Versions{0, 5, 10}));
  BOOST_TEST(history.checkpoints.at(5) == "old");
  BOOST_TEST(history.checkpoints.at(9) == "new");
  BOOST_TEST(versions(history.validations) == (Versions{5, 8}));
  BOOST_TEST(history.voided.empty());
  BOOST_TEST(history.newest == 11U);
}

BOOST_AUTO_TEST_CASE(what_a_term_begins_from_stays) {
  const RunHistory history = read(
      joined({updates(0, 3), {checkpoint(3), switched(3, "bounded:1"), TermStarted{2, 3}}, updates(3, 4)}), kAsync);
  BOOST_TEST(versions(history.updates) == (Versions{1, 2, 3, 4}));
  BOOST_TEST(versions(history.checkpoints) == Versions{3});
  BOOST_TEST(to_string(history.policy_at(3)) == "bounded:1");
}

BOOST_AUTO_TEST_CASE(of_what_came_before_a_journal_that_was_begun_anew_nothing_is_demanded) {
  const Records begun_anew = joined({{RunStarted{"0123abcd", "ee"}, TermStarted{3, 5}}, updates(5, 7)});
  const RunHistory history = read(begun_anew, kAsync);
  BOOST_TEST(history.begins == 5U);
  BOOST_TEST(history.durable_end(5) == 7U);
  BOOST_TEST(read(joined({{TermStarted{1, 0}}, updates(0, 3), {TermStarted{2, 3}}}), kAsync).begins == 0U);
  BOOST_TEST(read(joined({begun_anew, {TermStarted{4, 4}}, updates(4, 6)}), kAsync).begins == 4U);
  refuses(joined({{TermStarted{3, 5}}, updates(6, 7)}), kAsync, "update of version 6 is missing");
  refuses({TermStarted{3, 5}, update(6, 5, 4)}, kAsync, "update of version 6 is from version 4");
}

BOOST_AUTO_TEST_CASE(nothing_beyond_an_early_end_counts_whenever_it_was_written) {
  const RunHistory history = read(joined({updates(0, 4),
                                          {update(5, 5, 4), update(6, 4, 4), ValidationDone{4, 0.5}, checkpoint(6)},
                                          {RunEnded{4, true, "no better validation"}},
                                          {checkpoint(4), checkpoint(6, "bb"), update(7, 6, 6), switched(7, "sync")}}),
                                  kBounded);
  BOOST_TEST(history.ended.value() == 4U);
  BOOST_TEST(history.newest == 4U);
  BOOST_TEST(versions(history.updates) == (Versions{1, 2, 3, 4}));
  BOOST_TEST(versions(history.checkpoints) == Versions{4});
  BOOST_TEST(versions(history.policies) == Versions{0});
}

BOOST_AUTO_TEST_CASE(a_run_that_is_taken_further_has_not_ended) {
  const RunHistory history =
      read(joined({updates(0, 4), {RunEnded{4, true, "epochs"}, TermStarted{2, 4}}, updates(4, 6)}), kAsync);
  BOOST_TEST(!history.ended.has_value());
  BOOST_TEST(history.newest == 6U);
}

BOOST_AUTO_TEST_CASE(a_checkpoint_is_told_of_long_after_its_version) {
  const RunHistory history = read(joined({updates(0, 9), {checkpoint(3), checkpoint(6)}}), kAsync);
  BOOST_TEST(versions(history.checkpoints) == (Versions{3, 6}));
}

BOOST_AUTO_TEST_CASE(what_is_made_again_of_a_version_must_be_the_same) {
  const RunHistory history =
      read({checkpoint(3), CheckpointWritten{3, CheckpointKind::weights, "aa"}, ValidationDone{3, kNaN},
            ValidationDone{3, kNaN}, RoundVoided{{2, 0, 1, 1}, "x"}, RoundVoided{{2, 0, 1, 1}, "y"}},
           kSync);
  BOOST_TEST(history.checkpoints.at(3) == "aa");
  BOOST_TEST((history.voided.at(2) == VoidedRound{2, 0, 1, 1}));
  refuses({checkpoint(3), CheckpointWritten{3, CheckpointKind::weights, "bb"}}, kSync,
          "checkpoint of version 3 is there twice, and not the same");
  refuses({ValidationDone{3, 0.5}, ValidationDone{3, 0.25}}, kSync,
          "validation of version 3 is there twice, and not the same");
  refuses({RoundVoided{{2, 0, 1, 1}, ""}, RoundVoided{{2, 0, 2, 1}, ""}}, kSync,
          "void round of version 2 is there twice, and not the same");
}

// HISTORY-1
BOOST_AUTO_TEST_CASE(doubles_and_gaps_are_refused) {
  refuses({update(1, 0, 0), update(1, 0, 0)}, kAsync, "update of version 1 is there twice");
  refuses({update(1, 0, 0), update(2, 1, 0), update(1, 2, 0)}, kAsync, "update of version 1 is there twice");
  refuses({update(2, 0, 0), update(1, 1, 0)}, kAsync, "update of version 1 stands behind that of version 2");
  refuses(joined({updates(0, 3), updates(4, 6)}), kAsync, "update of version 4 is missing");
  refuses(updates(1, 3), kAsync, "update of version 1 is missing");
  refuses(joined({updates(0, 3), {switched(5, "sync")}}), kAsync, "update of version 4 is missing");
  refuses(joined({updates(0, 3), {checkpoint(4)}}), kAsync, "update of version 4 is missing");
  refuses(joined({updates(0, 3), {RunEnded{5, true, ""}}}), kAsync, "update of version 4 is missing");
  refuses(joined({updates(0, 3), {TermStarted{2, 2}}, updates(3, 4)}), kAsync, "update of version 3 is missing");
}

BOOST_AUTO_TEST_CASE(a_unit_that_went_in_twice_is_refused) {
  refuses({update(1, 0, 0), update(2, 1, 1), update(3, 0, 1)}, kAsync,
          "update of version 3 is of unit 0, which version 1 is made of already");
  refuses(joined({{switched(4, "async"), update(5, 4, 4), update(6, 3, 4)}}), kSync,
          "update of version 6 is of unit 3, which has its place elsewhere");
}

BOOST_AUTO_TEST_CASE(an_update_is_of_the_policy_that_was_in_force) {
  refuses({update(1, 0, 0)}, kSync, "update of version 1 is there, although the policy was sync");
  refuses(joined({updates(0, 3), {switched(2, "sync")}}), kAsync,
          "update of version 3 is there, although the policy was sync");
  refuses({update(1, 0, 0), update(2, 1, 0), update(3, 2, 0), update(4, 3, 0)}, kBounded,
          "update of version 4 is from version 0, staler than bounded:2 allows");
}

BOOST_AUTO_TEST_CASE(an_update_from_a_version_that_was_not_there_is_refused) {
  refuses({update(1, 0, 1)}, kAsync, "update of version 1 is from version 1, which did not exist before it");
  refuses({update(1, 0, 0), update(2, 1, 9)}, kBounded, "update of version 2 is from version 9");
}

BOOST_AUTO_TEST_CASE(nothing_is_under_way_at_a_checkpoint_a_switch_and_the_end) {
  const Records across_base{update(1, 0, 0), update(2, 1, 1), update(3, 2, 1)};
  const Records across_unit{update(1, 0, 0), update(2, 2, 0), update(3, 1, 2)};
  BOOST_TEST(read_history(across_base, kAsync).ok());
  BOOST_TEST(read_history(across_unit, kAsync).ok());
  for (const JournalRecord& boundary : Records{checkpoint(2), switched(2, "bounded:4")}) {
    refuses(joined({across_base, {boundary}}), kAsync, "update of version 3 is from version 1, before version 2");
    refuses(joined({across_unit, {boundary}}), kAsync, "update of version 2 is of unit 2, which has its place");
  }
  refuses(joined({across_unit, {RunEnded{2, true, ""}}}), kAsync, "update of version 2 is of unit 2, which has its");
}

BOOST_AUTO_TEST_CASE(a_switch_that_cannot_be_is_refused) {
  refuses({switched(3, "bounded:x")}, kSync, "policy switch of version 3 cannot be read: policy \"bounded:x\"");
  refuses({switched(3, "async"), switched(2, "sync")}, kSync, "policy switch of version 2 stands behind that of");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::core
