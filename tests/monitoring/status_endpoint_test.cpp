#include "monitoring/status_endpoint.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "monitoring/web_page.hpp"
#include "tests/monitoring/http_client.hpp"

namespace fulmar::monitoring {
namespace {

struct Fixture {
  RunMetrics metrics{"0.1.0"};
  RunBoard board;
  std::unique_ptr<StatusEndpoint> endpoint = serve("127.0.0.1:0", metrics, board).value();

  ParsedAnswer get(const std::string& path) const { return request(endpoint->port(), "GET", path); }
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(status_endpoint, Fixture)

BOOST_AUTO_TEST_CASE(the_page_comes_with_its_policy) {
  const ParsedAnswer page = get("/");
  BOOST_TEST(page.status == 200);
  BOOST_TEST(page.headers.at("content-type") == "text/html; charset=utf-8");
  BOOST_TEST(page.headers.at("content-security-policy") == status_page_policy());
  BOOST_TEST(page.body == status_page());
}

BOOST_AUTO_TEST_CASE(metrics_come_in_the_format_of_prometheus) {
  const ParsedAnswer scrape = get("/metrics");
  BOOST_TEST(scrape.status == 200);
  BOOST_TEST(scrape.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  BOOST_TEST(scrape.body.find("\nfulmar_build_info{version=\"0.1.0\"} 1\n") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_board_is_served_as_it_is_now) {
  board.round_published({.version = 7, .samples = 8, .seconds = 1, .loss = 0.5});
  const ParsedAnswer status = get("/status.json");
  BOOST_TEST(status.headers.at("content-type") == "application/json");
  BOOST_TEST(nlohmann::json::parse(status.body)["version"] == 7);
  BOOST_TEST(get("/history.json").body == board.history_json());
  board.round_published({.version = 8, .samples = 8, .seconds = 1, .loss = 0.25});
  BOOST_TEST(nlohmann::json::parse(get("/status.json").body)["version"] == 8);
}

BOOST_AUTO_TEST_CASE(nothing_else_is_served) {
  for (const std::string path : {"/etc/passwd", "/status", "/report.html", "/metrics/", "/web/status.js"}) {
    BOOST_TEST(get(path).status == 404, path);
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace fulmar::monitoring
