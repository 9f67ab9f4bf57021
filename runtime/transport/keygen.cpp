#include <array>
#include <cerrno>
#include <fcntl.h>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <zmq.h>

#include <openssl/crypto.h>

#include "runtime/transport/key_files.hpp"
#include "runtime/transport/keys.hpp"

namespace fulmar::transport {
namespace {

namespace fs = std::filesystem;

/// KEYS-3.
Result<void> write_key(const fs::path& path, const std::string& key, mode_t mode) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
  if (descriptor < 0) return cannot("write", path, errno, "check the directory, and that nothing is there yet");
  std::string line = key + "\n";
  const ssize_t written = ::write(descriptor, line.data(), line.size());
  const bool is_whole = written == static_cast<ssize_t>(line.size()) && ::fsync(descriptor) == 0;
  const int reason = errno;
  ::close(descriptor);
  OPENSSL_cleanse(line.data(), line.size());
  if (is_whole) return {};
  return cannot("write", path, reason, "free space there, remove what was made, and try again");
}

Result<void> make_folder(const fs::path& path) {
  if (::mkdir(path.c_str(), S_IRWXU) == 0) return {};
  return cannot("make", path, errno, "check the path and its permissions");
}

Result<void> insist_on_nothing_at(const fs::path& path) {
  if (fs::symlink_status(path).type() == fs::file_type::not_found) return {};
  return Error{path.string() + " is there already, and keys are never overwritten; name another directory"};
}

/// What is being made, as long as nothing goes wrong.
class Keygen {
 public:
  void folder(const fs::path& path) {
    if (result_.ok()) result_ = make_folder(path);
  }
  void file(const fs::path& path, const std::string& key, mode_t mode) {
    if (!result_.ok()) return;
    result_ = write_key(path, key, mode);
    if (result_.ok()) made_.push_back(path);
  }
  void secret_key(const fs::path& path, const SecretKey& key) { file(path, key.reveal(), S_IRUSR | S_IWUSR); }
  void public_key(const fs::path& path, const std::string& key) {
    file(path, key, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH);
  }

  Result<std::vector<fs::path>> finish() && {
    if (!result_.ok()) return result_.error();
    return std::move(made_);
  }

 private:
  Result<void> result_;
  std::vector<fs::path> made_;
};

Result<KeyPair> draw_key_pair() {
  std::array<char, kKeyCharacters + 1> public_key{};
  std::array<char, kKeyCharacters + 1> secret{};
  if (zmq_curve_keypair(public_key.data(), secret.data()) != 0) {
    return Error{"cannot make keys: this libzmq was built without CURVE"};
  }
  KeyPair pair{std::string(public_key.data()), SecretKey(std::string(secret.data()))};
  OPENSSL_cleanse(secret.data(), secret.size());
  return pair;
}

fs::path allowed_file(const fs::path& directory, const std::string& name, Role role) {
  return directory / kHeadFolder / folder_of(role) / (name + ".pub");
}

/// The key is allowed last, when its owner's directory is complete.
Result<void> make_client(Keygen& keygen, const fs::path& directory, const std::string& name, Role role,
                         const std::string& head) {
  const Result<KeyPair> keys = draw_key_pair();
  if (!keys) return keys.error();
  keygen.folder(directory / name);
  keygen.secret_key(directory / name / kSecretFile, keys->secret);
  keygen.public_key(directory / name / kHeadFile, head);
  keygen.public_key(directory / name / (name + ".pub"), keys->public_key);
  keygen.public_key(allowed_file(directory, name, role), keys->public_key);
  return {};
}

Result<void> check_name(const std::string& name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  const bool fits = !name.empty() && name.front() != '.' && name.front() != '-' && name.size() <= 64 &&
                    name.find_first_not_of(kAllowed) == std::string::npos;
  if (fits && name != kHeadFolder) return {};
  return Error{"'" + name +
               "' cannot be the name of a key: it names a folder beside 'head', so write letters, digits, " +
               "'.', '_' and '-', and begin with a letter or digit"};
}

}  // namespace

Result<std::vector<fs::path>> generate_keys(const fs::path& directory) {
  for (const char* name : {kHeadFolder, "worker", "admin"}) {
    if (auto checked = insist_on_nothing_at(directory / name); !checked) return checked.error();
  }
  const Result<KeyPair> head = draw_key_pair();
  if (!head) return head.error();
  std::error_code failure;
  fs::create_directories(directory, failure);
  if (failure) return cannot("make", directory, failure.value(), "check the path and its permissions");
  Keygen keygen;
  keygen.folder(directory / kHeadFolder);
  keygen.secret_key(directory / kHeadFolder / kSecretFile, head->secret);
  keygen.public_key(directory / kHeadFolder / kHeadFile, head->public_key);
  for (const Role role : {Role::worker, Role::admin}) keygen.folder(directory / kHeadFolder / folder_of(role));
  if (auto made = make_client(keygen, directory, "worker", Role::worker, head->public_key); !made) return made.error();
  if (auto made = make_client(keygen, directory, "admin", Role::admin, head->public_key); !made) return made.error();
  return std::move(keygen).finish();
}

Result<std::vector<fs::path>> add_client(const fs::path& directory, const std::string& name, Role role) {
  if (auto checked = check_name(name); !checked) return checked.error();
  const Result<std::string> head = read_public_key(directory / kHeadFolder / kHeadFile);
  if (!head) return head.error();
  for (const fs::path& path : {directory / name, allowed_file(directory, name, role)}) {
    if (auto checked = insist_on_nothing_at(path); !checked) return checked.error();
  }
  Keygen keygen;
  if (auto made = make_client(keygen, directory, name, role, *head); !made) return made.error();
  return std::move(keygen).finish();
}

}  // namespace fulmar::transport
