#include "actors/commands/log.hpp"

#include <chrono>
#include <cstdio>
#include <utility>

namespace fulmar::commands {
namespace {

using monitoring::RunEvent;
using monitoring::Severity;

constexpr const char* kRemark = "remark";

}  // namespace

void add_log_option(CLI::App& command, LogFormat& format) {
  command
      .add_option_function<std::string>(
          "--log", [&format](const std::string& name) { format = name == "json" ? LogFormat::json : LogFormat::text; },
          "How events are told on stderr: text, or json (one object a line, with its reason; no progress)")
      ->check(CLI::IsMember({"text", "json"}))
      ->default_str("text");
}

RunEvent remark(std::string text, Severity severity) {
  RunEvent event;
  event.time = std::chrono::system_clock::now();
  event.kind = kRemark;
  event.severity = severity;
  event.text = std::move(text);
  return event;
}

bool is_logged(const RunEvent& event, LogFormat format) {
  return format == LogFormat::json || event.severity != Severity::detail;
}

std::string log_line(const RunEvent& event, LogFormat format) {
  if (format == LogFormat::json) return monitoring::to_json(event);
  const bool bare = event.severity == Severity::note && event.kind == kRemark;
  return (bare ? "" : std::string(monitoring::name(event.severity)) + ": ") + event.text;
}

void print_log(const RunEvent& event, LogFormat format) {
  if (is_logged(event, format)) std::fprintf(stderr, "%s\n", log_line(event, format).c_str());
}

int log_failure(const Error& error, LogFormat format) {
  if (format == LogFormat::text) return report_failure(error);
  RunEvent failure = remark(error.message, Severity::error);
  failure.kind = "failure";
  failure.reason = error.message;
  print_log(failure, format);
  return kFailure;
}

}  // namespace fulmar::commands
