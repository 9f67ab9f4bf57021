#include "runtime/storage/journal.hpp"

#include <algorithm>
#include <iomanip>
#include <limits>
#include <sstream>

#include <boost/test/unit_test.hpp>

#include "runtime/storage/atomic_file.hpp"
#include "runtime/storage/crc32c.hpp"
#include "tests/runtime/storage/sample_checkpoint.hpp"

namespace fulmar::storage {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// One of each kind.
std::vector<core::JournalRecord> all_kinds() {
  return {core::RunStarted{"0123abcd", std::string(64, 'e')},
          core::TermStarted{1, 0},
          core::PlanRecorded{1, 3, 17, "0/1: (2,0); 1/2: (2,1)", "node 1 joined"},
          core::ValidationDone{100, 0.1},
          core::ValidationDone{101, std::numeric_limits<double>::infinity()},
          core::CheckpointWritten{100, core::CheckpointKind::weights, std::string(64, 'a')},
          core::CheckpointFailed{120, "cannot write \"x\":\n\tNo space left on device"},
          core::UpdateApplied{121, {1300, 4294967295U, 18446744073709551615U, 124, 117}, 0.1, 1e-300},
          core::UpdateApplied{122, {1301, 2, 7, 120, 121}, std::numeric_limits<double>::infinity(), 3.0},
          core::PolicySwitched{125, "bounded:4", "asked for by \"admin\""},
          core::RoundVoided{{130, 2, 64, 8}, "leaf 3 is not finite"},
          core::NodeAdmitted{1, 2, "küste"},
          core::NodeFailed{4294967295U, 18446744073709551615U, "killed"},
          core::NodeLeft{2, 7, "drained"},
          core::SlotDied{1, 2, "round 12, leaf 3", "std::bad_alloc"},
          core::DecisionMade{140, "stop", "no better validation in 5 epochs"},
          core::RunEnded{140, true, "epochs"}};
}

void write_journal(FaultyStorage& storage, const std::vector<core::JournalRecord>& records) {
  auto opened = must(Journal::open(storage));
  for (const auto& record : records) must(opened.journal.append(record));
  must(opened.journal.sync());
}

BOOST_AUTO_TEST_SUITE(journal)

BOOST_AUTO_TEST_CASE(every_kind_of_record_comes_back) {
  FaultyStorage storage(1);
  const auto records = all_kinds();
  write_journal(storage, records);
  const auto opened = must(Journal::open(storage));
  BOOST_TEST((opened.records == records));
  BOOST_TEST(opened.cut_bytes == 0U);
  BOOST_TEST(opened.journal.bytes() == must(storage.read("journal")).size());
}

BOOST_AUTO_TEST_CASE(a_line_is_what_the_format_says) {
  FaultyStorage storage(1);
  write_journal(storage, {core::TermStarted{2, 40}});
  // CRC-32C computed with an independent bitwise implementation of RFC 3720.
  BOOST_TEST(must(read_text(storage, "journal")) == "e30040c3 {\"term\":2,\"type\":\"term_started\",\"version\":40}\n");
}

// An asynchronous run has one for each update, so its length is most of the journal's.
BOOST_AUTO_TEST_CASE(an_update_is_one_short_line) {
  FaultyStorage storage(1);
  auto opened = must(Journal::open(storage));
  must(raise_term(opened.journal, {}, 0));
  const std::size_t before = must(storage.read("journal")).size();
  // A week of updates, five a second; the sums are as long as they get.
  must(opened.journal.append(core::UpdateApplied{
      3'000'001, {3'000'123, 12, 40, 3'000'009, 2'999'997}, 0.7142857142857143, 1.2345678901234568e-05}));
  must(opened.journal.sync());
  const std::string line = must(read_text(storage, "journal")).substr(before);
  BOOST_TEST(line.substr(9) ==
             "{\"base\":2999997,\"by_term\":1,\"incarnation\":40,\"lease\":3000123,\"loss_sum\":0.7142857142857143,"
             "\"node\":12,\"squared_norm\":1.2345678901234568e-05,\"type\":\"update\",\"unit\":3000009,"
             "\"version\":3000001}\n");
  BOOST_TEST(line.size() <= 200U);
}

BOOST_AUTO_TEST_CASE(a_torn_tail_is_cut_wherever_it_tears) {  // JOURNAL-2
  FaultyStorage whole(1);
  const auto records = all_kinds();
  write_journal(whole, records);
  const std::string text = must(read_text(whole, "journal"));
  for (std::size_t length = 0; length <= text.size(); ++length) {
    FaultyStorage storage(1);
    storage.plant("journal", text.substr(0, length));
    auto opened = must(Journal::open(storage));
    const std::size_t good = length == 0 ? 0 : text.substr(0, length).rfind('\n') + 1;
    BOOST_TEST(opened.cut_bytes == length - good);
    BOOST_TEST(must(storage.read("journal")).size() == good);
    BOOST_TEST((std::equal(opened.records.begin(), opened.records.end(), records.begin())));
    must(opened.journal.append(core::TermStarted{9, 9}));
    must(opened.journal.sync());
    BOOST_TEST(must(read_journal(storage)).records.size() == opened.records.size() + 1);
  }
}

BOOST_AUTO_TEST_CASE(zeros_and_garbage_at_the_end_are_cut) {
  for (const std::string& tail : {std::string(5000, '\0'), std::string("\n\n"), std::string("00000000 {}\n"),
                                  std::string("deadbeef {\"type\":\"run_ended\"}\n"), std::string("\xFF\xFE\n\x80")}) {
    FaultyStorage storage(1);
    write_journal(storage, all_kinds());
    storage.plant("journal", must(read_text(storage, "journal")) + tail);
    const auto opened = must(Journal::open(storage));
    BOOST_TEST((opened.records == all_kinds()));
    BOOST_TEST(opened.cut_bytes == tail.size());
  }
}

BOOST_AUTO_TEST_CASE(a_rotten_record_before_good_ones_is_refused_by_line) {
  FaultyStorage storage(1);
  write_journal(storage, all_kinds());
  const std::string text = must(read_text(storage, "journal"));
  const std::size_t end_of_second = text.find('\n', text.find('\n') + 1);
  // Every bit of the third line, its end included: only the last good line may take what follows with it.
  const std::size_t end_of_third = text.find('\n', end_of_second + 1);
  for (std::size_t bit = 8 * (end_of_second + 1); bit < 8 * (end_of_third + 1); ++bit) {
    storage.flip_bit("journal", bit);
    const auto opened = Journal::open(storage);
    BOOST_TEST_REQUIRE(!opened.ok());
    BOOST_TEST(contains(opened.error().message, "RUN/journal line 3: corrupt"));
    BOOST_TEST(contains(opened.error().message, "truncate -s " + std::to_string(end_of_second + 1) + " RUN/journal"));
    storage.flip_bit("journal", bit);
  }
  BOOST_TEST(must(read_text(storage, "journal")) == text);
}

BOOST_AUTO_TEST_CASE(records_that_no_program_wrote_are_refused_although_their_checksum_holds) {
  for (const auto& [json, said] : std::vector<std::pair<std::string, std::string>>{
           {"{}", "\"type\" is missing"},
           {"[1]", "a JSON object was expected"},
           {"{\"type\":", "not valid JSON"},
           {"{\"type\":\"nova\"}", "record type \"nova\" is not known"},
           {"{\"type\":\"term_started\",\"term\":-1,\"version\":0}", "\"term\" is -1"},
           {"{\"type\":\"node_failed\",\"node\":4294967296,\"incarnation\":0,\"cause\":\"\"}", "\"node\" is too large"},
           {"{\"type\":\"update\",\"version\":1,\"lease\":1,\"node\":1,\"incarnation\":1,\"unit\":0,\"loss_sum\":0}",
            "\"base\" is missing"},
           {"{\"type\":\"update\",\"version\":1,\"lease\":1,\"node\":4294967296,\"incarnation\":1,\"unit\":0,"
            "\"base\":0,\"loss_sum\":0,\"squared_norm\":0}",
            "\"node\" is too large"},
           {"{\"type\":\"policy_switched\",\"version\":1,\"policy\":4,\"reason\":\"\"}", "\"policy\" is"},
           {"{\"type\":\"checkpoint_written\",\"version\":1,\"kind\":\"half\",\"weights_sha256\":\"\"}", "\"half\""}}) {
    FaultyStorage storage(1);
    std::ostringstream line;
    line << std::hex << std::setw(8) << std::setfill('0') << crc32c(json) << ' ' << json << '\n';
    storage.plant("journal", line.str());
    const auto opened = Journal::open(storage);
    BOOST_TEST_REQUIRE(!opened.ok());
    BOOST_TEST(contains(opened.error().message, "RUN/journal line 1: "));
    BOOST_TEST(contains(opened.error().message, said), opened.error().message);
  }
}

BOOST_AUTO_TEST_CASE(a_full_disk_loses_no_record) {  // JOURNAL-3
  const auto records = all_kinds();
  for (std::uint64_t space = 0; space < 1800; space += 13) {
    FaultyStorage storage(1);
    auto opened = must(Journal::open(storage));
    storage.limit_space(space);
    std::size_t synced = 0;
    for (std::size_t i = 0; i < records.size(); ++i) {
      must(opened.journal.append(records[i]));
      if (opened.journal.sync()) synced = i + 1;
    }
    const auto meanwhile = must(read_journal(storage));
    BOOST_TEST(meanwhile.records.size() >= synced);
    storage.limit_space(1'000'000);
    must(opened.journal.append(core::TermStarted{2, 2}));
    must(opened.journal.sync());
    const auto after = must(read_journal(storage));
    BOOST_TEST(after.torn_bytes == 0U);
    BOOST_TEST_REQUIRE(after.records.size() == records.size() + 1);
    BOOST_TEST((std::equal(records.begin(), records.end(), after.records.begin())));
  }
}

BOOST_AUTO_TEST_CASE(a_failed_fsync_is_written_again) {
  FaultyStorage storage(1);
  auto opened = must(Journal::open(storage));
  must(opened.journal.append(core::TermStarted{1, 0}));
  storage.fail_next_sync();
  BOOST_TEST(!opened.journal.sync().ok());
  must(opened.journal.append(core::TermStarted{2, 0}));
  must(opened.journal.sync());
  storage.crash_at(0);
  BOOST_TEST(!storage.sync_directory(".").ok());
  storage.restart();
  BOOST_TEST(must(read_journal(storage)).records.size() == 2U);
}

BOOST_AUTO_TEST_CASE(what_gathers_is_written_by_itself) {
  FaultyStorage storage(1);
  auto opened = must(Journal::open(storage));
  for (int i = 0; i < 2000; ++i) must(opened.journal.append(core::ValidationDone{1, 0.5}));
  const std::size_t on_disk = must(storage.read("journal")).size();
  BOOST_TEST(on_disk >= 64U * 1024U);
  BOOST_TEST(on_disk <= opened.journal.bytes());
}

BOOST_AUTO_TEST_CASE(a_disk_that_refuses_for_long_bounds_what_waits) {
  FaultyStorage storage(1);
  auto opened = must(Journal::open(storage));
  storage.limit_space(0);
  const core::DecisionMade large{1, "stop", std::string(1'000'000, 'x')};
  int taken = 0;
  while (taken < 100 && opened.journal.append(large)) ++taken;
  BOOST_TEST(taken == 16);
  storage.limit_space(100'000'000);
  must(opened.journal.sync());
  BOOST_TEST(must(read_journal(storage)).records.size() == 16U);
}

BOOST_AUTO_TEST_CASE(terms_rise_with_every_head) {
  FaultyStorage storage(1);
  for (core::Term term = 1; term <= 3; ++term) {
    auto opened = must(Journal::open(storage));
    BOOST_TEST(highest_term(opened.records) == term - 1);
    BOOST_TEST(must(raise_term(opened.journal, opened.records, 10 * term)) == term);
  }
  BOOST_TEST(highest_term(must(read_journal(storage)).records) == 3U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::storage
