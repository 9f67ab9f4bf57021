#include "runtime/storage/sha256.hpp"

#include <array>

#include <openssl/evp.h>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::storage {

void Sha256::Free::operator()(evp_md_ctx_st* context) const {
  EVP_MD_CTX_free(context);
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  FULMAR_ASSERT(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1,
                "this OpenSSL offers no SHA-256");
}

void Sha256::update(std::span<const std::byte> bytes) {
  FULMAR_ASSERT(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) == 1, "SHA-256 used after finish()");
  bytes_ += bytes.size();
}

FileDigest Sha256::finish() {
  std::array<unsigned char, 32> hash{};
  FULMAR_ASSERT(EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr) == 1, "SHA-256 finished twice");
  FileDigest digest{bytes_, {}};
  digest.sha256.reserve(2 * hash.size());
  for (const unsigned char byte : hash) {
    constexpr const char* kDigits = "0123456789abcdef";
    digest.sha256 += kDigits[byte >> 4U];
    digest.sha256 += kDigits[byte & 15U];
  }
  return digest;
}

std::string sha256_hex(std::span<const std::byte> bytes) {
  Sha256 hasher;
  hasher.update(bytes);
  return hasher.finish().sha256;
}

}  // namespace fulmar::storage
