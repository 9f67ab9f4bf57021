#include "runtime/transport/keys.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <sys/stat.h>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::transport {
namespace {

namespace fs = std::filesystem;

/// An empty folder, for as long as a test lasts.
struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "fulmar-keys-XXXXXX").string();
    BOOST_TEST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

std::string content(const fs::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& text) {
  std::ofstream(path) << text;
}

::mode_t mode(const fs::path& path) {
  struct stat found {};
  BOOST_TEST_REQUIRE(::stat(path.c_str(), &found) == 0, path.string());
  return found.st_mode & 07777;
}

template <class Value>
void check_error(const Result<Value>& result, const std::vector<std::string>& words) {
  BOOST_TEST_REQUIRE(!result.ok());
  for (const std::string& word : words) {
    BOOST_TEST(result.error().message.find(word) != std::string::npos, word + " is missing: " + result.error().message);
  }
}

/// Every regular file below, with what it holds.
std::vector<std::pair<std::string, std::string>> all_files(const fs::path& folder) {
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.emplace_back(entry.path().string(), content(entry.path()));
  }
  std::ranges::sort(files);
  return files;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(keys, Folder)

BOOST_AUTO_TEST_CASE(a_head_a_worker_and_an_admin_get_keys_that_fit) {
  const auto made = generate_keys(path / "new" / "keys");
  BOOST_TEST_REQUIRE(made.ok());
  const fs::path keys = path / "new" / "keys";
  const KeyPair head = read_head_keys(keys / "head").value();
  const ClientKeys worker = read_client_keys(keys / "worker").value();
  const ClientKeys admin = read_client_keys(keys / "admin").value();
  BOOST_TEST(worker.head == head.public_key);
  BOOST_TEST(admin.head == head.public_key);
  BOOST_TEST(content(keys / "head" / "head.pub") == head.public_key + "\n");
  BOOST_TEST(content(keys / "worker" / "worker.pub") == worker.own.public_key + "\n");
  const AllowList allowed = AllowList::read(keys / "head").value();
  BOOST_TEST((allowed.role_of(worker.own.public_key) == Role::worker));
  BOOST_TEST((allowed.role_of(admin.own.public_key) == Role::admin));
  BOOST_TEST(!allowed.role_of(head.public_key).has_value());
  BOOST_TEST(allowed.size() == 2U);
  std::set<std::string> different = {head.public_key,      worker.own.public_key,      admin.own.public_key,
                                     head.secret.reveal(), worker.own.secret.reveal(), admin.own.secret.reveal()};
  BOOST_TEST(different.size() == 6U);
  BOOST_TEST(made->size() == all_files(path).size());
  for (const fs::path& file : *made) BOOST_TEST(fs::is_regular_file(file), file.string());
}

// KEYS-1, whatever the umask.
BOOST_AUTO_TEST_CASE(secrets_are_for_their_owner_alone) {
  const ::mode_t before = ::umask(0);
  const bool made = generate_keys(path).ok();
  ::umask(before);
  BOOST_TEST_REQUIRE(made);
  for (const char* name : {"head", "worker", "admin"}) {
    BOOST_TEST(mode(path / name / "secret.key") == 0600U);
    BOOST_TEST(mode(path / name) == 0700U);
  }
}

BOOST_AUTO_TEST_CASE(a_secret_that_others_may_read_is_refused) {
  BOOST_TEST_REQUIRE(generate_keys(path).ok());
  const fs::path secret = path / "worker" / "secret.key";
  for (const ::mode_t open : {0640U, 0604U, 0620U, 0601U}) {
    BOOST_TEST_REQUIRE(::chmod(secret.c_str(), open) == 0);
    check_error(read_client_keys(path / "worker"), {secret.string(), "others", "chmod 600"});
  }
  BOOST_TEST_REQUIRE(::chmod(secret.c_str(), 0400) == 0);
  BOOST_TEST(read_client_keys(path / "worker").ok());
}

BOOST_AUTO_TEST_CASE(no_message_shows_a_secret) {
  BOOST_TEST_REQUIRE(generate_keys(path).ok());
  const fs::path file = path / "worker" / "secret.key";
  const std::string secret = read_client_keys(path / "worker")->own.secret.reveal();
  write(file, secret.substr(0, 39) + "\"\n");
  const auto refused = read_client_keys(path / "worker");
  BOOST_TEST_REQUIRE(!refused.ok());
  BOOST_TEST(refused.error().message.find(secret.substr(0, 8)) == std::string::npos);
}

BOOST_AUTO_TEST_CASE(files_that_are_no_keys_are_named) {
  BOOST_TEST_REQUIRE(generate_keys(path).ok());
  check_error(read_head_keys(path), {(path / "secret.key").string(), "No such file", "keygen"});
  for (const char* text : {"", "\n", "too short\n", "a line of characters which Z85 does not have:  \"\n"}) {
    write(path / "worker" / "head.pub", text);
    check_error(read_client_keys(path / "worker"), {(path / "worker" / "head.pub").string(), "40 characters"});
  }
  const std::string key = content(path / "head" / "head.pub");
  write(path / "worker" / "head.pub", key.substr(0, 40) + "  \r\n");
  BOOST_TEST(read_client_keys(path / "worker").ok());
  write(path / "worker" / "head.pub", key + key);
  BOOST_TEST(!read_client_keys(path / "worker").ok());
}

