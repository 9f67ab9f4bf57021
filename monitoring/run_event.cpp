#include "monitoring/run_event.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <type_traits>
#include <utility>

#include <nlohmann/json.hpp>

namespace fulmar::monitoring {
namespace {

using namespace std::chrono;

constexpr std::string_view kForm = "0000-00-00T00:00:00.000Z";  // a 0 stands for any digit

bool has_form(std::string_view text) {
  if (text.size() != kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (kForm[i] == '0' ? !is_digit : text[i] != kForm[i]) return false;
  }
  return true;
}

int digits(std::string_view text, std::size_t from, std::size_t count) {
  int number = 0;
  std::from_chars(text.data() + from, text.data() + from + count, number);
  return number;
}

std::optional<Severity> severity_named(std::string_view text) {
  for (const Severity severity : {Severity::detail, Severity::note, Severity::warning, Severity::error}) {
    if (text == name(severity)) return severity;
  }
  return std::nullopt;
}

/// Nothing where `key` is missing or holds another kind of value.
template <class Value>
std::optional<Value> member(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::nullopt;
  const bool fits = std::is_same_v<Value, std::string> ? found->is_string()
                    : std::is_integral_v<Value>        ? found->is_number_unsigned()
                                                       : found->is_number();
  return fits ? std::optional<Value>(found->get<Value>()) : std::nullopt;
}

}  // namespace

const char* name(Severity severity) {
  switch (severity) {
    case Severity::detail:
      return "detail";
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      break;
  }
  return "error";
}

std::string utc_text(system_clock::time_point time) {
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<milliseconds>(time - day));
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text.data();
}

std::optional<system_clock::time_point> utc_time(std::string_view text) {
  if (!has_form(text)) return std::nullopt;
  const year_month_day date(year(digits(text, 0, 4)), month(static_cast<unsigned>(digits(text, 5, 2))),
                            day(static_cast<unsigned>(digits(text, 8, 2))));
  if (!date.ok()) return std::nullopt;
  return sys_days(date) + hours(digits(text, 11, 2)) + minutes(digits(text, 14, 2)) + seconds(digits(text, 17, 2)) +
         milliseconds(digits(text, 20, 3));
}

void to_json(nlohmann::ordered_json& out, const RunEvent& event) {
  out = {{"time", utc_text(event.time)}, {"kind", event.kind}, {"severity", name(event.severity)}};
  if (event.term != 0) out["term"] = event.term;
  out["version"] = event.version;
  if (event.node) out["node"] = *event.node;
  if (!event.node_name.empty()) out["name"] = event.node_name;
  out["text"] = event.text;
  if (!event.reason.empty()) out["reason"] = event.reason;
  if (event.seconds) out["seconds"] = *event.seconds;
}

std::string to_json(const RunEvent& event) {
  // Names and reasons come from other machines: what is not UTF-8 in them must not end this one.
  return nlohmann::ordered_json(event).dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

std::optional<RunEvent> parse_event(std::string_view line) {
  const nlohmann::json object = nlohmann::json::parse(line, nullptr, false);
  if (!object.is_object()) return std::nullopt;
  const auto time = utc_time(member<std::string>(object, "time").value_or(""));
  const auto severity = severity_named(member<std::string>(object, "severity").value_or(""));
  auto kind = member<std::string>(object, "kind");
  auto text = member<std::string>(object, "text");
  if (!time || !severity || !kind || !text) return std::nullopt;
  return RunEvent{.time = *time,
                  .kind = std::move(*kind),
                  .severity = *severity,
                  .term = member<std::uint64_t>(object, "term").value_or(0),
                  .version = member<std::uint64_t>(object, "version").value_or(0),
                  .node = member<std::uint32_t>(object, "node"),
                  .node_name = member<std::string>(object, "name").value_or(""),
                  .text = std::move(*text),
                  .reason = member<std::string>(object, "reason").value_or(""),
                  .seconds = member<double>(object, "seconds")};
}

}  // namespace fulmar::monitoring
