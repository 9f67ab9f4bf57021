// The real file system: what FaultyStorage models must be what PosixStorage does.
#include "runtime/storage/posix_storage.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

#include "runtime/storage/atomic_file.hpp"
#include "runtime/storage/journal.hpp"
#include "runtime/storage/run_lock.hpp"
#include "tests/runtime/storage/sample_checkpoint.hpp"

namespace fulmar::storage {
namespace {

/// A directory of its own, gone at the end.
struct ScratchDirectory {
  ScratchDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "fulmar-storage-XXXXXX").string();
    BOOST_TEST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  std::string path;
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void write(Storage& storage, std::string_view path, const std::string& text) {
  auto file = must(storage.create(path));
  must(file->append(std::as_bytes(std::span(text))));
  must(file->sync());
}

BOOST_FIXTURE_TEST_SUITE(posix, ScratchDirectory)

BOOST_AUTO_TEST_CASE(files_and_directories_do_what_the_contract_says) {
  PosixStorage storage(path + "/deep/run");
  BOOST_TEST(!storage.exists("."));
  must(storage.create_directories("."));
  must(storage.create_directories("a/b"));
  must(storage.create_directories("a/b"));
  write(storage, "a/b/file", "0123456789");
  write(storage, "a/b/file", "01234");
  auto appending = must(storage.append_to("a/b/file"));
  const std::string more = "567";
  must(appending->append(std::as_bytes(std::span(more))));
  BOOST_TEST(must(read_text(storage, "a/b/file")) == "01234567");
  must(storage.truncate("a/b/file", 2));
  must(appending->append(std::as_bytes(std::span(more))));
  BOOST_TEST(must(read_text(storage, "a/b/file")) == "01567");  // no hole: appends go to the end
  write(storage, "a/b/other", "");
  BOOST_TEST((must(storage.list("a/b")) == std::vector<std::string>{"file", "other"}));
  must(storage.rename("a/b/file", "a/b/other"));
  must(storage.sync_directory("a/b"));
  BOOST_TEST(must(read_text(storage, "a/b/other")) == "01567");
  must(storage.remove_all("a"));
  must(storage.remove_all("a"));
  BOOST_TEST(!storage.exists("a"));
}

BOOST_AUTO_TEST_CASE(the_end_of_a_file_is_read) {
  PosixStorage storage(path);
  write(storage, "file", "0123456789");
  const auto end_of = [&](std::uint64_t bytes) { return must(storage.read_end("file", bytes)); };
  BOOST_TEST((end_of(1) == std::vector<std::byte>{std::byte{'9'}}));
  BOOST_TEST((end_of(3) == std::vector<std::byte>{std::byte{'7'}, std::byte{'8'}, std::byte{'9'}}));
  BOOST_TEST(end_of(0).empty());
  BOOST_TEST((end_of(10) == must(storage.read("file"))));
  BOOST_TEST((end_of(11) == must(storage.read("file"))));
  BOOST_TEST(contains(storage.read_end("none", 1).error().message, "cannot read " + path + "/none"));
}

BOOST_AUTO_TEST_CASE(a_replaced_head_stops_on_the_real_file_system) {  // FENCE-1
  PosixStorage storage(path);
  auto old = must(Journal::open(storage));
  CheckpointStore store(storage, must(raise_term(old.journal, old.records, 0)));
  must(store.recover());
  must(store.write(SampleCheckpoint(10).contents()));
  auto successor = must(Journal::open(storage));
  must(raise_term(successor.journal, successor.records, 10));
  BOOST_TEST(store.write(SampleCheckpoint(20).contents()).error().message ==
             "a newer head (term 2) has taken over " + path + "; this one (term 1) stops");
  must(old.journal.append(core::ValidationDone{10, 0.5}));
  BOOST_TEST(!old.journal.sync().ok());
  must(successor.journal.append(core::ValidationDone{10, 0.5}));
  must(successor.journal.sync());
}

BOOST_AUTO_TEST_CASE(messages_name_path_reason_and_remedy) {
  PosixStorage storage(path);
  const auto missing = storage.read("none/file");
  BOOST_TEST_REQUIRE(!missing.ok());
  BOOST_TEST(missing.error().message ==
             "cannot read " + path + "/none/file: No such file or directory; check the path");
  write(storage, "file", "x");
  BOOST_TEST(contains(storage.create_directories("file/sub").error().message, "a file stands where a directory"));
  BOOST_TEST(contains(storage.read(".").error().message, "not a file"));
  BOOST_TEST(contains(storage.list("file").error().message, "cannot list " + path + "/file"));
}

BOOST_AUTO_TEST_CASE(a_run_directory_works_on_the_real_file_system) {
  PosixStorage storage(path);
  CheckpointStore store(storage);
  must(store.recover());
  for (const core::Version version : {10U, 20U, 30U}) must(store.write(SampleCheckpoint(version).contents()));
  must(store.write(SampleCheckpoint(40, core::CheckpointKind::weights).contents()));
  must(store.set_best(40));
  must(store.write(SampleCheckpoint(40).contents()));
  must(store.retain(2));
  must(store.recover());
  BOOST_TEST(must(store.list()).size() == 2U);
  BOOST_TEST(SampleCheckpoint(40).equals(*must(store.load_newest_good()).checkpoint));
  auto opened = must(Journal::open(storage));
  BOOST_TEST(must(raise_term(opened.journal, opened.records, 40)) == 1U);
  auto again = must(Journal::open(storage));
  BOOST_TEST(must(raise_term(again.journal, again.records, 40)) == 2U);
}

BOOST_AUTO_TEST_CASE(a_directory_is_locked_by_one_head) {  // LOCK-1
  {
    const auto lock = lock_run_directory(path);
    BOOST_TEST_REQUIRE(lock.ok());
    const auto second = lock_run_directory(path);
    BOOST_TEST_REQUIRE(!second.ok());
    BOOST_TEST(contains(second.error().message, "(process " + std::to_string(::getpid()) + ")"));
    BOOST_TEST(contains(second.error().message, path));
  }
  BOOST_TEST(lock_run_directory(path).ok());
  BOOST_TEST(contains(lock_run_directory(path + "/none").error().message, path + "/none/.lock"));
}

BOOST_AUTO_TEST_CASE(a_killed_head_leaves_the_directory_free) {
  int ready[2];
  BOOST_TEST_REQUIRE(::pipe(ready) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto lock = lock_run_directory(path);
    const char answer = lock.ok() ? 'y' : 'n';
    if (::write(ready[1], &answer, 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  char answer = 0;
  BOOST_TEST_REQUIRE(::read(ready[0], &answer, 1) == 1);
  BOOST_TEST(answer == 'y');
  BOOST_TEST(contains(lock_run_directory(path).error().message, "(process " + std::to_string(child) + ")"));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  BOOST_TEST(lock_run_directory(path).ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::storage