// KEYS-3.
BOOST_AUTO_TEST_CASE(nothing_that_exists_is_overwritten) {
  BOOST_TEST_REQUIRE(generate_keys(path).ok());
  BOOST_TEST_REQUIRE(add_client(path, "node-7", Role::worker).ok());
  const auto before = all_files(path);
  check_error(generate_keys(path), {(path / "head").string(), "never overwritten"});
  check_error(add_client(path, "node-7", Role::worker), {(path / "node-7").string(), "never overwritten"});
  fs::rename(path / "node-7", path / "moved");
  check_error(add_client(path, "node-7", Role::worker), {(path / "head" / "workers" / "node-7.pub").string()});
  fs::rename(path / "moved", path / "node-7");
  BOOST_TEST((all_files(path) == before));
  fs::remove_all(path / "head");
  check_error(generate_keys(path), {(path / "worker").string(), "never overwritten"});
  BOOST_TEST(!fs::exists(path / "head"));
}

BOOST_AUTO_TEST_CASE(further_ones_are_allowed_in_their_role) {
  BOOST_TEST_REQUIRE(generate_keys(path).ok());
  AllowList allowed = AllowList::read(path / "head").value();
  BOOST_TEST_REQUIRE(add_client(path, "node-7", Role::worker).ok());
  BOOST_TEST_REQUIRE(add_client(path, "ops", Role::admin).ok());
  BOOST_TEST(allowed.size() == 2U);
  BOOST_TEST_REQUIRE(allowed.refresh().ok());
  BOOST_TEST((allowed.role_of(read_client_keys(path / "node-7")->own.public_key) == Role::worker));
  BOOST_TEST((allowed.role_of(read_client_keys(path / "ops")->own.public_key) == Role::admin));
  for (const char* name : {"", "head", "../x", "a/b", ".hidden", "-x", "two words"}) {
    check_error(add_client(path, name, Role::worker), {"cannot be the name"});
  }
  check_error(add_client(path / "nowhere", "x", Role::worker), {"head.pub", "keygen"});
}

BOOST_AUTO_TEST_CASE(a_removed_file_removes_its_key) {
  BOOST_TEST_REQUIRE(generate_keys(path).ok());
  const std::string key = read_client_keys(path / "worker")->own.public_key;
  AllowList allowed = AllowList::read(path / "head").value();
  const fs::path file = path / "head" / "workers" / "worker.pub";
  fs::copy_file(file, path / "head" / "workers" / "twice.pub");
  BOOST_TEST(allowed.refresh()->removed.empty());
  fs::remove(file);
  BOOST_TEST(allowed.refresh()->removed.empty());  // the other file still has it
  fs::remove(path / "head" / "workers" / "twice.pub");
  BOOST_TEST((allowed.refresh()->removed == std::vector{key}));
  BOOST_TEST(!allowed.role_of(key).has_value());
  BOOST_TEST(allowed.refresh()->removed.empty());
}

BOOST_AUTO_TEST_CASE(who_gets_another_role_loses_the_one_it_had) {
  BOOST_TEST_REQUIRE(generate_keys(path).ok());
  const std::string key = read_client_keys(path / "worker")->own.public_key;
  AllowList allowed = AllowList::read(path / "head").value();
  fs::rename(path / "head" / "workers" / "worker.pub", path / "head" / "admins" / "promoted.pub");
  BOOST_TEST((allowed.refresh()->removed == std::vector{key}));
  BOOST_TEST((allowed.role_of(key) == Role::admin));
}

// KEYS-2.
BOOST_AUTO_TEST_CASE(a_file_that_is_no_key_is_named_once_and_the_others_count) {
  BOOST_TEST_REQUIRE(generate_keys(path).ok());
  AllowList allowed = AllowList::read(path / "head").value();
  const fs::path broken = path / "head" / "workers" / "broken.pub";
  write(broken, "half a k");
  write(path / "head" / "workers" / "README", "not looked at");
  const auto change = allowed.refresh();
  BOOST_TEST_REQUIRE(change->problems.size() == 1U);
  BOOST_TEST(change->problems.front().find(broken.string()) != std::string::npos);
  BOOST_TEST(allowed.size() == 2U);
  BOOST_TEST(allowed.refresh()->problems.empty());
  fs::remove(broken);
  BOOST_TEST(allowed.refresh()->problems.empty());
  write(broken, "half a k");
  BOOST_TEST(allowed.refresh()->problems.size() == 1U);
}

BOOST_AUTO_TEST_CASE(a_key_in_both_roles_counts_as_the_lesser) {
  BOOST_TEST_REQUIRE(generate_keys(path).ok());
  fs::copy_file(path / "head" / "workers" / "worker.pub", path / "head" / "admins" / "worker.pub");
  AllowList allowed = AllowList::read(path / "head").value();
  BOOST_TEST((allowed.role_of(read_client_keys(path / "worker")->own.public_key) == Role::worker));
}

BOOST_AUTO_TEST_CASE(a_directory_that_cannot_be_read_changes_nothing) {
  BOOST_TEST_REQUIRE(generate_keys(path).ok());
  AllowList allowed = AllowList::read(path / "head").value();
  fs::rename(path / "head" / "workers", path / "elsewhere");
  check_error(allowed.refresh(), {(path / "head" / "workers").string(), "No such file"});
  BOOST_TEST(allowed.size() == 2U);
  check_error(AllowList::read(path / "worker"), {(path / "worker" / "workers").string()});
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::transport
