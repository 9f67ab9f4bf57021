#include "actors/commands/cluster_words.hpp"

#include <charconv>
#include <optional>
#include <span>
#include <string_view>

namespace fulmar::commands {
namespace {

struct Unit {
  std::string_view name;
  double size;
};

constexpr Unit kTimeUnits[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}, {"h", 3600e9}};
constexpr Unit kBandwidthUnits[] = {{"kbit", 125}, {"Mbit", 125e3}, {"Gbit", 125e6}, {"MB", 1e6}, {"GB", 1e9}};
constexpr Unit kByteUnits[] = {{"B", 1},
                               {"kB", 1e3},
                               {"MB", 1e6},
                               {"GB", 1e9},
                               {"KiB", 1024},
                               {"MiB", 1024.0 * 1024},
                               {"GiB", 1024.0 * 1024 * 1024}};
constexpr Unit kRateUnits[] = {{"/s", 1}, {"/min", 1.0 / 60}, {"/h", 1.0 / 3600}};

/// A number that is not negative at the beginning of `text`, which then begins behind it.
std::optional<double> take_number(std::string_view& text) {
  double value = 0;
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (failure != std::errc{} || !(value >= 0) || value > 1e18) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return value;
}

std::optional<std::uint64_t> take_count(std::string_view& text) {
  std::uint64_t value = 0;
  const auto [rest, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || value == 0 || value > 1'000'000'000) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  return value;
}

bool take_word(std::string_view& text, char word) {
  if (text.empty() || text.front() != word) return false;
  text.remove_prefix(1);
  return true;
}

/// A number and one of `units`, in the unit whose size is 1.
std::optional<double> parse_amount(std::string_view text, std::span<const Unit> units, bool zero_needs_unit) {
  const std::optional<double> number = take_number(text);
  if (!number) return std::nullopt;
  if (text.empty() && *number == 0 && !zero_needs_unit) return 0;
  for (const Unit& unit : units) {
    if (text == unit.name && *number * unit.size <= 9e18) return *number * unit.size;
  }
  return std::nullopt;
}

Error unreadable(const std::string& found, const std::string& expected) {
  return Error{"\"" + found + "\" is not " + expected};
}

std::optional<planner::NodeGroup> parse_group(std::string_view text) {
  planner::NodeGroup group;
  const std::optional<std::uint64_t> count = take_count(text);
  if (!count) return std::nullopt;
  group.count = *count;
  if (take_word(text, 'x')) {
    const std::optional<std::uint64_t> slots = take_count(text);
    if (!slots) return std::nullopt;
    group.slots = static_cast<std::uint32_t>(*slots);
  }
  if (take_word(text, '@')) {
    const std::optional<double> speed = take_number(text);
    if (!speed) return std::nullopt;
    group.leaves_per_second = *speed;
  }
  return text.empty() ? std::optional(group) : std::nullopt;
}

}  // namespace

Result<std::vector<planner::NodeGroup>> parse_nodes(const std::string& text) {
  std::vector<planner::NodeGroup> groups;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string part = text.substr(begin, end - begin);
    const std::optional<planner::NodeGroup> group = parse_group(part);
    if (!group) {
      return unreadable(part, "COUNT, COUNTxSLOTS or COUNTxSLOTS@LEAVES_PER_SECOND (such as 16 or 12x8@2.5,4x4@1)");
    }
    groups.push_back(*group);
    begin = end + 1;
  }
  return groups;
}

Result<planner::Time> parse_time(const std::string& text) {
  const std::optional<double> time = parse_amount(text, kTimeUnits, false);
  if (!time) return unreadable(text, "a number and ns, us, ms, s, min or h (such as 100us, 1.5s or 2h)");
  return planner::Time(static_cast<planner::Time::rep>(*time));
}

Result<double> parse_bandwidth(const std::string& text) {
  const std::optional<double> bandwidth = parse_amount(text, kBandwidthUnits, true);
  if (!bandwidth) return unreadable(text, "a number and kbit, Mbit, Gbit, MB or GB, per second (such as 10Gbit)");
  return *bandwidth;
}

Result<std::uint64_t> parse_bytes(const std::string& text) {
  const std::optional<double> bytes = parse_amount(text, kByteUnits, true);
  if (!bytes) return unreadable(text, "a number and B, kB, MB, GB, KiB, MiB or GiB (such as 100MB)");
  return static_cast<std::uint64_t>(*bytes);
}

Result<double> parse_rate(const std::string& text) {
  const std::optional<double> rate = parse_amount(text, kRateUnits, false);
  if (!rate) return unreadable(text, "a number and /s, /min or /h (such as 2/min)");
  return *rate;
}

}  // namespace fulmar::commands
