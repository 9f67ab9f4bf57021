#include "monitoring/listening_address.hpp"

#include <boost/test/unit_test.hpp>

#include "monitoring/status_endpoint.hpp"

namespace fulmar::monitoring {
namespace {

std::string refusal(const std::string& address) {
  const Result<ListeningAddress> resolved = resolve(address);
  BOOST_REQUIRE_MESSAGE(!resolved.ok(), address + " was accepted");
  BOOST_TEST(resolved.error().message.starts_with("--metrics " + address + ": "), resolved.error().message);
  return resolved.error().message;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(listening_address)

BOOST_AUTO_TEST_CASE(a_port_that_is_taken_is_named_with_the_remedy) {
  const RunMetrics metrics("0.1.0");
  const RunBoard board;
  const auto first = serve("localhost:0", metrics, board);
  BOOST_REQUIRE(first.ok());
  const std::string message = refusal("127.0.0.1:" + std::to_string(first.value()->port()));
  BOOST_TEST(message.find("cannot listen there (Address already in use); stop the program that has this port") !=
             std::string::npos);
}

BOOST_AUTO_TEST_CASE(an_address_that_is_none_is_refused) {
  for (const std::string address : {"", "9100", ":9100", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "127.0.0.1:-1",
                                    "127.0.0.1:9100s", "::1:9100", "[]:9100"}) {
    BOOST_TEST(refusal(address).find("this is not HOST:PORT; write for example --metrics 127.0.0.1:9464") !=
               std::string::npos);
    BOOST_TEST(!check_address(address).ok());
  }
  for (const std::string address : {"127.0.0.1:65536", "127.0.0.1:99999", "[::1]:99999999999999999999"}) {
    BOOST_TEST(refusal(address).find("ports end at 65535; choose one from 1024 to 65535") != std::string::npos);
    BOOST_TEST(!check_address(address).ok());
  }
  BOOST_TEST(refusal("no.such.host.invalid:9100").find("the host \"no.such.host.invalid\" is not known") !=
             std::string::npos);
  // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
  BOOST_TEST(refusal("192.0.2.1:9100").find("choose an address of this machine") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(loopback_is_told_from_the_rest) {
  const Result<ListeningAddress> named = resolve("localhost:0");
  BOOST_REQUIRE(named.ok());
  BOOST_TEST(named->is_loopback);
  BOOST_TEST(named->host == "localhost");
  BOOST_TEST(named->ip_and_port() == "127.0.0.1:0");
  BOOST_TEST((ListeningAddress{.ip = "::1", .port = 9100}.ip_and_port()) == "[::1]:9100");
  BOOST_TEST(resolve("127.9.8.7:0").value().is_loopback);
  BOOST_TEST(!resolve("0.0.0.0:0").value().is_loopback);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::monitoring
