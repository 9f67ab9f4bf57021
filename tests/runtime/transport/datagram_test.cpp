#include "runtime/transport/datagram.hpp"

#include <set>
#include <string>

#include <boost/test/unit_test.hpp>

#include "runtime/transport/traffic.hpp"

namespace fulmar::transport {
namespace {

BOOST_AUTO_TEST_SUITE(datagrams)

BOOST_AUTO_TEST_CASE(a_run_id_is_32_hex_digits) {
  const auto run = parse_run_id("00ff10a5000000000000000000000001");
  BOOST_REQUIRE(run.has_value());
  const RunId expected{0x00, 0xff, 0x10, 0xa5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01};
  BOOST_TEST((*run == expected));
  for (const char* text : {"", "00ff", "00ff10a500000000000000000000000g", "00ff10a50000000000000000000000011",
                           "-1ff10a5000000000000000000000001", " 0ff10a5000000000000000000000001"}) {
    BOOST_TEST(!parse_run_id(text).has_value(), text);
  }
}

BOOST_AUTO_TEST_CASE(every_reason_to_drop_has_a_name_of_its_own) {
  std::set<std::string> names;
  for (std::size_t drop = 0; drop < kDrops; ++drop) names.insert(to_string(static_cast<Drop>(drop)));
  BOOST_TEST(names.size() == kDrops);
  BOOST_TEST(!names.contains("?"));
}

BOOST_AUTO_TEST_CASE(traffic_counts_by_reason) {
  Traffic traffic;
  traffic.drop(Drop::forged);
  traffic.drop(Drop::forged);
  traffic.drop(Drop::malformed);
  BOOST_TEST(traffic.dropped[static_cast<std::size_t>(Drop::forged)] == 2U);
  BOOST_TEST(traffic.dropped[static_cast<std::size_t>(Drop::malformed)] == 1U);
  BOOST_TEST(traffic.dropped[static_cast<std::size_t>(Drop::replayed)] == 0U);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace fulmar::transport
