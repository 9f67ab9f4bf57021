#include "actors/commands/cluster_table.hpp"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "runtime/simulation/remarks.hpp"

namespace fulmar::commands {
namespace {

using planner::ClusterModel;
using planner::ClusterReport;
using planner::Load;
using planner::Spread;

[[gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...) {
  char text[256];
  va_list arguments;
  va_start(arguments, pattern);
  std::vsnprintf(text, sizeof text, pattern, arguments);
  va_end(arguments);
  return text;
}

/// Three digits that count, and the unit that makes them short.
std::string scaled(double value, std::initializer_list<std::pair<double, const char*>> units) {
  double size = 1;
  const char* name = "";
  for (const auto& [unit, unit_name] : units) {
    size = unit;
    name = unit_name;
    if (value >= unit) break;
  }
  const double count = value / size;
  const int decimals = count == 0 || count >= 99.95 ? 0 : count >= 9.995 ? 1 : 2;
  return format("%.*f %s", decimals, count, name);
}

std::string time_text(double seconds) {
  if (seconds < 0.5e-6) return "0 s";
  return scaled(seconds, {{3600, "h"}, {60, "min"}, {1, "s"}, {1e-3, "ms"}, {1e-6, "us"}});
}

std::string bytes_text(double bytes) {
  return scaled(bytes, {{1e12, "TB"}, {1e9, "GB"}, {1e6, "MB"}, {1e3, "kB"}, {1, "B"}});
}

double ratio(double part, double whole) {
  return whole > 0 ? part / whole : 0;
}

double per_round(std::uint64_t count, const ClusterReport& report) {
  return ratio(static_cast<double>(count), static_cast<double>(report.rounds));
}

/// One line: what, its value, and what there is to say about it.
std::string row(const std::string& name, const std::string& value, const std::string& note) {
  const std::string line = format("  %-14s%14s   ", name.c_str(), value.c_str()) + note;
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

std::string percent(double fraction) {
  return format("%.1f %%", 100 * fraction);
}

std::string spread_text(const Spread& spread) {
  return time_text(spread.median) + " (p95 " + time_text(spread.p95) + ", max " + time_text(spread.max) + ")";
}

std::string round_rows(const ClusterReport& report) {
  const planner::RoundParts& parts = report.mean_parts;
  const auto part = [&](const char* name, double seconds, const char* note) {
    return row(name, time_text(seconds), format("%5.1f %%   %s", 100 * ratio(seconds, parts.total()), note));
  };
  return row("round", time_text(report.round.median),
             "median; p95 " + time_text(report.round.p95) + ", max " + time_text(report.round.max)) +
         part("  compute", parts.compute, "nodes compute, on average") + part("  wait", parts.wait, "for the slowest") +
         part("  exchange", parts.exchange, "weights and gradients on their way") +
         part("  apply", parts.apply, "the head adds, decides and updates");
}

std::string leaf_rows(const ClusterReport& report) {
  const planner::LeafAccount& leaves = report.leaves;
  const auto computed = static_cast<double>(leaves.computed);
  return row("leaves", format("%lu", leaves.computed),
             format("computed, of which %lu are in the weights", leaves.used)) +
         row("  wasted", percent(ratio(static_cast<double>(leaves.wasted()), computed)),
             format("%lu duplicates, %lu lost with a node, %lu abandoned", leaves.duplicate, leaves.lost,
                    leaves.abandoned));
}

std::string head_rows(const ClusterReport& report) {
  std::uint64_t messages = 0;
  double busiest = 0;
  for (const Load& load : report.aggregators) {
    messages += load.messages;
    busiest = std::max(busiest, load.busy);
  }
  const std::size_t shards = report.aggregators.size();
  return row("head sends", bytes_text(per_round(report.bytes_out, report)),
             "a round; its link is busy for " + percent(report.busy_out)) +
         row("head takes", bytes_text(per_round(report.bytes_in, report)),
             "a round; its link is busy for " + percent(report.busy_in)) +
         row("supervisor", percent(report.supervisor.busy),
             format("busy, with %.1f messages a round", per_round(report.supervisor.messages, report))) +
         row(shards == 1 ? "aggregator" : format("%zu aggregators", shards), percent(busiest),
             format(
                 shards == 1 ? "busy, with %.1f messages a round" : "busy at most, with %.1f messages a round in all",
                 per_round(messages, report)));
}

std::string fate_rows(const ClusterReport& report) {
  const planner::Recoveries& recoveries = report.recoveries;
  std::string rows = row("sessions", format("%lu", report.admitted),
                         format("nodes that were admitted; %lu changes of the plan", report.plan_changes));
  if (recoveries.failures == 0) return rows;
  rows += row("failures", format("%lu", recoveries.failures),
              recoveries.noticed.count > 0 ? "noticed after " + spread_text(recoveries.noticed) : "");
  if (recoveries.leased.count == 0) return rows;
  return rows + row("  leased anew", format("%lu", recoveries.leased.count), "after " + spread_text(recoveries.leased));
}

/// Breaks a remark into lines that fit a terminal.
std::string wrapped(const std::string& remark) {
  constexpr std::size_t kWidth = 88;
  std::string text;
  for (std::size_t begin = 0; begin < remark.size();) {
    std::size_t end = remark.size();
    if (end - begin > kWidth) {
      const std::size_t space = remark.rfind(' ', begin + kWidth);
      end = space != std::string::npos && space > begin ? space : begin + kWidth;
    }
    text += (begin == 0 ? "  - " : "    ") + remark.substr(begin, end - begin) + "\n";
    begin = end + (end < remark.size() && remark[end] == ' ' ? 1 : 0);
  }
  return text;
}

nlohmann::json to_json(const Spread& spread) {
  return {{"count", spread.count}, {"median", spread.median}, {"p95", spread.p95}, {"max", spread.max}};
}

nlohmann::json to_json(const Load& load, const ClusterReport& report) {
  return {{"messages", load.messages}, {"messages_per_round", per_round(load.messages, report)}, {"busy", load.busy}};
}

}  // namespace

std::string cluster_table(const ClusterModel& model, const ClusterReport& report) {
  std::string table = format("%lu nodes with %lu slots, %s of virtual time, seed %lu\n\n", model.node_count(),
                             model.slots(), time_text(report.seconds).c_str(), model.seed);
  table += row("goodput", format("%.1f", report.goodput()),
               format("samples/s, %s of the %.1f that the nodes could compute", percent(report.efficiency()).c_str(),
                      report.ideal_samples / report.seconds));
  table +=
      row("rounds", format("%lu", report.rounds),
          format("of %lu leaves, %.3g a second", model.leaves, static_cast<double>(report.rounds) / report.seconds));
  table += round_rows(report) + leaf_rows(report) + head_rows(report) + fate_rows(report);
  const std::vector<std::string> remarks = planner::remarks(model, report);
  if (!remarks.empty()) table += "\n";
  for (const std::string& remark : remarks) table += wrapped(remark);
  return table;
}

nlohmann::json cluster_json(const ClusterModel& model, const ClusterReport& report) {
  const planner::RoundParts& parts = report.mean_parts;
  const planner::LeafAccount& leaves = report.leaves;
  nlohmann::json aggregators = nlohmann::json::array();
  for (const Load& load : report.aggregators) aggregators.push_back(to_json(load, report));
  nlohmann::json round = to_json(report.round);
  round["parts"] = {
      {"compute", parts.compute}, {"wait", parts.wait}, {"exchange", parts.exchange}, {"apply", parts.apply}};
  return {{"policy", model.policy},
          {"seed", model.seed},
          {"nodes", model.node_count()},
          {"slots", model.slots()},
          {"seconds", report.seconds},
          {"rounds", report.rounds},
          {"samples", report.samples},
          {"samples_per_second", report.goodput()},
          {"ideal_samples_per_second", report.ideal_samples / report.seconds},
          {"efficiency", report.efficiency()},
          {"round_seconds", std::move(round)},
          {"leaves",
           {{"computed", leaves.computed},
            {"used", leaves.used},
            {"duplicate", leaves.duplicate},
            {"lost", leaves.lost},
            {"abandoned", leaves.abandoned},
            {"under_way", leaves.under_way()}}},
          {"head",
           {{"bytes_out", report.bytes_out},
            {"bytes_in", report.bytes_in},
            {"bytes_out_per_round", per_round(report.bytes_out, report)},
            {"bytes_in_per_round", per_round(report.bytes_in, report)},
            {"busy_out", report.busy_out},
            {"busy_in", report.busy_in}}},
          {"supervisor", to_json(report.supervisor, report)},
          {"aggregators", std::move(aggregators)},
          {"plan_changes", report.plan_changes},
          {"admitted", report.admitted},
          {"failures", report.recoveries.failures},
          {"noticed_seconds", to_json(report.recoveries.noticed)},
          {"leased_seconds", to_json(report.recoveries.leased)},
          {"completed", report.completed},
          {"ended", report.ended},
          {"events", report.events},
          {"remarks", planner::remarks(model, report)}};
}

}  // namespace fulmar::commands
