// The faults themselves: a storage that does not fail as it says would make every test above it worthless.
#include "tests/runtime/storage/faulty_storage.hpp"

#include <bit>
#include <set>

#include <boost/test/unit_test.hpp>

#include "runtime/storage/atomic_file.hpp"
#include "runtime/storage/journal.hpp"
#include "tests/runtime/storage/sample_checkpoint.hpp"

namespace fulmar::storage {
namespace {

void append(OutputFile& file, const std::string& text) {
  must(file.append(std::as_bytes(std::span(text))));
}

/// Bits in which two contents of the same length differ.
int differing_bits(const std::vector<std::byte>& a, const std::vector<std::byte>& b) {
  BOOST_TEST_REQUIRE(a.size() == b.size());
  int bits = 0;
  for (std::size_t i = 0; i < a.size(); ++i) bits += std::popcount(std::to_integer<unsigned>(a[i] ^ b[i]));
  return bits;
}

BOOST_AUTO_TEST_SUITE(faulty_storage)

BOOST_AUTO_TEST_CASE(what_was_synced_outlives_a_crash_whatever_was_done_before) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    FaultyStorage storage(seed);
    auto file = must(storage.create("file"));
    append(*file, "0123456789");
    must(file->sync());
    must(storage.truncate("file", 4));
    append(*file, "abc");
    must(storage.truncate("file", 6));
    must(file->sync());
    storage.flip_bit("file", 0);  // '0' becomes '1'
    append(*file, "xyz");
    must(file->sync());
    must(storage.sync_directory("."));
    storage.restart();
    BOOST_TEST(must(read_text(storage, "file")) == "1123abxyz");
    file = must(storage.create("file"));
    append(*file, "new");
    must(file->sync());
    storage.restart();
    BOOST_TEST(must(read_text(storage, "file")) == "new");
  }
}

BOOST_AUTO_TEST_CASE(a_sync_that_lies_loses_at_a_crash) {
  int lost = 0, torn_names = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    FaultyStorage storage(seed);
    auto file = must(storage.create("file"));
    append(*file, "true ");
    must(file->sync());
    must(storage.sync_directory("."));
    storage.lose_syncs(true);
    append(*file, "false");
    must(file->sync());
    must(write_file_atomically(storage, ".", "other", "text"));
    BOOST_TEST(must(read_text(storage, "file")) == "true false");
    storage.restart();
    BOOST_TEST(must(read_text(storage, "file")).starts_with("true "));
    lost += must(read_text(storage, "file")) == "true false" ? 0 : 1;
    torn_names += storage.exists("other") ? 0 : 1;
  }
  BOOST_TEST(lost > 25);
  BOOST_TEST(torn_names > 10);
}

BOOST_AUTO_TEST_CASE(a_true_sync_makes_good_what_lies_came_before) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    FaultyStorage storage(seed);
    auto file = must(storage.create("file"));
    storage.lose_syncs(true);
    append(*file, "one ");
    must(file->sync());
    must(storage.sync_directory("."));
    storage.lose_syncs(false);
    append(*file, "two");
    must(file->sync());
    must(storage.sync_directory("."));
    storage.restart();
    BOOST_TEST(must(read_text(storage, "file")) == "one two");
  }
}

BOOST_AUTO_TEST_CASE(after_lies_and_a_crash_a_run_directory_still_tells_good_from_bad) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    FaultyStorage storage(seed);
    write_samples(storage, {10, 20});
    auto opened = must(Journal::open(storage));
    must(opened.journal.append(core::ValidationDone{20, 0.5}));
    must(opened.journal.sync());
    storage.lose_syncs(true);
    must(CheckpointStore(storage).write(SampleCheckpoint(30).contents()));
    must(opened.journal.append(core::ValidationDone{30, 0.25}));
    must(opened.journal.sync());
    storage.restart();
    storage.lose_syncs(false);
    CheckpointStore store(storage);
    must(store.recover());
    const NewestGood newest = must(store.load_newest_good());
    BOOST_TEST_REQUIRE(newest.checkpoint.has_value());
    const core::Version found = newest.checkpoint->state.run.version;
    BOOST_TEST((found == 20U || found == 30U));
    BOOST_TEST(SampleCheckpoint(found).equals(*newest.checkpoint));
    BOOST_TEST(must(Journal::open(storage)).records.size() >= 1U);
  }
}

BOOST_AUTO_TEST_CASE(rot_flips_one_bit_of_one_file_for_good) {
  std::set<std::string> paths;
  for (std::uint64_t random = 0; random < 60; ++random) {
    FaultyStorage storage(1), twin(1);
    for (FaultyStorage* each : {&storage, &twin}) write_samples(*each, {10});
    const auto before = twin.all_paths();
    const std::string path = storage.rot(random);
    BOOST_TEST(twin.rot(random) == path);
    BOOST_TEST((must(twin.read(path)) == must(storage.read(path))));
    storage.restart();
    BOOST_TEST((storage.all_paths() == before));
    FaultyStorage sound(1);
    write_samples(sound, {10});
    int flipped = 0;
    for (const std::string& file : before) {
      const auto bytes = sound.read(file);
      if (bytes) flipped += differing_bits(*bytes, must(storage.read(file)));
    }
    BOOST_TEST(flipped == 1);
    paths.insert(path);
  }
  BOOST_TEST(paths.size() == 4U);  // weights, optimizer, state and latest
  BOOST_TEST(FaultyStorage(1).rot(3).empty());
}

BOOST_AUTO_TEST_CASE(a_flipped_bit_makes_nothing_durable) {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    FaultyStorage storage(seed);
    auto file = must(storage.create("file"));
    must(storage.sync_directory("."));
    append(*file, "never synced");
    storage.flip_bit("file", 3);
    storage.restart();
    lost += must(storage.read("file")).empty() ? 1 : 0;
  }
  BOOST_TEST(lost > 0);
}

BOOST_AUTO_TEST_CASE(space_comes_back) {
  FaultyStorage storage(1);
  storage.limit_space(3);
  const auto full = write_synced(storage, "file", "12345");
  BOOST_TEST(!full.ok());
  storage.clear_space_limit();
  must(write_synced(storage, "file", "12345"));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_file_is_read) {
  FaultyStorage storage(1);
  must(write_synced(storage, "file", "0123456789"));
  const auto end_of = [&](std::uint64_t bytes) { return must(storage.read_end("file", bytes)); };
  BOOST_TEST((end_of(1) == std::vector<std::byte>{std::byte{'9'}}));
  BOOST_TEST(end_of(0).empty());
  BOOST_TEST((end_of(10) == must(storage.read("file"))));
  BOOST_TEST((end_of(11) == must(storage.read("file"))));
  BOOST_TEST(!storage.read_end("none", 1).ok());
}

BOOST_AUTO_TEST_CASE(an_interruption_comes_once_and_at_its_place) {
  FaultyStorage storage(1);
  auto file = must(storage.create("file"));
  std::string seen;
  storage.interrupt_at(1, [&] {
    seen = must(read_text(storage, "file"));
    must(storage.create_directories("sub"));
  });
  append(*file, "a");
  append(*file, "b");
  append(*file, "c");
  BOOST_TEST(seen == "a");
  BOOST_TEST(must(read_text(storage, "file")) == "abc");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::storage
