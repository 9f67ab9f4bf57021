// Two heads in one run directory: the one that was replaced must not write, wherever it was frozen.
#include "runtime/storage/term_fence.hpp"

#include <functional>
#include <optional>
#include <utility>

#include <boost/test/unit_test.hpp>

#include "runtime/storage/atomic_file.hpp"
#include "runtime/storage/journal.hpp"
#include "tests/runtime/storage/sample_checkpoint.hpp"

namespace fulmar::storage {
namespace {

using core::CheckpointKind;

constexpr const char* kTakenOver = "a newer head (term 2) has taken over RUN; this one (term 1) stops";

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// A head as far as the run directory knows it.
struct Head {
  explicit Head(FaultyStorage& storage)
      : opened(must(Journal::open(storage))),
        term(must(raise_term(opened.journal, opened.records, 0))),
        checkpoints(storage, term) {
    must(checkpoints.recover());
  }

  OpenedJournal opened;
  core::Term term;
  CheckpointStore checkpoints;
};

/// Every file with its content.
std::vector<std::pair<std::string, std::vector<std::byte>>> content_of(const FaultyStorage& storage) {
  std::vector<std::pair<std::string, std::vector<std::byte>>> content;
  for (const std::string& path : storage.all_paths()) {
    const auto bytes = storage.read(path);
    content.emplace_back(path, bytes ? *bytes : std::vector<std::byte>());
  }
  return content;
}

/// A seed of its own for every place where the old head may be frozen; false ends the places.
using FrozenAt = std::function<bool(FaultyStorage& storage, std::uint64_t operation)>;

void at_every_operation(const FrozenAt& body) {
  for (std::uint64_t operation = 0;; ++operation) {
    BOOST_TEST_REQUIRE(operation < 200U);
    BOOST_TEST_CONTEXT("frozen at operation " << operation) {
      FaultyStorage storage(operation);
      if (!body(storage, operation)) return;
    }
  }
}

BOOST_AUTO_TEST_SUITE(term_fence)

BOOST_AUTO_TEST_CASE(a_replaced_head_changes_nothing) {  // FENCE-1, CHECKPOINT-5
  FaultyStorage storage(1);
  Head old(storage);
  for (const core::Version version : {10U, 20U, 30U}) {
    must(old.checkpoints.write(SampleCheckpoint(version).contents()));
  }
  must(old.opened.journal.append(core::ValidationDone{30, 0.5}));
  Head successor(storage);
  const auto before = content_of(storage);
  for (const Result<void>& result : {old.checkpoints.set_best(20), old.checkpoints.retain(1), old.checkpoints.recover(),
                                     old.opened.journal.sync()}) {
    BOOST_TEST_REQUIRE(!result.ok());
    BOOST_TEST(result.error().message == kTakenOver);
  }
  const auto written = old.checkpoints.write(SampleCheckpoint(40).contents());
  BOOST_TEST_REQUIRE(!written.ok());
  BOOST_TEST(written.error().message == kTakenOver);
  BOOST_TEST((content_of(storage) == before));

  must(successor.checkpoints.write(SampleCheckpoint(40).contents()));
  must(successor.checkpoints.set_best(40));
  must(successor.checkpoints.retain(1));
  must(successor.opened.journal.append(core::ValidationDone{40, 0.25}));
  must(successor.opened.journal.sync());
}

BOOST_AUTO_TEST_CASE(a_replaced_journal_whose_disk_had_failed_cuts_nothing) {
  FaultyStorage storage(1);
  Head old(storage);
  must(old.opened.journal.append(core::ValidationDone{30, 0.5}));
  storage.fail_next_sync();
  BOOST_TEST(!old.opened.journal.sync().ok());
  const Head successor(storage);
  const auto before = must(storage.read("journal"));
  BOOST_TEST(!old.opened.journal.sync().ok());
  BOOST_TEST((must(storage.read("journal")) == before));
}

// The successor starts from 20 and makes 30 itself; the old head thaws in the middle of its own 30.
void check_frozen_write(CheckpointKind there_before) {
  int fenced = 0, finished = 0;
  at_every_operation([&](FaultyStorage& storage, std::uint64_t operation) {
    Head old(storage);
    must(old.checkpoints.write(SampleCheckpoint(20).contents()));
    if (there_before == CheckpointKind::weights) {
      must(old.checkpoints.write(SampleCheckpoint(30, CheckpointKind::weights).contents()));
    }
    std::optional<Head> successor;
    storage.interrupt_at(operation, [&] {
      successor.emplace(storage);
      must(successor->checkpoints.write(SampleCheckpoint(30).contents()));
      must(successor->opened.journal.append(core::CheckpointWritten{30, CheckpointKind::full, ""}));
      must(successor->opened.journal.sync());
    });
    const auto written = old.checkpoints.write(SampleCheckpoint(30).contents());
    if (!successor) return false;
    fenced += !written.ok() && written.error().message == kTakenOver ? 1 : 0;
    finished += written.ok() ? 1 : 0;
    for (const bool power_cut : {false, true}) {
      if (power_cut) {
        storage.restart();
        must(successor->checkpoints.recover());  // as the head that comes after it does
      }
      const NewestGood newest = must(successor->checkpoints.load_newest_good());
      BOOST_TEST(newest.problems.empty());
      BOOST_TEST_REQUIRE(newest.checkpoint.has_value());
      BOOST_TEST(SampleCheckpoint(30).equals(*newest.checkpoint));
      for (const auto& entry : must(successor->checkpoints.list())) {
        BOOST_TEST(successor->checkpoints.verify(entry.version).ok);
      }
      BOOST_TEST((must(successor->checkpoints.latest()) == 30U));
    }
    return true;
  });
  BOOST_TEST(fenced > 5);
  BOOST_TEST(finished > 0);  // frozen after the last look: that is what the header admits
}

BOOST_AUTO_TEST_CASE(a_head_that_thaws_in_a_write_does_not_harm_its_successors_checkpoint) {  // CHECKPOINT-1
  check_frozen_write(CheckpointKind::full);
}

BOOST_AUTO_TEST_CASE(a_head_that_thaws_in_a_replacement_does_not_harm_its_successors_checkpoint) {
  check_frozen_write(CheckpointKind::weights);
}

BOOST_AUTO_TEST_CASE(a_head_that_thaws_in_retention_removes_at_most_one) {
  at_every_operation([](FaultyStorage& storage, std::uint64_t operation) {
    Head old(storage);
    for (const core::Version version : {10U, 20U, 30U, 40U}) {
      must(old.checkpoints.write(SampleCheckpoint(version).contents()));
    }
    std::optional<Head> successor;
    std::size_t there = 0;
    storage.interrupt_at(operation, [&] {
      successor.emplace(storage);
      there = must(successor->checkpoints.list()).size();
    });
    static_cast<void>(old.checkpoints.retain(1));
    if (!successor) return false;
    const auto left = must(successor->checkpoints.list());
    BOOST_TEST(left.size() + 1 >= there);
    BOOST_TEST((left.back().version == 40U));
    for (const auto& entry : left) BOOST_TEST(successor->checkpoints.verify(entry.version).ok);
    return true;
  });
}

BOOST_AUTO_TEST_CASE(records_of_a_replaced_head_are_void) {  // JOURNAL-4
  FaultyStorage storage(1);
  Head old(storage);
  must(old.opened.journal.append(core::RunEnded{30, true, "end"}));
  std::optional<Head> successor;
  storage.interrupt_at(0, [&] { successor.emplace(storage); });  // between the look at the fence and the append
  must(old.opened.journal.sync());
  BOOST_TEST_REQUIRE(successor.has_value());
  must(successor->opened.journal.append(core::ValidationDone{30, 0.5}));
  must(successor->opened.journal.sync());

  const std::string text = must(read_text(storage, "journal"));
  BOOST_TEST(contains(text, "\"run_ended\""));
  const auto opened = must(Journal::open(storage));
  const std::vector<core::JournalRecord> expected = {core::TermStarted{1, 0}, core::TermStarted{2, 0},
                                                     core::ValidationDone{30, 0.5}};
  BOOST_TEST((opened.records == expected));
  BOOST_TEST(opened.void_records == 1U);
  BOOST_TEST(opened.journal.bytes() == text.size());
}

BOOST_AUTO_TEST_CASE(a_term_is_above_what_journal_and_file_say) {
  FaultyStorage storage(1);
  BOOST_TEST(Head(storage).term == 1U);
  BOOST_TEST(Head(storage).term == 2U);
  must(storage.remove_all("term"));  // a run from before the file existed
  BOOST_TEST(Head(storage).term == 3U);
  must(storage.remove_all("journal"));
  BOOST_TEST(Head(storage).term == 4U);
  storage.flip_bit("term", 77);  // what it said may have been one ahead of the journal
  BOOST_TEST(Head(storage).term == 6U);
  BOOST_TEST(must(read_term_file(storage)) == 6U);
}

BOOST_AUTO_TEST_CASE(where_the_file_is_rotten_or_missing_the_journal_stands_in) {
  for (const bool missing : {false, true}) {
    FaultyStorage storage(1);
    const Head old(storage);
    const Head successor(storage);
    if (missing) must(storage.remove_all("term"));
    if (!missing) storage.flip_bit("term", 20);
    must(TermFence(storage, successor.term).check());
    BOOST_TEST(TermFence(storage, old.term).check().error().message == kTakenOver);
    must(storage.remove_all("journal"));
    const auto unknown = TermFence(storage, successor.term).check();
    BOOST_TEST_REQUIRE(!unknown.ok());
    BOOST_TEST(contains(unknown.error().message, "RUN/term"));
    BOOST_TEST(contains(unknown.error().message, "RUN/journal"));
  }
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_of_the_file_is_found) {
  FaultyStorage storage(1);
  must(write_term_file(storage, 7));
  const std::uint64_t bits = 8 * must(storage.read("term")).size();
  for (std::uint64_t bit = 0; bit < bits; ++bit) {
    storage.flip_bit("term", bit);
    BOOST_TEST(!read_term_file(storage).ok());
    storage.flip_bit("term", bit);
  }
  BOOST_TEST(must(read_term_file(storage)) == 7U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::storage
