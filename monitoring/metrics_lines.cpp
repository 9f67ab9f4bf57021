// The history that metrics.jsonl keeps: about a line a second, so some 600 MB of a month.
#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "monitoring/board_state.hpp"

namespace fulmar::monitoring {
namespace {

using nlohmann::json;

// So many lines make every point of the history; more would cost time and change nothing that can be seen.
constexpr std::size_t kLinesReadMax = 2 * DecimatedHistory<HistoryPoint>::kPointsMax;

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double number(const json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_number() ? found->get<double>() : kUnknown;
}

std::uint64_t count(const json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

double time_of(const json& line) {
  const auto found = line.find("time");
  if (found == line.end() || !found->is_string()) return kUnknown;
  const auto time = utc_time(found->get_ref<const std::string&>());
  return time ? std::chrono::duration<double>(time->time_since_epoch()).count() : kUnknown;
}

/// A line says the newest validation again and again. Which version that was, lines of earlier programs do not say:
/// there it counts as the version of the first line that has its loss.
void add_validation(const json& line, DecimatedHistory<ValidationPoint>& validations) {
  const double loss = number(line, "validation_loss");
  if (std::isnan(loss)) return;
  const std::uint64_t said = count(line, "validation_version");
  const ValidationPoint* known = validations.points().empty() ? nullptr : &validations.points().back();
  const bool is_known = known != nullptr && (said != 0 ? known->version == said : known->loss == loss);
  if (!is_known) validations.add({said != 0 ? said : count(line, "version"), loss});
}

void read_line(std::string_view text, std::uint64_t newest, BoardHistory& history) {
  const json line = json::parse(text, nullptr, false);
  if (!line.is_object()) return;  // torn by a crash
  const std::uint64_t version = count(line, "version");
  if (version == 0 || version > newest) return;
  history.rounds.add({.version = version,
                      .time = time_of(line),
                      .loss = number(line, "loss"),
                      .samples_per_second = number(line, "samples_per_second"),
                      .nodes = count(line, "nodes")});
  add_validation(line, history.validations);
}

/// Where the first line at or after `position` begins.
std::size_t line_from(std::string_view lines, std::size_t position) {
  if (position == 0) return 0;
  const std::size_t end = lines.find('\n', position - 1);
  return end == std::string_view::npos ? lines.size() : end + 1;
}

}  // namespace

void read_metrics_lines(std::string_view lines, std::uint64_t newest, BoardHistory& history) {
  const std::size_t stride_bytes = lines.size() / kLinesReadMax + 1;
  std::size_t last_read = 0;
  for (std::size_t begin = 0; begin < lines.size(); begin = line_from(lines, begin + stride_bytes)) {
    read_line(lines.substr(begin, lines.find('\n', begin) - begin), newest, history);
    last_read = begin;
  }
  const std::size_t last = lines.find_last_not_of('\n');
  if (last == std::string_view::npos) return;
  const std::size_t before = lines.rfind('\n', last);
  const std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
  if (begin != last_read) read_line(lines.substr(begin, last + 1 - begin), newest, history);
}

}  // namespace fulmar::monitoring
