// SHA-256 and CRC-32C against published vectors.
#include <string>

#include <boost/test/unit_test.hpp>

#include "runtime/storage/crc32c.hpp"
#include "runtime/storage/sha256.hpp"

namespace fulmar::storage {
namespace {

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

BOOST_AUTO_TEST_SUITE(checksum)

// FIPS 180-4 examples: the empty message, "abc", and two blocks.
BOOST_AUTO_TEST_CASE(sha256_gives_the_published_values) {
  BOOST_TEST(sha256_hex({}) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(sha256_hex(bytes_of("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  BOOST_TEST(sha256_hex(bytes_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")) ==
             "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

BOOST_AUTO_TEST_CASE(sha256_in_pieces_is_sha256_of_the_whole) {
  const std::string text(1000, 'x');
  Sha256 hasher;
  for (std::size_t i = 0; i < text.size(); i += 37) hasher.update(bytes_of(text.substr(i, 37)));
  const FileDigest digest = hasher.finish();
  BOOST_TEST(digest.bytes == 1000U);
  BOOST_TEST(digest.sha256 == sha256_hex(bytes_of(text)));
}

// RFC 3720, appendix B.4, and the usual check value of "123456789".
BOOST_AUTO_TEST_CASE(crc32c_gives_the_published_values) {
  std::string ascending;
  for (int i = 0; i < 32; ++i) ascending += static_cast<char>(i);
  BOOST_TEST(crc32c("") == 0U);
  BOOST_TEST(crc32c("123456789") == 0xE3069283U);
  BOOST_TEST(crc32c(std::string(32, '\0')) == 0x8A9136AAU);
  BOOST_TEST(crc32c(std::string(32, '\xFF')) == 0x62A8AB43U);
  BOOST_TEST(crc32c(ascending) == 0x46DD794EU);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::storage
