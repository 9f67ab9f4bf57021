#include "actors/config/quantities.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace fulmar::config {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t size;
};

// Ascending, so that the last one that divides a quantity is the largest.
constexpr std::array<Unit, 4> kTimeUnits{
    {{"ms", 1'000'000}, {"s", 1'000'000'000}, {"min", 60'000'000'000}, {"h", 3'600'000'000'000}}};
constexpr std::array<Unit, 7> kSizeUnits{{{"B", 1},
                                          {"kB", 1'000},
                                          {"KiB", 1u << 10},
                                          {"MB", 1'000'000},
                                          {"MiB", 1u << 20},
                                          {"GB", 1'000'000'000},
                                          {"GiB", 1u << 30}}};
// One bound for both: far beyond any use (292 years, 9 EB), and it fits a signed 64-bit integer.
constexpr std::uint64_t kQuantityMax = std::uint64_t{1} << 63;

std::optional<std::uint64_t> parse_quantity(std::string_view text, std::span<const Unit> units) {
  std::uint64_t count = 0;
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc{}) return std::nullopt;
  const std::string_view name = text.substr(static_cast<std::size_t>(rest - text.data()));
  for (const Unit& unit : units) {
    if (name == unit.name) return count < kQuantityMax / unit.size ? std::optional(count * unit.size) : std::nullopt;
  }
  return std::nullopt;
}

std::string quantity_text(std::uint64_t quantity, std::span<const Unit> units) {
  const auto largest =
      std::find_if(units.rbegin(), units.rend(), [&](const Unit& u) { return quantity % u.size == 0; });
  return std::to_string(quantity / largest->size) + std::string(largest->name);
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::optional<std::chrono::nanoseconds> parse_duration(std::string_view text) {
  const auto parsed = parse_quantity(text, kTimeUnits);
  if (!parsed) return std::nullopt;
  return std::chrono::nanoseconds(static_cast<std::int64_t>(*parsed));
}

std::string duration_text(std::chrono::nanoseconds duration) {
  return quantity_text(static_cast<std::uint64_t>(duration.count()), kTimeUnits);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
  return parse_quantity(text, kSizeUnits);
}

std::string size_text(std::uint64_t bytes) {
  return quantity_text(bytes, kSizeUnits);
}

bool is_month(std::string_view text) {
  if (text.size() != 7 || text[4] != '-') return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i != 4 && !is_digit(text[i])) return false;
  }
  const int month = (text[5] - '0') * 10 + (text[6] - '0');
  return month >= 1 && month <= 12;
}

std::string real_text(double value) {
  std::array<char, 32> buffer{};
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);  // shortest that round-trips
  std::string text(buffer.data(), written.ptr);
  if (text.find_first_of(".en") == std::string::npos) text += ".0";
  return text;
}

std::string quoted(std::string_view text) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace fulmar::config
