// What `train` and `join` say on stderr while they work: lines for people, or one JSON object a line for machines.
// Thread rule: pure functions, but for those that print a whole line at once.
#pragma once

#include <string>
#include <string_view>

#include "actors/commands/command.hpp"
#include "monitoring/run_event.hpp"

namespace fulmar::commands {

enum class LogFormat { text, json };

/// The option --log.
void add_log_option(CLI::App& command, LogFormat& format);

/// What the program says of itself and not of the run: shown without "note:".
monitoring::RunEvent remark(std::string text, monitoring::Severity severity = monitoring::Severity::note);

/// Without a line end. Text: of severity note or more, "warning: …", "note: …".
std::string log_line(const monitoring::RunEvent& event, LogFormat format);
/// Whether it is shown: people are spared details.
bool is_logged(const monitoring::RunEvent& event, LogFormat format);

/// Prints a line on stderr.
void print_log(const monitoring::RunEvent& event, LogFormat format);
/// As report_failure(), in the format.
int log_failure(const Error& error, LogFormat format);

}  // namespace fulmar::commands
