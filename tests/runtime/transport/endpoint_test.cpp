#include "runtime/transport/endpoint.hpp"

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

namespace fulmar::transport {
namespace {

Endpoint tcp(const std::string& host, std::uint16_t port) {
  return {Endpoint::Kind::tcp, host, port, {}};
}
Endpoint ipc(const std::string& path) {
  return {Endpoint::Kind::ipc, {}, 0, path};
}

void check_refused(const std::string& text, const std::string& problem) {
  const Result<Endpoint> endpoint = parse_endpoint(text);
  BOOST_TEST_REQUIRE(!endpoint.ok(), text);
  const std::string& message = endpoint.error().message;
  BOOST_TEST(message.find(problem) != std::string::npos, text + ": " + message);
  BOOST_TEST(message.find("tcp://192.168.1.10:7070") != std::string::npos, message);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(endpoint)

BOOST_AUTO_TEST_CASE(what_a_user_writes_is_understood_and_written_back) {
  const std::vector<std::pair<std::string, Endpoint>> known = {
      {"tcp://127.0.0.1:7070", tcp("127.0.0.1", 7070)},
      {"tcp://node-3.cluster_a:1", tcp("node-3.cluster_a", 1)},
      {"tcp://*:0", tcp("*", 0)},
      {"tcp://[::1]:65535", tcp("::1", 65535)},
      {"tcp://[fe80::1%eth0]:7070", tcp("fe80::1%eth0", 7070)},
      {"ipc:///tmp/fulmar.socket", ipc("/tmp/fulmar.socket")},
      {"ipc://socket", ipc("socket")},
  };
  for (const auto& [text, expected] : known) {
    const Result<Endpoint> endpoint = parse_endpoint(text);
    BOOST_TEST_REQUIRE(endpoint.ok(), text);
    BOOST_TEST((*endpoint == expected), text);
    BOOST_TEST(to_string(*endpoint) == text);
  }
  BOOST_TEST((parse_endpoint("head.local:7070").value() == tcp("head.local", 7070)));
  BOOST_TEST((parse_endpoint("[::1]:7070").value() == tcp("::1", 7070)));
}

BOOST_AUTO_TEST_CASE(what_is_no_endpoint_is_refused_with_the_reason) {
  check_refused("", "the port is missing");
  check_refused("tcp://head", "the port is missing");
  check_refused("tcp://[::1]", "the port is missing");
  check_refused("tcp://:7070", "the host is missing");
  check_refused("tcp://head:", "'' is not a port");
  check_refused("tcp://head:70700", "'70700' is not a port");
  check_refused("tcp://head:-1", "'-1' is not a port");
  check_refused("tcp://head:7x", "'7x' is not a port");
  check_refused("tcp://a b:7070", "'a b' is not a host");
  check_refused("tcp://[head]:7070", "'head' is not an IPv6 address");
  check_refused("tcp://::1:7070", "brackets");
  check_refused("tcp://head:7070;tcp://other:1", "brackets");
  check_refused("udp://head:7070", "'udp' is neither tcp nor ipc");
  check_refused("ipc://", "the path is missing");
  check_refused("ipc://*", "a path is needed");
  check_refused("ipc:///" + std::string(107, 'p'), "the system allows for 99");
}

BOOST_AUTO_TEST_CASE(only_what_others_cannot_reach_is_local) {
  for (const char* text : {"tcp://127.0.0.1:1", "tcp://127.3.2.1:1", "tcp://[::1]:1", "tcp://[::ffff:127.0.0.1]:1",
                           "tcp://localhost:1", "ipc:///tmp/x"}) {
    BOOST_TEST(is_local(parse_endpoint(text).value()), text);
  }
  for (const char* text :
       {"tcp://*:1", "tcp://0.0.0.0:1", "tcp://[::]:1", "tcp://10.0.0.1:1", "tcp://127.0.0.1.evil.org:1",
        "tcp://128.0.0.1:1", "tcp://[fe80::1]:1", "tcp://[::ffff:10.0.0.1]:1", "tcp://head:1"}) {
    BOOST_TEST(!is_local(parse_endpoint(text).value()), text);
  }
}

BOOST_AUTO_TEST_CASE(tensors_travel_beside_control) {
  BOOST_TEST((tensors_of(tcp("*", 7070)) == tcp("*", 7071)));
  BOOST_TEST((tensors_of(tcp("*", 0)) == tcp("*", 0)));
  BOOST_TEST((tensors_of(tcp("*", 65535)) == tcp("*", 0)));
  const Endpoint longest = parse_endpoint("ipc:///" + std::string(98, 'p')).value();
  BOOST_TEST(tensors_of(longest).path == longest.path + ".tensors");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::transport
