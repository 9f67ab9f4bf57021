// SHA-256 (FIPS 180-4), through OpenSSL: what names the content of every file of a checkpoint.
// Thread rule: one hasher, one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct evp_md_ctx_st;  // OpenSSL's EVP_MD_CTX

namespace fulmar::storage {

/// What a file is known by: its length and the SHA-256 of its bytes, as 64 lower-case hex digits.
struct FileDigest {
  std::uint64_t bytes = 0;
  std::string sha256;
  bool operator==(const FileDigest&) const = default;
};

/// Hashes bytes as they come.
class Sha256 {
 public:
  Sha256();
  void update(std::span<const std::byte> bytes);
  /// Length and hash of all that was given. Ends this hasher.
  FileDigest finish();

 private:
  struct Free {
    void operator()(evp_md_ctx_st* context) const;
  };
  std::unique_ptr<evp_md_ctx_st, Free> context_;
  std::uint64_t bytes_ = 0;
};

std::string sha256_hex(std::span<const std::byte> bytes);

}  // namespace fulmar::storage
