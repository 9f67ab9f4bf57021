#include "actors/report/training_curves.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "actors/report/object_lines.hpp"

namespace fulmar::report {
namespace {

constexpr std::array kColumns{"term", "version", "time", "loss", "samples_per_second", "nodes"};

/// Most lines are only counted, so they are not parsed: a torn one shows in its braces, since its strings hold none.
std::optional<std::uint64_t> term_of(std::string_view line) {
  if (std::ranges::count(line, '{') != std::ranges::count(line, '}')) return std::nullopt;
  constexpr std::string_view kKey = "\"term\":";
  const std::size_t key = line.find(kKey);
  if (key == std::string_view::npos) return std::nullopt;
  const std::string_view value = line.substr(key + kKey.size());
  std::uint64_t term = 0;
  const auto [rest, problem] = std::from_chars(value.data(), value.data() + value.size(), term);
  return problem == std::errc() ? std::optional(term) : std::nullopt;
}

/// Every n-th of some lines, the first among them; n is doubled when they become too many.
class EveryNth {
 public:
  explicit EveryNth(std::size_t lines_max) : lines_max_(lines_max) {}

  /// `place`: in the file.
  void add(std::uint64_t place, std::string_view line) {
    if (count_ % stride_ == 0) kept_.emplace_back(place, line);
    ++count_;
    if (kept_.size() <= lines_max_) return;
    stride_ *= 2;
    for (std::size_t i = 1; 2 * i < kept_.size(); ++i) kept_[i] = std::move(kept_[2 * i]);
    kept_.resize((kept_.size() + 1) / 2);
  }

  const std::vector<std::pair<std::uint64_t, std::string>>& kept() const { return kept_; }

 private:
  std::size_t lines_max_;
  std::vector<std::pair<std::uint64_t, std::string>> kept_;
  std::uint64_t count_ = 0;
  std::uint64_t stride_ = 1;
};

class ThinnedLines {
 public:
  explicit ThinnedLines(std::size_t lines_max) : all_(lines_max - lines_max / 4), borders_(lines_max / 4 - 1) {}

  void add(std::string_view line, std::uint64_t term) {
    if (count_ > 0 && term != term_) {
      borders_.add(count_ - 1, newest_);
      borders_.add(count_, line);
    }
    all_.add(count_, line);
    newest_ = line;
    term_ = term;
    ++count_;
  }

  std::vector<std::string> lines() const {
    std::map<std::uint64_t, std::string> by_place;
    for (const EveryNth* some : {&all_, &borders_}) by_place.insert(some->kept().begin(), some->kept().end());
    if (count_ > 0) by_place.emplace(count_ - 1, newest_);
    std::vector<std::string> lines;
    for (auto& [place, line] : by_place) lines.push_back(std::move(line));
    return lines;
  }

 private:
  EveryNth all_;
  EveryNth borders_;  ///< of terms: the last line of one, the first of the next
  std::string newest_;
  std::uint64_t term_ = 0;
  std::uint64_t count_ = 0;
};

/// "2026-11-23T22:11:53.123Z" as seconds since 1970; null where it is no such text.
nlohmann::json seconds_of(const nlohmann::json& text) {
  int year = 0, used = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0;
  double second = 0;
  if (!text.is_string() ||
      std::sscanf(text.get_ref<const std::string&>().c_str(), "%4d-%2u-%2uT%2u:%2u:%lfZ%n", &year, &month, &day, &hour,
                  &minute, &second, &used) != 6 ||
      used == 0)
    return nullptr;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok()) return nullptr;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return static_cast<double>(days) * 86400.0 + hour * 3600.0 + minute * 60.0 + second;
}

/// False where the line is none of ours.
bool add_point(const std::string& text, nlohmann::json& columns) {
  const nlohmann::json line = nlohmann::json::parse(text, nullptr, false);
  if (!line.is_object()) return false;
  for (const char* needed : {"term", "version"})
    if (!line.contains(needed) || !line[needed].is_number_unsigned()) return false;
  for (const char* name : kColumns) {
    const auto value = line.find(name);
    if (value == line.end()) {
      columns[name].push_back(nullptr);
    } else if (std::string_view(name) == "time") {
      columns[name].push_back(seconds_of(*value));
    } else {
      columns[name].push_back(value->is_number() ? *value : nlohmann::json(nullptr));
    }
  }
  return true;
}

}  // namespace

TrainingCurves no_training_curves() {
  TrainingCurves curves;
  for (const char* name : kColumns) curves.columns[name] = nlohmann::json::array();
  return curves;
}

Result<TrainingCurves> read_training_curves(const std::string& path, std::size_t points_max) {
  ThinnedLines thinned(points_max);
  const Result<std::uint64_t> skipped = for_each_object(path, [&](std::string_view line) {
    const std::optional<std::uint64_t> term = term_of(line);
    if (term) thinned.add(line, *term);
    return term.has_value();
  });
  if (!skipped) return skipped.error();
  TrainingCurves curves = no_training_curves();
  curves.skipped = *skipped;
  for (const std::string& line : thinned.lines())
    if (!add_point(line, curves.columns)) ++curves.skipped;
  return curves;
}

}  // namespace fulmar::report
