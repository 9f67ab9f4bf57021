// Power cuts at every single operation, with every seed another fate of what was not synced.
#include <functional>

#include <boost/test/unit_test.hpp>

#include "runtime/storage/journal.hpp"
#include "runtime/storage/manifest_file.hpp"
#include "tests/runtime/storage/sample_checkpoint.hpp"

namespace fulmar::storage {
namespace {

using core::CheckpointKind;

constexpr std::uint64_t kSeeds = 40;

/// Runs `body` on what `prepare` made, cutting the power at its every operation in turn, then restarts and lets `check`
/// look; `check` is told whether the body had finished, as it saw it itself.
void at_every_crash_point(const std::function<void(FaultyStorage&)>& prepare,
                          const std::function<bool(FaultyStorage&)>& body,
                          const std::function<void(FaultyStorage&, bool finished)>& check) {
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    for (std::uint64_t operation = 0;; ++operation) {
      FaultyStorage storage(1000 * seed + operation);
      prepare(storage);
      storage.crash_at(operation);
      const bool finished = body(storage);
      const bool crashed = storage.crashed();
      BOOST_TEST_CONTEXT("seed " << seed << ", crash at operation " << operation) {
        storage.restart();
        check(storage, finished);
      }
      if (!crashed) break;
    }
  }
}

/// The newest good checkpoint is that of `version` or of `before`, and nothing looks corrupt.
void check_newest(FaultyStorage& storage, core::Version before, core::Version version, bool finished) {
  CheckpointStore store(storage);
  must(store.recover());
  const NewestGood newest = must(store.load_newest_good());
  BOOST_TEST(newest.problems.empty());
  BOOST_TEST_REQUIRE(newest.checkpoint.has_value());
  const core::Version found = newest.checkpoint->state.run.version;
  BOOST_TEST((found == version || (found == before && !finished)));
  BOOST_TEST(SampleCheckpoint(found).equals(*newest.checkpoint));
  const auto latest = must(store.latest());
  BOOST_TEST_REQUIRE(latest.has_value());
  BOOST_TEST(store.verify(*latest).ok);
  // And the run goes on from there.
  must(store.write(SampleCheckpoint(version).contents()));
  BOOST_TEST(SampleCheckpoint(version).equals(must(store.load(version))));
}

BOOST_AUTO_TEST_SUITE(crash)

BOOST_AUTO_TEST_CASE(a_crash_in_a_write_leaves_this_checkpoint_or_the_one_before) {  // CHECKPOINT-1
  at_every_crash_point(
      [](FaultyStorage& storage) {
        write_samples(storage, {10, 20});
      },
      [](FaultyStorage& storage) {
        CheckpointStore store(storage);
        return store.write(SampleCheckpoint(30).contents()).ok();
      },
      [](FaultyStorage& storage, bool finished) { check_newest(storage, 20, 30, finished); });
}

BOOST_AUTO_TEST_CASE(a_crash_in_a_replacement_loses_neither_the_old_nor_the_best) {
  at_every_crash_point(
      [](FaultyStorage& storage) {
        write_samples(storage, {10});
        CheckpointStore store(storage);
        must(store.write(SampleCheckpoint(20, CheckpointKind::weights).contents()));
        must(store.set_best(20));
      },
      [](FaultyStorage& storage) {
        CheckpointStore store(storage);
        return store.write(SampleCheckpoint(20).contents()).ok();
      },
      [](FaultyStorage& storage, bool finished) {
        CheckpointStore store(storage);
        must(store.recover());
        BOOST_TEST_REQUIRE((must(store.best()) == 20U));
        BOOST_TEST(store.verify(20).ok);
        check_newest(storage, 10, 20, finished);
      });
}

BOOST_AUTO_TEST_CASE(a_crash_in_retention_breaks_no_pointer) {
  at_every_crash_point(
      [](FaultyStorage& storage) {
        write_samples(storage, {10, 20, 30, 40});
        must(CheckpointStore(storage).set_best(20));
      },
      [](FaultyStorage& storage) {
        CheckpointStore store(storage);
        return store.set_best(30).ok() && store.retain(1).ok();
      },
      [](FaultyStorage& storage, bool finished) {
        CheckpointStore store(storage);
        must(store.recover());
        const auto best = must(store.best());
        BOOST_TEST_REQUIRE(best.has_value());
        BOOST_TEST((best == 30U || (best == 20U && !finished)));
        BOOST_TEST(store.verify(*best).ok);
        for (const auto& entry : must(store.list())) BOOST_TEST(store.verify(entry.version).ok);
        check_newest(storage, 40, 40, finished);
      });
}

BOOST_AUTO_TEST_CASE(a_crash_during_recovery_costs_nothing) {
  at_every_crash_point(
      [](FaultyStorage& storage) {
        write_samples(storage, {10, 20});
        must(storage.create_directories("checkpoints/.writing-000000000030"));
        must(storage.rename("checkpoints/000000000020", "checkpoints/.replaced-000000000020"));
        must(storage.sync_directory("checkpoints"));
      },
      [](FaultyStorage& storage) { return CheckpointStore(storage).recover().ok(); },
      [](FaultyStorage& storage, bool finished) { check_newest(storage, 20, 20, finished); });
}

BOOST_AUTO_TEST_CASE(the_journal_reopens_to_a_prefix_with_all_that_was_synced) {  // JOURNAL-1
  std::size_t synced = 0;
  const auto record = [](std::size_t i) { return core::ValidationDone{i, 1.0 / static_cast<double>(i + 1)}; };
  at_every_crash_point(
      [&](FaultyStorage& storage) {
        auto opened = must(Journal::open(storage));
        must(opened.journal.append(record(0)));
        must(opened.journal.sync());
        synced = 1;
      },
      [&](FaultyStorage& storage) {
        auto opened = Journal::open(storage);
        if (!opened) return false;
        for (std::size_t i = 1; i < 12; ++i) {
          if (!opened->journal.append(record(i))) return false;
          if (i % 3 != 0) continue;
          if (!opened->journal.sync()) return false;
          synced = i + 1;
        }
        return true;
      },
      [&](FaultyStorage& storage, bool) {
        const auto opened = must(Journal::open(storage));
        BOOST_TEST(opened.records.size() >= synced);
        for (std::size_t i = 0; i < opened.records.size(); ++i) {
          BOOST_TEST((opened.records[i] == core::JournalRecord(record(i))));
        }
        BOOST_TEST(must(read_journal(storage)).torn_bytes == 0U);
      });
}

BOOST_AUTO_TEST_CASE(a_raised_term_is_never_raised_twice) {
  core::Term raised = 0;
  at_every_crash_point([&](FaultyStorage&) { raised = 0; },
                       [&](FaultyStorage& storage) {
                         auto opened = Journal::open(storage);
                         if (!opened) return false;
                         const auto term = raise_term(opened->journal, opened->records, 0);
                         if (term) raised = *term;
                         return term.ok();
                       },
                       [&](FaultyStorage& storage, bool) {
                         auto opened = must(Journal::open(storage));
                         BOOST_TEST(must(raise_term(opened.journal, opened.records, 0)) > raised);
                       });
}

BOOST_AUTO_TEST_CASE(a_crash_while_writing_the_manifest_leaves_all_of_it_or_none) {
  core::Manifest manifest;
  manifest.run_id = "run";
  at_every_crash_point([](FaultyStorage&) {},
                       [&](FaultyStorage& storage) { return write_manifest(storage, manifest).ok(); },
                       [&](FaultyStorage& storage, bool finished) {
                         if (finished || storage.exists("manifest.json")) {
                           BOOST_TEST(must(read_manifest(storage)).run_id == "run");
                         }
                       });
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::storage
