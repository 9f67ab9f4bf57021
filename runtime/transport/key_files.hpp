// Key files and the folders that hold them, for what reads and makes them (keys.hpp).
// Thread rule: pure functions over the file system.
#pragma once

#include <filesystem>
#include <string>

#include "runtime/transport/keys.hpp"

namespace fulmar::transport {

inline constexpr std::size_t kKeyCharacters = 40;

inline constexpr const char* kSecretFile = "secret.key";
inline constexpr const char* kHeadFile = "head.pub";
inline constexpr const char* kHeadFolder = "head";
/// Of a head's directory: the public keys of those who have the role.
const char* folder_of(Role role);

Result<std::string> read_public_key(const std::filesystem::path& path);
/// KEYS-1.
Result<KeyPair> read_key_pair(const std::filesystem::path& path);

/// `action` completes "cannot …"; `reason` is an errno.
Error cannot(const std::string& action, const std::filesystem::path& path, int reason, const std::string& remedy);

}  // namespace fulmar::transport
