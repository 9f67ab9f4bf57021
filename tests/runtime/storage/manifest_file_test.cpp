#include "runtime/storage/manifest_file.hpp"

#include <boost/test/unit_test.hpp>

#include "tests/runtime/storage/sample_checkpoint.hpp"

namespace fulmar::storage {
namespace {

core::Manifest sample_manifest() {
  core::Manifest manifest;
  manifest.run_id = "0123456789abcdef0123456789abcdef";
  manifest.name = "winds";
  manifest.seed = 18446744073709551615U;
  manifest.config = "[run]\nname = \"winds\"\n# ä\n";
  manifest.config_sha256 = std::string(64, 'd');
  manifest.train_samples = 84;
  manifest.validation_samples = 24;
  manifest.test_samples = 23;
  manifest.leaf_size = 2;
  manifest.leaves = 16;
  manifest.shards = 3;
  manifest.parameter_floats = 96;
  manifest.parameter_count = 20;
  manifest.tensors = {{"0.weight", {4, 2, 2}, 0, 16}, {"0.bias", {4}, 64, 4}};
  manifest.determinism_class = "class";
  manifest.data_fingerprint = "print";
  manifest.statistics = {{"UWND.mean", 0.1}, {"UWND.scale", -1.0 / 3.0}};
  return manifest;
}

BOOST_AUTO_TEST_SUITE(manifest_file)

BOOST_AUTO_TEST_CASE(a_manifest_comes_back_as_it_was) {  // MANIFEST-1
  FaultyStorage storage(1);
  const core::Manifest manifest = sample_manifest();
  must(write_manifest(storage, manifest));
  const core::Manifest read = must(read_manifest(storage));
  BOOST_TEST(read.run_id == manifest.run_id);
  BOOST_TEST(read.name == manifest.name);
  BOOST_TEST(read.seed == manifest.seed);
  BOOST_TEST(read.config == manifest.config);
  BOOST_TEST(read.config_sha256 == manifest.config_sha256);
  BOOST_TEST(read.train_samples == manifest.train_samples);
  BOOST_TEST(read.validation_samples == manifest.validation_samples);
  BOOST_TEST(read.test_samples == manifest.test_samples);
  BOOST_TEST(read.leaf_size == manifest.leaf_size);
  BOOST_TEST(read.leaves == manifest.leaves);
  BOOST_TEST(read.shards == manifest.shards);
  BOOST_TEST(read.parameter_floats == manifest.parameter_floats);
  BOOST_TEST(read.parameter_count == manifest.parameter_count);
  BOOST_TEST((read.tensors == manifest.tensors));
  BOOST_TEST(read.determinism_class == manifest.determinism_class);
  BOOST_TEST(read.data_fingerprint == manifest.data_fingerprint);
  BOOST_TEST((read.statistics == manifest.statistics));
}

BOOST_AUTO_TEST_CASE(a_manifest_is_written_once) {
  FaultyStorage storage(1);
  must(write_manifest(storage, sample_manifest()));
  const auto again = write_manifest(storage, sample_manifest());
  BOOST_TEST_REQUIRE(!again.ok());
  BOOST_TEST(again.error().message.find("--resume") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(every_flipped_bit_is_found) {  // SEAL-1
  FaultyStorage storage(1);
  must(write_manifest(storage, sample_manifest()));
  const std::uint64_t bits = 8 * must(storage.read("manifest.json")).size();
  for (std::uint64_t bit = 0; bit < bits; ++bit) {
    storage.flip_bit("manifest.json", bit);
    const auto read = read_manifest(storage);
    BOOST_TEST_REQUIRE(!read.ok());
    BOOST_TEST(read.error().message.starts_with("RUN/manifest.json"));
    storage.flip_bit("manifest.json", bit);
  }
}

BOOST_AUTO_TEST_CASE(a_tensor_outside_the_vector_is_refused) {
  for (const core::ManifestTensor& tensor :
       {core::ManifestTensor{"w", {4}, 93, 4}, core::ManifestTensor{"w", {4}, ~std::size_t{0}, 4},
        core::ManifestTensor{"w", {200}, 0, 200}, core::ManifestTensor{"w", {3}, 0, 4}}) {
    FaultyStorage storage(1);
    core::Manifest manifest = sample_manifest();
    manifest.tensors = {tensor};
    must(write_manifest(storage, manifest));
    const auto read = read_manifest(storage);
    BOOST_TEST_REQUIRE(!read.ok());
    BOOST_TEST(read.error().message.find("\"w\"") != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::storage
