#include <bit>
#include <limits>

#include <boost/test/unit_test.hpp>

#include "runtime/storage/atomic_file.hpp"
#include "tests/runtime/storage/sample_checkpoint.hpp"

namespace fulmar::storage {
namespace {

using core::CheckpointKind;
using Entries = std::vector<CheckpointEntry>;

constexpr CheckpointEntry full(core::Version version) {
  return {version, CheckpointKind::full};
}
constexpr CheckpointEntry weights_of(core::Version version) {
  return {version, CheckpointKind::weights};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

BOOST_AUTO_TEST_SUITE(checkpoint)

BOOST_AUTO_TEST_CASE(what_is_written_is_what_is_loaded) {  // FILES-1
  FaultyStorage storage(1);
  const SampleCheckpoint sample(1234);
  CheckpointStore store(storage);
  must(store.recover());
  const CheckpointInfo written = must(store.write(sample.contents()));
  const auto loaded = store.load(1234);
  BOOST_TEST_REQUIRE(loaded.ok());
  BOOST_TEST(sample.equals(*loaded));
  BOOST_TEST(written.weights_sha256 == sha256_hex(must(storage.read("checkpoints/000000001234/weights.safetensors"))));
  const CheckpointInfo verified = store.verify(1234);
  BOOST_TEST(verified.ok);
  BOOST_TEST(verified.weights_sha256 == written.weights_sha256);
  BOOST_TEST(verified.bytes == written.bytes);
  BOOST_TEST((must(store.latest()) == 1234U));
  BOOST_TEST(must(read_text(storage, "checkpoints/latest")) == "000000001234\n");
}

BOOST_AUTO_TEST_CASE(doubles_come_back_with_the_same_bits) {  // STATE-1
  for (const double value : {0.1, -0.0, 5e-324, 1.7976931348623157e308, 1.0 / 3.0, 2.2250738585072011e-308,
                             std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(),
                             std::numeric_limits<double>::quiet_NaN()}) {
    StateFile content;
    content.state.run.train_loss = value;
    const auto decoded = decode_state(encode_state(content), "state.json");
    BOOST_TEST_REQUIRE(decoded.ok());
    BOOST_TEST(std::bit_cast<std::uint64_t>(decoded->state.run.train_loss) == std::bit_cast<std::uint64_t>(value));
  }
}

BOOST_AUTO_TEST_CASE(the_same_version_again_writes_nothing) {
  FaultyStorage storage(1);
  write_samples(storage, {5});
  CheckpointStore store(storage);
  const std::uint64_t before = storage.operations();
  const CheckpointInfo again = must(store.write(SampleCheckpoint(5).contents()));
  // Only the pointer is written again: create, append, sync, rename, sync of the directory.
  BOOST_TEST(storage.operations() - before == 5U);
  BOOST_TEST(again.ok);
  BOOST_TEST((must(store.write(SampleCheckpoint(5, CheckpointKind::weights).contents())).kind == CheckpointKind::full));
}

BOOST_AUTO_TEST_CASE(a_full_checkpoint_replaces_weights_alone) {
  FaultyStorage storage(1);
  CheckpointStore store(storage);
  must(store.recover());
  must(store.write(SampleCheckpoint(7, CheckpointKind::weights).contents()));
  BOOST_TEST((must(store.list()) == Entries{weights_of(7)}));
  BOOST_TEST(!must(store.latest()).has_value());
  must(store.write(SampleCheckpoint(7).contents()));
  BOOST_TEST((must(store.list()) == Entries{full(7)}));
  BOOST_TEST(SampleCheckpoint(7).equals(must(store.load(7))));
}

BOOST_AUTO_TEST_CASE(other_content_of_the_same_version_replaces_it) {
  FaultyStorage storage(1);
  write_samples(storage, {5});
  CheckpointStore store(storage);
  const SampleCheckpoint sample(5);
  CheckpointContents contents = sample.contents();
  contents.state.run.train_loss = 42;
  must(store.write(contents));
  BOOST_TEST(must(store.load_state(5)).state.run.train_loss == 42);
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_is_found_and_its_file_is_named) {
  for (const std::string file : {"weights.safetensors", "optimizer.safetensors", "state.json"}) {
    FaultyStorage storage(1);
    write_samples(storage, {10, 20});
    const CheckpointStore store(storage);
    const std::string path = "checkpoints/000000000020/" + file;
    const std::uint64_t bits = 8 * must(storage.read(path)).size();
    for (std::uint64_t bit = 0; bit < bits; bit += 5) {
      storage.flip_bit(path, bit);
      const CheckpointInfo info = store.verify(20);
      BOOST_TEST(!info.ok);
      BOOST_TEST(contains(info.problem, path), "bit " << bit << ": " << info.problem);
      storage.flip_bit(path, bit);
    }
    storage.flip_bit(path, bits / 2);
    const NewestGood newest = must(store.load_newest_good());
    BOOST_TEST_REQUIRE(newest.checkpoint.has_value());
    BOOST_TEST(SampleCheckpoint(10).equals(*newest.checkpoint));
    BOOST_TEST_REQUIRE(newest.problems.size() == 1U);
    BOOST_TEST(contains(newest.problems[0], path));
    BOOST_TEST(contains(newest.problems[0], "the checkpoint before it is used"));
  }
}

BOOST_AUTO_TEST_CASE(torn_and_missing_files_are_found) {
  for (const std::string file : {"weights.safetensors", "optimizer.safetensors", "state.json"}) {
    for (const bool removed : {false, true}) {
      FaultyStorage storage(1);
      write_samples(storage, {10, 20});
      const CheckpointStore store(storage);
      const std::string path = "checkpoints/000000000020/" + file;
      must(removed ? storage.remove_all(path) : storage.truncate(path, 100));
      const NewestGood newest = must(store.load_newest_good());
      BOOST_TEST_REQUIRE(newest.checkpoint.has_value());
      BOOST_TEST(SampleCheckpoint(10).equals(*newest.checkpoint));
      BOOST_TEST_REQUIRE(newest.problems.size() == 1U);
      BOOST_TEST(contains(newest.problems[0], path), newest.problems[0]);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_rotten_checkpoint_is_written_anew) {
  FaultyStorage storage(1);
  write_samples(storage, {10, 20});
  storage.flip_bit("checkpoints/000000000020/weights.safetensors", 1000);
  CheckpointStore store(storage);
  must(store.write(SampleCheckpoint(20).contents()));
  BOOST_TEST(SampleCheckpoint(20).equals(must(store.load(20))));
}

BOOST_AUTO_TEST_CASE(a_renamed_checkpoint_is_refused) {
  FaultyStorage storage(1);
  write_samples(storage, {10});
  must(storage.rename("checkpoints/000000000010", "checkpoints/000000000011"));
  BOOST_TEST(contains(CheckpointStore(storage).verify(11).problem, "version 10"));
}

BOOST_AUTO_TEST_CASE(weights_alone_are_not_resumed_from) {
  FaultyStorage storage(1);
  write_samples(storage, {10});
  CheckpointStore store(storage);
  must(store.write(SampleCheckpoint(12, CheckpointKind::weights).contents()));
  const NewestGood newest = must(store.load_newest_good());
  BOOST_TEST(newest.checkpoint->state.run.version == 10U);
  BOOST_TEST(newest.problems.empty());
  BOOST_TEST((must(store.newest_version()) == 10U));
}

BOOST_AUTO_TEST_CASE(retention_keeps_the_newest_the_latest_and_the_best) {  // CHECKPOINT-4
  FaultyStorage storage(1);
  write_samples(storage, {1, 2, 3, 4, 5, 6});
  CheckpointStore store(storage);
  must(store.write(SampleCheckpoint(7, CheckpointKind::weights).contents()));
  must(store.set_best(2));
  must(store.write(SampleCheckpoint(3).contents()));  // latest, as after an early stop
  must(store.retain(2));
  BOOST_TEST((must(store.list()) == Entries{full(2), full(3), full(5), full(6)}));
  must(store.write(SampleCheckpoint(8, CheckpointKind::weights).contents()));
  must(store.set_best(8));
  must(store.retain(1));
  BOOST_TEST((must(store.list()) == Entries{full(3), full(6), weights_of(8)}));
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_the_last_good_checkpoint) {  // CHECKPOINT-2
  FaultyStorage measured(1);
  write_samples(measured, {10, 20});
  std::uint64_t needed = 0;
  for (const auto& name : must(measured.list("checkpoints/000000000020"))) {
    needed += must(measured.read("checkpoints/000000000020/" + name)).size();
  }
  for (std::uint64_t space = 0; space < needed; space += 41) {
    FaultyStorage storage(1);
    write_samples(storage, {10});
    const auto paths = storage.all_paths();
    CheckpointStore store(storage);
    storage.limit_space(space);
    const auto written = store.write(SampleCheckpoint(20).contents());
    BOOST_TEST_REQUIRE(!written.ok());
    BOOST_TEST(contains(written.error().message, "No space left"));
    BOOST_TEST((storage.all_paths() == paths), "a failed write left something behind");
    BOOST_TEST(SampleCheckpoint(10).equals(*must(store.load_newest_good()).checkpoint));
    BOOST_TEST((must(store.latest()) == 10U));
    storage.limit_space(1'000'000);
    must(store.write(SampleCheckpoint(20).contents()));
    BOOST_TEST(SampleCheckpoint(20).equals(must(store.load(20))));
  }
}

BOOST_AUTO_TEST_CASE(a_disk_that_is_full_at_the_pointer_keeps_the_pointer) {  // ATOMIC-1
  FaultyStorage storage(1);
  write_samples(storage, {10, 20});
  CheckpointStore store(storage);
  const auto paths = storage.all_paths();
  storage.limit_space(5);
  BOOST_TEST(!store.set_best(10).ok());
  BOOST_TEST(!store.write(SampleCheckpoint(10).contents()).ok());
  BOOST_TEST((storage.all_paths() == paths));
  BOOST_TEST((must(store.latest()) == 20U));
}

BOOST_AUTO_TEST_CASE(recovery_clears_leftovers_and_repairs_pointers) {  // CHECKPOINT-3
  FaultyStorage storage(1);
  write_samples(storage, {10, 20});
  CheckpointStore store(storage);
  must(store.set_best(20));
  must(storage.create_directories("checkpoints/.writing-000000000030"));
  must(storage.create_directories("checkpoints/.removing-000000000005"));
  storage.plant("checkpoints/.writing-latest", "0000");
  must(storage.remove_all("checkpoints/000000000020"));
  must(store.recover());
  BOOST_TEST((must(storage.list("checkpoints")) == std::vector<std::string>{"000000000010", "latest"}));
  BOOST_TEST((must(store.latest()) == 10U));
  BOOST_TEST(!must(store.best()).has_value());
}

BOOST_AUTO_TEST_CASE(a_pointer_that_is_not_a_version_is_refused) {
  FaultyStorage storage(1);
  write_samples(storage, {10});
  for (const char* text : {"", "\n", "10\n", "000000000010", "000000000010\n\n", "-00000000010\n", "00000000001x\n"}) {
    storage.plant("checkpoints/latest", text);
    const auto latest = CheckpointStore(storage).latest();
    BOOST_TEST_REQUIRE(!latest.ok());
    BOOST_TEST(contains(latest.error().message, "RUN/checkpoints/latest"));
  }
}

BOOST_AUTO_TEST_CASE(an_empty_directory_has_no_checkpoint) {
  FaultyStorage storage(1);
  const CheckpointStore store(storage);
  BOOST_TEST(must(store.list()).empty());
  BOOST_TEST(!must(store.load_newest_good()).checkpoint.has_value());
  BOOST_TEST(!must(store.newest_version()).has_value());
  BOOST_TEST(!store.verify(1).ok);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::storage
