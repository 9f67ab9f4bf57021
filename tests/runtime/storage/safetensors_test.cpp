#include "runtime/storage/safetensors.hpp"

#include <array>
#include <cstring>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/runtime/storage/faulty_storage.hpp"

namespace fulmar::storage {
namespace {

std::vector<std::byte> encode(std::span<const Tensor> tensors) {
  std::vector<std::byte> bytes;
  const auto done = encode_safetensors(tensors, [&](std::span<const std::byte> piece) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
    return Result<void>{};
  });
  BOOST_TEST_REQUIRE(done.ok());
  return bytes;
}

/// A file with this header and so many bytes of zeros behind it.
std::vector<std::byte> file_with(std::string header, std::size_t data_bytes) {
  header.resize((header.size() + 7) / 8 * 8, ' ');
  std::vector<std::byte> bytes(8 + header.size() + data_bytes);
  const std::uint64_t length = header.size();
  std::memcpy(bytes.data(), &length, sizeof length);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  return bytes;
}

/// The message that parsing ends with; empty when it succeeds.
std::string problem(const std::vector<std::byte>& bytes) {
  const auto parsed = parse_safetensors(bytes, "FILE");
  return parsed ? "" : parsed.error().message;
}

bool names(const std::string& message, const std::string& part) {
  return message.starts_with("FILE") && message.find(part) != std::string::npos;
}

constexpr std::array<float, 6> kValues{1.5F, -0.0F, 3.25e-38F, 4, 5, 6};
const std::span<const float> kSpan(kValues);

BOOST_AUTO_TEST_SUITE(safetensors)

// Written by hand from the format's definition, so that writer and reader cannot be wrong together.
BOOST_AUTO_TEST_CASE(the_bytes_are_those_of_the_format) {
  const std::vector<Tensor> tensors{{"b", {2}, kSpan.subspan(4, 2)}, {"a", {}, kSpan.first(1)}};
  const auto bytes = encode(tensors);
  std::string header =
      R"({"a":{"data_offsets":[0,4],"dtype":"F32","shape":[]},"b":{"data_offsets":[4,12],"dtype":"F32","shape":[2]}})";
  auto expected = file_with(header, 12);
  const std::array<float, 3> values{1.5F, 5, 6};
  std::memcpy(expected.data() + expected.size() - 12, values.data(), 12);
  BOOST_TEST((bytes == expected));
}

BOOST_AUTO_TEST_CASE(tensors_come_back_bit_for_bit_and_sorted) {
  const std::vector<Tensor> tensors{
      {"weight", {2, 2}, kSpan.first(4)}, {"bias", {1}, kSpan.subspan(4, 1)}, {"none", {0, 3}, {}}};
  const auto bytes = encode(tensors);
  const auto parsed = parse_safetensors(bytes, "FILE");
  BOOST_TEST_REQUIRE(parsed.ok());
  BOOST_TEST_REQUIRE(parsed->size() == 3U);
  BOOST_TEST((*parsed)[0].name == "bias");
  BOOST_TEST((*parsed)[1].shape == (std::vector<std::size_t>{0, 3}));
  BOOST_TEST((*parsed)[2].shape == (std::vector<std::size_t>{2, 2}));
  BOOST_TEST(std::memcmp((*parsed)[2].values.data(), kValues.data(), 16) == 0);
}

BOOST_AUTO_TEST_CASE(equal_tensors_in_another_order_give_equal_bytes) {  // SAFETENSORS-1
  const Tensor a{"a", {2}, kSpan.first(2)};
  const Tensor b{"b", {4}, kSpan.subspan(2, 4)};
  BOOST_TEST((encode(std::vector{a, b}) == encode(std::vector{b, a})));
}

BOOST_AUTO_TEST_CASE(the_digest_is_that_of_the_written_file) {
  const std::vector<float> many(200'000, 0.5F);  // more than one piece
  const std::vector<Tensor> tensors{{"many", {2, 100'000}, many}};
  FaultyStorage storage(1);
  auto file = storage.create("file");
  const auto digest = write_safetensors(**file, tensors);
  BOOST_TEST_REQUIRE(digest.ok());
  const auto bytes = storage.read("file");
  BOOST_TEST(digest->bytes == bytes->size());
  BOOST_TEST(digest->sha256 == sha256_hex(*bytes));
  BOOST_TEST((*digest == safetensors_digest(tensors)));
}

BOOST_AUTO_TEST_CASE(no_tensors_are_a_file_too) {
  BOOST_TEST(problem(encode({})).empty());
}

BOOST_AUTO_TEST_CASE(metadata_of_other_writers_is_passed_over) {
  const std::string header = R"({"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  const auto bytes = file_with(header, 4);
  const auto parsed = parse_safetensors(bytes, "FILE");
  BOOST_TEST_REQUIRE(parsed.ok());
  BOOST_TEST(parsed->size() == 1U);
}

BOOST_AUTO_TEST_CASE(absurd_lengths_are_refused) {
  BOOST_TEST(names(problem(std::vector<std::byte>(7)), "7 bytes"));
  auto bytes = file_with("{}", 0);
  for (const std::uint64_t length : {std::uint64_t{9}, std::uint64_t{200'000'000}, ~std::uint64_t{0}}) {
    std::memcpy(bytes.data(), &length, sizeof length);
    BOOST_TEST(names(problem(bytes), "claims a header of " + std::to_string(length)));
  }
  const std::uint64_t odd = 2;
  std::memcpy(bytes.data(), &odd, sizeof odd);
  BOOST_TEST(names(problem(bytes), "multiple of 4"));
}

BOOST_AUTO_TEST_CASE(headers_that_are_not_json_objects_are_refused) {
  for (const char* header : {"", "{", "[]", "null", "{\"a\":}", "\xFF\xFE"}) {
    BOOST_TEST(names(problem(file_with(header, 0)), "header"), header);
  }
  BOOST_TEST(names(problem(file_with(std::string(100'000, '['), 0)), "header"));
}

struct Malformed {
  const char* header;
  std::size_t data_bytes;
  const char* said;
};

BOOST_AUTO_TEST_CASE(malformed_tensors_are_refused_by_name) {  // SAFETENSORS-2
  const std::vector<Malformed> cases{
      {R"({"a":1})", 0, "a JSON object was expected"},
      {R"({"a":{"dtype":"F16","shape":[2],"data_offsets":[0,4]}})", 4, "dtype is F16"},
      {R"({"a":{"shape":[1],"data_offsets":[0,4]}})", 4, "\"dtype\" is missing"},
      {R"({"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", 4, "shape is [-1]"},
      {R"({"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}})", 4, "shape is [1.5]"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}})", 4, "data_offsets are [0]"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", 4, "do not lie"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4, "do not lie"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", 4, "does not need the 4 bytes"},
      {R"({"a":{"dtype":"F32","shape":[4611686018427387905],"data_offsets":[0,4]}})", 4, "does not need"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
       4, "overlaps"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[8,12]}})",
       12, "gap"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}})", 8, "multiple of 4"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", 7, "3 bytes at the end"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})",
       4, "described twice"}};
  for (const Malformed& malformed : cases) {
    const std::string said = problem(file_with(malformed.header, malformed.data_bytes));
    BOOST_TEST(names(said, malformed.said), malformed.header << " gave: " << said);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::storage
