#include "tests/monitoring/scrape.hpp"

#include <sstream>

#include <boost/test/unit_test.hpp>

#include "tests/monitoring/http_client.hpp"

namespace fulmar::monitoring {
namespace {

/// A histogram's series have the family's name and a suffix.
std::string family_of(const std::string& series, const std::map<std::string, ScrapedFamily>& families) {
  const std::string name = series.substr(0, series.find('{'));
  if (families.contains(name)) return name;
  for (const std::string suffix : {"_bucket", "_sum", "_count"}) {
    if (!name.ends_with(suffix)) continue;
    const std::string base = name.substr(0, name.size() - suffix.size());
    const auto family = families.find(base);
    if (family != families.end() && (family->second.type == "histogram" || family->second.type == "summary"))
      return base;
  }
  return "";
}

void parse_comment(const std::string& line, std::map<std::string, ScrapedFamily>& families) {
  std::istringstream words(line);
  std::string hash, keyword, name, rest;
  words >> hash >> keyword >> name;
  std::getline(words >> std::ws, rest);
  ScrapedFamily& family = families[name];
  BOOST_TEST(family.series.empty(), line + ": after the family's samples");
  std::string& field = keyword == "HELP" ? family.help : family.type;
  BOOST_TEST((keyword == "HELP" || keyword == "TYPE"), line);
  BOOST_TEST(field.empty(), line + ": twice");
  field = rest;
}

void parse_sample(const std::string& line, std::map<std::string, ScrapedFamily>& families) {
  const std::size_t space = line.rfind(' ');
  const std::string series = line.substr(0, space);
  const std::string family = family_of(series, families);
  BOOST_REQUIRE_MESSAGE(!family.empty(), line + ": no TYPE and HELP before it");
  std::size_t read = 0;
  const std::string value = line.substr(space + 1);
  const double number = std::stod(value, &read);
  BOOST_TEST(read == value.size(), line + ": the value is no number");
  BOOST_TEST(families[family].series.emplace(series, number).second, line + ": twice");
}

}  // namespace

std::string http_get(std::uint16_t port, const std::string& path) {
  RawConnection connection(port);
  connection.send("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  return connection.receive_all();
}

std::map<std::string, ScrapedFamily> parse_scrape(const std::string& answer) {
  const std::size_t body = answer.find("\r\n\r\n");
  BOOST_REQUIRE(body != std::string::npos);
  BOOST_TEST(answer.starts_with("HTTP/1.1 200 "));
  BOOST_TEST(answer.find("Content-Type: text/plain") < body);
  std::map<std::string, ScrapedFamily> families;
  std::istringstream lines(answer.substr(body + 4));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    line[0] == '#' ? parse_comment(line, families) : parse_sample(line, families);
  }
  return families;
}

}  // namespace fulmar::monitoring
