// A field of a report, read as its page reads it: NaN where it is missing.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace fulmar::report::test {

inline std::vector<double> decoded(const nlohmann::json& field) {
  const std::string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0, count = 0;
  for (const char letter : field["int16"].get<std::string>()) {
    if (letter == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(letters.find(letter));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>(bits >> count & 255U);
  }
  std::vector<double> values;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const auto low = static_cast<std::uint8_t>(bytes[i]), high = static_cast<std::uint8_t>(bytes[i + 1]);
    const auto integer = static_cast<std::int16_t>(high << 8 | low);
    values.push_back(integer == field["missing"]
                         ? std::numeric_limits<double>::quiet_NaN()
                         : field["offset"].get<double>() + field["scale"].get<double>() * integer);
  }
  return values;
}

}  // namespace fulmar::report::test
