#include "monitoring/http_server.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "tests/monitoring/http_client.hpp"

namespace fulmar::monitoring {
namespace {

using Clock = std::chrono::steady_clock;

std::optional<HttpAnswer> small_site(const std::string& path) {
  if (path == "/large") return HttpAnswer{.type = "text/plain", .body = std::string(100'000, 'x')};
  if (path == "/broken") throw std::runtime_error("no ink");
  if (path != "/") return std::nullopt;
  return HttpAnswer{.type = "text/plain", .body = "hello"};
}

std::unique_ptr<HttpServer> started(const std::string& address = "127.0.0.1:0", HttpServer::Site site = small_site) {
  auto server = HttpServer::listen(resolve(address).value(), std::move(site));
  BOOST_REQUIRE(server.ok());
  return std::move(*server);
}

const std::string kLocal = "Host: localhost\r\n";

}  // namespace

BOOST_AUTO_TEST_SUITE(http_server)

BOOST_AUTO_TEST_CASE(a_page_comes_with_all_that_keeps_a_browser_in_check) {
  const auto server = started();
  const ParsedAnswer answer = request(server->port(), "GET", "/");
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.body == "hello");
  BOOST_TEST(answer.headers.at("content-type") == "text/plain");
  BOOST_TEST(answer.headers.at("content-length") == "5");
  BOOST_TEST(answer.headers.at("content-security-policy") == "default-src 'none'; frame-ancestors 'none'");
  BOOST_TEST(answer.headers.at("x-content-type-options") == "nosniff");
  BOOST_TEST(answer.headers.at("referrer-policy") == "no-referrer");
  BOOST_TEST(answer.headers.at("cross-origin-resource-policy") == "same-origin");
  BOOST_TEST(answer.headers.at("cache-control") == "no-store");
  BOOST_TEST(!answer.headers.contains("access-control-allow-origin"));
}

BOOST_AUTO_TEST_CASE(a_query_changes_nothing) {
  const auto server = started();
  BOOST_TEST(request(server->port(), "GET", "/?a=b&c").body == "hello");
}

BOOST_AUTO_TEST_CASE(what_is_not_there_is_not_found) {
  const auto server = started();
  for (const std::string path :
       {"/etc/passwd", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd", "/index.html", "/large/"}) {
    const ParsedAnswer answer = request(server->port(), "GET", path);
    BOOST_TEST((answer.status == 404 || answer.status == 400), path << ": " << answer.status);
    BOOST_TEST(answer.headers.at("x-content-type-options") == "nosniff");
  }
  BOOST_TEST(request(server->port(), "GET", "/nowhere").headers.contains("content-security-policy"));
}

BOOST_AUTO_TEST_CASE(a_page_that_fails_is_an_answer) {
  const auto server = started();
  const ParsedAnswer answer = request(server->port(), "GET", "/broken");
  BOOST_TEST(answer.status == 500);
  BOOST_TEST(answer.body.find("no ink") != std::string::npos);
  BOOST_TEST(request(server->port(), "GET", "/").status == 200);
}

BOOST_AUTO_TEST_CASE(head_is_get_without_the_body) {
  const auto server = started();
  const ParsedAnswer answer = request(server->port(), "HEAD", "/");
  BOOST_TEST(answer.status == 200);
  BOOST_TEST(answer.headers.at("content-length") == "5");
  BOOST_TEST(answer.body.empty());
  BOOST_TEST(request(server->port(), "HEAD", "/nowhere").body.empty());
}

// HTTP-1
BOOST_AUTO_TEST_CASE(nothing_can_be_changed) {
  const auto server = started();
  for (const std::string method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "PROPFIND"}) {
    const ParsedAnswer answer = request(server->port(), method, "/", kLocal + "Content-Length: 0\r\n");
    BOOST_TEST(answer.status == 405, method << ": " << answer.status);
    BOOST_TEST(answer.headers.at("allow") == "GET, HEAD");
  }
}

// HTTP-3: the question that a browser asks before it lets another site's page do more than look.
BOOST_AUTO_TEST_CASE(another_site_is_given_no_leave) {
  const auto server = started();
  const ParsedAnswer answer =
      request(server->port(), "OPTIONS", "/",
              kLocal + "Origin: http://elsewhere.example\r\nAccess-Control-Request-Method: GET\r\n");
  BOOST_TEST(answer.status == 405);
  BOOST_TEST(!answer.headers.contains("access-control-allow-origin"));
}

// HTTP-3
BOOST_AUTO_TEST_CASE(a_foreign_name_for_this_machine_is_refused) {
  const auto server = started();
  const ParsedAnswer refused = request(server->port(), "GET", "/", "Host: rebound.example\r\n");
  BOOST_TEST(refused.status == 403);
  BOOST_TEST(refused.body.find("for this machine alone") != std::string::npos);
  BOOST_TEST(std::count(refused.body.begin(), refused.body.end(), '\n') == 1);
  BOOST_TEST(request(server->port(), "GET", "/", "Host: 127.0.0.1:80\r\n").status == 200);
  BOOST_TEST(request(server->port(), "GET", "/", "").status == 200);
}

BOOST_AUTO_TEST_CASE(any_name_will_do_where_the_network_is_meant) {
  const auto server = started("0.0.0.0:0");
  BOOST_TEST(request(server->port(), "GET", "/", "Host: cluster-7.example\r\n").status == 200);
}

// HTTP-3
BOOST_AUTO_TEST_CASE(names_of_this_machine_are_known) {
  for (const std::string host : {"localhost", "LocalHost:9100", "127.0.0.1", "127.0.0.1:9100", "10.1.2.3:80", "[::1]",
                                 "[::1]:9100", "head-7", "HEAD-7:9100", ""}) {
    BOOST_TEST(means_this_machine(host, "head-7"), host);
  }
  for (const std::string host :
       {"rebound.example", "localhost.rebound.example", "127.0.0.1.rebound.example", "head-77", "rebound.example:9100",
        "[rebound.example]", "[::1", "::1", ":9100", "[", "[]", "0x7f.1"}) {
    BOOST_TEST(!means_this_machine(host, "head-7"), host);
  }
}

BOOST_AUTO_TEST_CASE(who_accepts_it_is_sent_less) {
  const auto server = started();
  const ParsedAnswer plain = request(server->port(), "GET", "/large");
  BOOST_TEST(plain.body.size() == 100'000U);
  const ParsedAnswer packed = request(server->port(), "GET", "/large", kLocal + "Accept-Encoding: br, gzip\r\n");
  BOOST_TEST(packed.headers.at("content-encoding") == "gzip");
  BOOST_TEST(packed.headers.at("vary") == "Accept-Encoding");
  BOOST_TEST(packed.headers.at("content-length") == std::to_string(packed.body.size()));
  BOOST_TEST(packed.body.size() < 1000U);
  BOOST_TEST(packed.body.starts_with("\x1f\x8b"));
  const ParsedAnswer small = request(server->port(), "GET", "/", kLocal + "Accept-Encoding: gzip\r\n");
  BOOST_TEST(small.body == "hello");
}

BOOST_AUTO_TEST_CASE(a_connection_may_be_used_again) {
  const auto server = started();
  RawConnection connection(server->port());
  for (int i = 0; i < 3; ++i) {
    connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    BOOST_TEST(parse_answer(connection.receive_answer()).body == "hello");
  }
}

// HTTP-1
BOOST_AUTO_TEST_CASE(another_protocol_is_refused_in_ordinary_http) {
  const auto server = started();
  for (const auto& [method, protocol] : std::vector<std::pair<std::string, std::string>>{
           {"GET", "websocket"}, {"POST", "websocket"}, {"GET", "h2c"}, {"GET", "h2"}, {"GET", "nonsense"}}) {
    const ParsedAnswer answer = request(server->port(), method, "/",
                                        kLocal + "Connection: Upgrade\r\nUpgrade: " + protocol +
                                            "\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
                                            "Sec-WebSocket-Version: 13\r\nHTTP2-Settings: AAMAAABk\r\n");
    BOOST_TEST(answer.status == 400, protocol);
    BOOST_TEST(answer.body.find("upgrades to nothing") != std::string::npos, protocol << ": " << answer.body);
    BOOST_TEST(answer.headers.at("content-security-policy") == "default-src 'none'; frame-ancestors 'none'");
    BOOST_TEST(answer.headers.at("x-content-type-options") == "nosniff");
  }
}

// HTTP-2
BOOST_AUTO_TEST_CASE(garbage_ends_a_connection_and_nothing_else) {
  const auto server = started();
  const std::string many(100'000, 'a'), line = "GET / HTTP/1.1\r\n" + kLocal;
  std::string headers;
  for (int i = 0; i < 500; ++i) headers += "X-" + std::to_string(i) + ": 1\r\n";
  const std::vector<std::string> garbage{
      "\r\n\r\n",
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      std::string("\x16\x03\x01\x02\x00\x01\xff\xfe\x00\n\n", 11),
      "GET / HTTP/1.1\r\nno colon\r\n\r\n",
      "GET /" + many + " HTTP/1.1\r\n\r\n",
      line + "X: " + many + "\r\n\r\n",
      line + headers + "\r\n",
      std::string(100'000, '\0'),
      "BREW / HTTP/1.1\r\n" + kLocal + "\r\n",
      "GET http://elsewhere.example/ HTTP/1.1\r\n\r\n",
      line + "Content-Length: -1\r\n\r\n",
      line + "Transfer-Encoding: chunked\r\n\r\nzzz\r\n",
      "POST / HTTP/1.1\r\n" + kLocal + "Content-Length: 99999999999\r\n\r\nabc",
  };
  for (const std::string& bytes : garbage) {
    RawConnection connection(server->port());
    connection.send(bytes);
    const std::string answer = connection.receive_all();
    BOOST_TEST_MESSAGE(bytes.substr(0, 40) << " -> " << answer.substr(0, 60));
    BOOST_TEST((answer.empty() || answer.starts_with("HTTP/")), answer.substr(0, 100));
  }
  BOOST_TEST(request(server->port(), "GET", "/").body == "hello");
}

// HTTP-2
BOOST_AUTO_TEST_CASE(slow_clients_hold_nobody_up) {
  const auto server = started();
  std::vector<std::unique_ptr<RawConnection>> slow;
  for (int i = 0; i < 6; ++i) {
    slow.push_back(std::make_unique<RawConnection>(server->port()));
    slow.back()->send("GET / HT");
  }
  const auto begin = Clock::now();
  BOOST_TEST(request(server->port(), "GET", "/").body == "hello");
  BOOST_TEST((Clock::now() - begin < std::chrono::seconds(1)));
  // They are given up themselves, without a word more from them.
  for (const auto& connection : slow) connection->receive_all();
  BOOST_TEST((Clock::now() - begin < std::chrono::seconds(8)));
}

BOOST_AUTO_TEST_CASE(several_clients_are_served_at_once) {
  std::atomic<int> inside = 0;
  std::atomic<bool> met = false;
  const auto server = started("127.0.0.1:0", [&](const std::string&) {
    ++inside;
    const auto deadline = Clock::now() + std::chrono::seconds(10);
    while (inside < 2 && Clock::now() < deadline) std::this_thread::yield();
    if (inside == 2) met = true;
    return HttpAnswer{.type = "text/plain", .body = "met"};
  });
  std::thread other([&] { request(server->port(), "GET", "/"); });
  request(server->port(), "GET", "/");
  other.join();
  BOOST_TEST(met);
}

BOOST_AUTO_TEST_CASE(a_thousand_requests_are_quick) {
  const auto server = started();
  RawConnection connection(server->port());
  for (int i = 0; i < 1000; ++i) {
    connection.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    BOOST_REQUIRE(parse_answer(connection.receive_answer()).status == 200);
  }
}

// Debian's civetweb has no IPv6; another's may have.
BOOST_AUTO_TEST_CASE(where_there_is_no_ipv6_a_message_says_so) {
  const ListeningAddress address{.written = "[::1]:0", .host = "::1", .ip = "::1", .port = 0, .is_loopback = true};
  const auto server = HttpServer::listen(address, small_site);
  if (server.ok()) return;
  BOOST_TEST(server.error().message.starts_with("--metrics [::1]:0: cannot listen there ("));
  BOOST_TEST(server.error().message.ends_with("choose an IPv4 address, for example 127.0.0.1:0"),
             server.error().message);
}

// A run's end waits for it, so it must not wait for a browser that keeps its connection.
BOOST_AUTO_TEST_CASE(it_ends_soon_although_clients_stay) {
  auto server = started();
  RawConnection silent(server->port()), used(server->port());
  used.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  used.receive_answer();
  const auto begin = Clock::now();
  server.reset();
  const std::chrono::duration<double> took = Clock::now() - begin;
  BOOST_TEST_MESSAGE("ended in " << took.count() << " s");
  BOOST_TEST(took.count() < 3);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::monitoring
