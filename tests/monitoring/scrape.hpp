// A scrape, read by hand: HTTP over a plain socket, and the text format split into families and series.
// Thread rule: for one test at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace fulmar::monitoring {

struct ScrapedFamily {
  std::string help, type;
  std::map<std::string, double> series;  ///< by name and labels, as written: `fulmar_loss{split="train"}`
};

/// The whole answer to a request, header and body.
std::string http_get(std::uint16_t port, const std::string& path);

/// By family name. Fails the test where the text breaks the format (version 0.0.4): a sample without TYPE and HELP
/// before it, a family in two places, a series twice, a value that is no number.
std::map<std::string, ScrapedFamily> parse_scrape(const std::string& answer);

}  // namespace fulmar::monitoring
