#include "actors/report/timeline.hpp"

#include <algorithm>
#include <deque>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "actors/report/object_lines.hpp"

namespace fulmar::report {
namespace {

/// What comes with every checkpoint and every epoch, and has a part of its own in a report.
bool is_routine(const nlohmann::json& event) {
  return event["kind"] == "checkpoint_written" || event["kind"] == "validated";
}

bool is_event(const nlohmann::json& line) {
  const std::initializer_list<const char*> texts = {"time", "kind", "severity", "text"};
  return line.is_object() && std::all_of(texts.begin(), texts.end(), [&](const char* name) {
           return line.contains(name) && line[name].is_string();
         });
}

}  // namespace

Result<Timeline> read_timeline(const std::string& path, std::size_t events_max) {
  Timeline timeline;
  std::deque<nlohmann::json> later;
  const std::size_t first = events_max / 4;
  const Result<std::uint64_t> skipped = for_each_object(path, [&](std::string_view text) {
    nlohmann::json line = nlohmann::json::parse(text, nullptr, false);
    if (!is_event(line)) return false;
    if (is_routine(line)) return true;
    if (timeline.events.size() < first) {
      timeline.events.push_back(std::move(line));
      return true;
    }
    later.push_back(std::move(line));
    if (later.size() > events_max - first) {
      later.pop_front();
      ++timeline.left_out;
    }
    return true;
  });
  if (!skipped) return skipped.error();
  timeline.skipped = *skipped;
  for (nlohmann::json& line : later) timeline.events.push_back(std::move(line));
  return timeline;
}

}  // namespace fulmar::report
