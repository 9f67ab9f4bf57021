// CURVE keys as files, and who is allowed: a directory of public keys for each role. A key authorises; it does not
// identify: several nodes may use one.
//
//   DIR/head/    secret.key, head.pub, workers/*.pub, admins/*.pub    fulmar train --keys DIR/head
//   DIR/NAME/    secret.key, head.pub, NAME.pub                       fulmar join, status … --keys DIR/NAME
//
// A key file holds one line: 40 characters of Z85. Files of secret keys are 0600; others are refused.
// Thread rule: plain values; an AllowList has one owner. No message ever has a secret in it.
//
// KEYS-1: a secret key that others than its owner may read is not used. KEYS-2: a public key file that is not one is
// skipped and named; the others count. KEYS-3: nothing that exists is overwritten.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runtime/vocabulary/result.hpp"

namespace fulmar::transport {

/// Z85 text that does not print.
class SecretKey {
 public:
  explicit SecretKey(std::string z85) : z85_(std::move(z85)) {}
  const std::string& reveal() const { return z85_; }

 private:
  std::string z85_;
};

struct KeyPair {
  std::string public_key;  ///< Z85
  SecretKey secret;
};

/// What a joiner or an administrator has.
struct ClientKeys {
  KeyPair own;
  std::string head;  ///< the head's public key
};

enum class Role { worker, admin };

/// DIR/secret.key of a head.
Result<KeyPair> read_head_keys(const std::filesystem::path& directory);
/// DIR/secret.key and DIR/head.pub.
Result<ClientKeys> read_client_keys(const std::filesystem::path& directory);

/// Makes DIR/head, DIR/worker and DIR/admin with their keys, the latter two allowed; or, where DIR/head is there
/// already, a further one: DIR/`name`. Gives the files that were made; the last one allows the last key.
Result<std::vector<std::filesystem::path>> generate_keys(const std::filesystem::path& directory);
Result<std::vector<std::filesystem::path>> add_client(const std::filesystem::path& directory, const std::string& name,
                                                      Role role);

/// Whose public keys lie in DIR/workers and DIR/admins of a head's directory, as of the last look.
class AllowList {
 public:
  static Result<AllowList> read(std::filesystem::path directory);

  struct Change {
    std::vector<std::string> removed;   ///< keys that are not allowed any longer, or in another role
    std::vector<std::string> problems;  ///< new ones only: files that are skipped, and why
  };
  /// Looks again; an Error when the directory cannot be read, and then nothing changes.
  Result<Change> refresh();
  /// A worker joins, an admin asks for the status, drains nodes and changes the policy; neither may do the other's. A
  /// key that lies in both directories is a worker's, and a problem.
  std::optional<Role> role_of(const std::string& key) const;
  std::size_t size() const { return roles_.size(); }

 private:
  explicit AllowList(std::filesystem::path directory) : directory_(std::move(directory)) {}

  std::filesystem::path directory_;
  std::map<std::string, Role> roles_;  // by public key
  std::vector<std::string> problems_;  // of the last look
};

}  // namespace fulmar::transport
