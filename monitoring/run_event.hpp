// Something that happened in a run, told once: the same line goes to the terminal, to --log json, to the status page
// and into the run directory. Thread rule: plain values, pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace fulmar::monitoring {

enum class Severity {
  detail,   ///< of use afterwards; not shown while the run goes on
  note,     ///< usual: a node joined
  warning,  ///< the run goes on, but somebody should know
  error     ///< the run cannot go on
};
const char* name(Severity severity);

struct RunEvent {
  std::chrono::system_clock::time_point time{};
  std::string kind{};  ///< from a fixed set, for machines: "node_lost"
  Severity severity = Severity::note;
  std::uint64_t term = 0;     ///< 0: the run has not begun, or this is no head
  std::uint64_t version = 0;  ///< the run's newest one then
  std::optional<std::uint32_t> node{};
  std::string node_name{};
  std::string text{};               ///< for a person, one line; says the node and the reason
  std::string reason{};             ///< alone
  std::optional<double> seconds{};  ///< that it took, or cost
};

/// "2026-11-23T22:11:53.123Z"
std::string utc_text(std::chrono::system_clock::time_point time);
/// What utc_text() has written; nothing where the text is something else.
std::optional<std::chrono::system_clock::time_point> utc_time(std::string_view text);

/// One JSON object on one line, without a line end; what is empty is left out.
std::string to_json(const RunEvent& event);
/// The same, as part of a greater document.
void to_json(nlohmann::ordered_json& out, const RunEvent& event);
/// What to_json() has written, to the millisecond; nothing where `line` is something else, such as half of one.
std::optional<RunEvent> parse_event(std::string_view line);

}  // namespace fulmar::monitoring
