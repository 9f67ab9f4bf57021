#include "runtime/transport/keys.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <fcntl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>
#include <zmq.h>

#include <openssl/crypto.h>

#include "runtime/transport/key_files.hpp"

namespace fulmar::transport {
namespace {

constexpr std::size_t kKeyBytes = 32;

bool is_key(const std::string& text) {
  std::array<std::uint8_t, kKeyBytes> bytes{};
  if (text.size() != kKeyCharacters) return false;
  const bool valid = zmq_z85_decode(bytes.data(), text.c_str()) != nullptr;
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return valid;
}

/// Open for reading. Not blocked by a pipe that nobody writes to.
class File {
 public:
  explicit File(const std::filesystem::path& path)
      : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
  ~File() {
    if (valid()) ::close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  bool valid() const { return descriptor_ >= 0; }
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

/// KEYS-1. Looks at what was opened, so that nothing else can be put in its place.
Result<void> check_is_private(const File& file, const std::filesystem::path& path) {
  struct stat found {};
  if (::fstat(file.descriptor(), &found) != 0) return cannot("examine", path, errno, "check the file");
  if ((found.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
  return Error{path.string() +
               " holds a secret key that others on this machine may read; make new keys if they may have, " +
               "and else: chmod 600 " + path.string()};
}

/// The first line of a file, which has to be a key.
Result<std::string> read_key(const File& file, const std::filesystem::path& path) {
  std::array<char, 2 * kKeyCharacters> text{};
  const ssize_t size = ::read(file.descriptor(), text.data(), text.size());
  if (size < 0) return cannot("read", path, errno, "check the file");
  std::string line(text.data(), static_cast<std::size_t>(size));
  OPENSSL_cleanse(text.data(), text.size());
  line.erase(std::min(line.find_last_not_of(" \r\n") + 1, line.size()));
  if (is_key(line)) return line;
  OPENSSL_cleanse(line.data(), line.size());
  return Error{path.string() + " is no key file: it should hold one line of 40 characters, as fulmar keygen writes it"};
}

}  // namespace

Error cannot(const std::string& action, const std::filesystem::path& path, int reason, const std::string& remedy) {
  return Error{"cannot " + action + " " + path.string() + ": " + std::generic_category().message(reason) + "; " +
               remedy};
}

const char* folder_of(Role role) {
  return role == Role::worker ? "workers" : "admins";
}

Result<std::string> read_public_key(const std::filesystem::path& path) {
  const File file(path);
  if (!file.valid()) return cannot("read", path, errno, "name a directory that fulmar keygen has made");
  return read_key(file, path);
}

Result<KeyPair> read_key_pair(const std::filesystem::path& path) {
  const File file(path);
  if (!file.valid()) return cannot("read", path, errno, "name a directory that fulmar keygen has made");
  if (auto checked = check_is_private(file, path); !checked) return checked.error();
  auto secret = read_key(file, path);
  if (!secret) return secret.error();
  std::array<char, kKeyCharacters + 1> public_key{};
  if (zmq_curve_public(public_key.data(), secret->c_str()) != 0) {
    return Error{"cannot use " + path.string() + ": this libzmq was built without CURVE, which keys need"};
  }
  return KeyPair{std::string(public_key.data()), SecretKey(std::move(*secret))};
}

Result<KeyPair> read_head_keys(const std::filesystem::path& directory) {
  return read_key_pair(directory / kSecretFile);
}

Result<ClientKeys> read_client_keys(const std::filesystem::path& directory) {
  auto own = read_key_pair(directory / kSecretFile);
  if (!own) return own.error();
  auto head = read_public_key(directory / kHeadFile);
  if (!head) return head.error();
  return ClientKeys{std::move(*own), std::move(*head)};
}

}  // namespace fulmar::transport
