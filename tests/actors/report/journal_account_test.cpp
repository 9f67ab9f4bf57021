#include "actors/report/journal_account.hpp"

#include <limits>
#include <vector>

#include <boost/test/unit_test.hpp>

using namespace fulmar;
using namespace fulmar::core;
using report::account_of;
using report::JournalAccount;

namespace {

JournalAccount account(const std::vector<JournalRecord>& records, std::size_t validations_max = 100) {
  auto account = account_of(records, PolicySettings{}, validations_max);
  BOOST_REQUIRE_MESSAGE(account.ok(), (account.ok() ? "" : account.error().message));
  return *std::move(account);
}

RoundVoided voided(Version version) {
  return {{version, 0, 8 * (version - 1), 8}, "the gradient is not finite"};
}

}  // namespace

BOOST_AUTO_TEST_SUITE(journal_account)

BOOST_AUTO_TEST_CASE(an_empty_journal_says_nothing) {
  const JournalAccount none = account({});
  BOOST_TEST(none.terms.empty());
  BOOST_TEST((none.policies == nlohmann::json({{{"version", 0}, {"policy", "sync"}}})));
  BOOST_TEST((none.failures == nlohmann::json({{"joins", 0}, {"departures", 0}, {"lost", 0}, {"slots", 0}})));
  BOOST_TEST(none.reason.is_null());
}

BOOST_AUTO_TEST_CASE(failures_count_in_every_term_and_versions_only_where_they_stand) {
  const JournalAccount all =
      account({TermStarted{1, 0}, NodeAdmitted{1, 1, "a"}, NodeAdmitted{2, 2, "b"}, voided(3), ValidationDone{11, 0.5},
               NodeFailed{2, 2, "connection closed"}, NodeAdmitted{2, 3, "b"}, voided(15), ValidationDone{22, 0.25},
               RunEnded{23, false, "SIGTERM"}, TermStarted{2, 12}, NodeAdmitted{1, 4, "a"},
               SlotDied{1, 0, "between jobs", "SIGSEGV"}, NodeLeft{1, 4, "drained"}});
  BOOST_TEST((all.terms == nlohmann::json({{{"term", 1}, {"version", 0}}, {{"term", 2}, {"version", 12}}})));
  BOOST_TEST((all.failures == nlohmann::json({{"joins", 4}, {"departures", 1}, {"lost", 1}, {"slots", 1}})));
  BOOST_TEST((all.voided_rounds == nlohmann::json({{{"version", 3}, {"reason", "the gradient is not finite"}}})));
  BOOST_TEST((all.validation == nlohmann::json({{{"version", 11}, {"loss", 0.5}}})));
  BOOST_TEST(all.reason.is_null());  // it goes on
}

BOOST_AUTO_TEST_CASE(policies_and_the_end_are_told) {
  const JournalAccount all =
      account({TermStarted{1, 0}, PolicySwitched{5, "bounded:2", "asked for"}, PolicySwitched{5, "sync", "asked for"},
               RunEnded{60, true, "all 5 epochs are done"}});
  BOOST_TEST(
      (all.policies == nlohmann::json({{{"version", 0}, {"policy", "sync"}}, {{"version", 5}, {"policy", "sync"}}})));
  BOOST_TEST(all.reason == "all 5 epochs are done");
}

BOOST_AUTO_TEST_CASE(of_many_validations_the_first_the_best_and_the_last_stay) {
  std::vector<JournalRecord> records;
  for (Version version = 1; version <= 10'001; ++version)
    records.push_back(ValidationDone{version, version == 7'003 ? 0.1 : 0.5});
  const nlohmann::json kept = account(records, 50).validation;
  BOOST_TEST(kept.size() <= 50u);
  BOOST_TEST(kept.size() > 40u);
  BOOST_TEST(kept.front()["version"] == 1);
  BOOST_TEST(kept.back()["version"] == 10'001);
  BOOST_TEST(std::ranges::count(kept, nlohmann::json({{"version", 7'003}, {"loss", 0.1}})) == 1);
}

// A validation after weights have gone astray is no number, and never the best.
BOOST_AUTO_TEST_CASE(a_loss_that_is_no_number_is_not_the_best) {
  std::vector<JournalRecord> records{ValidationDone{1, std::numeric_limits<double>::quiet_NaN()}};
  for (Version version = 2; version <= 1'000; ++version)
    records.push_back(ValidationDone{version, version == 777 ? 0.1 : 0.5});
  const nlohmann::json kept = account(records, 10).validation;
  BOOST_TEST(std::ranges::count(kept, nlohmann::json({{"version", 777}, {"loss", 0.1}})) == 1);
}

BOOST_AUTO_TEST_CASE(a_journal_that_cannot_be_is_refused) {
  const auto refused =
      account_of(std::vector<JournalRecord>{ValidationDone{1, 0.5}, ValidationDone{1, 0.6}}, PolicySettings{}, 10);
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST(refused.error().message.find("validation of version 1") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
