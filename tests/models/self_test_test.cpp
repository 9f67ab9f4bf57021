#include "models/self_test.hpp"

#include <sstream>
#include <string>

#include <boost/test/unit_test.hpp>

namespace fulmar::models {
namespace {

/// Every build on every machine must give these. Where a kernel's order of operations changes on purpose, count
/// kKernelSetVersion up and take the new digests from this test's message; otherwise a difference is a bug.
std::map<std::string, std::uint64_t> digests_of_version_1() {
  return {
      {"activation.elu", 0x1228d210292d978c},
      {"activation.elu.derivative", 0x438078d77ac00e00},
      {"activation.relu", 0x43391a21744d37e8},
      {"activation.relu.derivative", 0xe9a37f5e52191b6c},
      {"activation.tanh", 0x8f24a6befdee18e9},
      {"activation.tanh.derivative", 0xfde2505f53ca7bee},
      {"cnn.gradient", 0xc4c2f65ab932f9c1},
      {"cnn.initial_weights", 0x2e514a17237523a2},
      {"cnn.loss", 0x67b6ade0c24a9e0a},
      {"convolution.backward_bias", 0xc2111757e6fb41de},
      {"convolution.backward_data", 0x5edfe488a6c3b7c1},
      {"convolution.backward_weights", 0x5483e38fc032465c},
      {"convolution.forward", 0x3247cac83e89c69},
      {"dense.backward_bias", 0x63c8c0559747f6dd},
      {"dense.backward_weights", 0x4ba8ddd1027a1f1c},
      {"dense.forward", 0x87fc29d60c17ef70},
      {"dropout", 0x4404b6a118c3009c},
      {"linear.gradient", 0x796ed632ae7ecee},
      {"linear.initial_weights", 0x79872024f5b30678},
      {"linear.loss", 0xdefccedf1d49efbc},
      {"loss", 0x24c4191b2464036a},
      {"loss.derivative", 0xb8b6a91e45e846a9},
  };
}

std::string listing(const std::map<std::string, std::uint64_t>& digests) {
  std::ostringstream lines;
  for (const auto& [name, digest] : digests) lines << "{\"" << name << "\", 0x" << std::hex << digest << "},\n";
  return lines.str();
}

BOOST_AUTO_TEST_SUITE(self_test_digests)

// SELFTEST-1
BOOST_AUTO_TEST_CASE(the_bits_are_those_of_the_kernel_set) {
  BOOST_REQUIRE_EQUAL(kKernelSetVersion, 1U);
  const auto found = self_test();
  BOOST_CHECK_MESSAGE(found == digests_of_version_1(), "this build gives:\n" << listing(found));
}

BOOST_AUTO_TEST_CASE(a_second_run_gives_the_same) {
  BOOST_CHECK(self_test() == self_test());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::models
