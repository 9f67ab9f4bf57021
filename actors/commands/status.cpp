// fulmar status ENDPOINT: the run, and who takes part in it.
#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "actors/commands/command.hpp"
#include "actors/commands/head_client.hpp"

namespace fulmar::commands {
namespace {

struct Options {
  HeadOptions head;
  bool json = false;
};

nlohmann::json to_json(const transport::NodeStatus& node) {
  return {{"name", node.name},
          {"node", node.node},
          {"state", node.state},
          {"slots", node.slots},
          {"samples_per_second", node.samples_per_second},
          {"share", node.share},
          {"staleness", node.staleness},
          {"gate_idle_seconds", node.gate_idle_seconds},
          {"last_seen_seconds", node.last_seen_seconds}};
}

nlohmann::json to_json(const transport::Status& status) {
  nlohmann::json nodes = nlohmann::json::array();
  for (const transport::NodeStatus& node : status.nodes) nodes.push_back(to_json(node));
  return {{"run", status.run},
          {"version", status.version},
          {"epoch", status.epoch},
          {"loss", status.loss ? nlohmann::json(*status.loss) : nlohmann::json(nullptr)},
          {"samples_per_second", status.samples_per_second},
          {"policy", status.policy},
          {"units_in_flight", status.units_in_flight},
          {"staleness_max", status.staleness_max},
          {"gate_idle_seconds", status.gate_idle_seconds},
          {"nodes", std::move(nodes)}};
}

std::string number(const char* format, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

constexpr std::size_t kColumns = 9;
using Row = std::array<std::string, kColumns>;

Row row_of(const transport::NodeStatus& node) {
  return {node.name,
          std::to_string(node.node),
          node.state,
          std::to_string(node.slots),
          number("%.1f", node.samples_per_second),
          number("%.1f %%", 100 * node.share),
          std::to_string(node.staleness),
          number("%.1f s", node.gate_idle_seconds),
          number("%.1f s ago", node.last_seen_seconds)};
}

/// Words to the left, figures to the right.
void print_row(const Row& row, const std::array<std::size_t, kColumns>& widths) {
  for (std::size_t column = 0; column < row.size(); ++column) {
    const bool words = column == 0 || column == 2;
    const int width = static_cast<int>(widths[column]) * (words ? -1 : 1);
    std::printf("  %*s", width, row[column].c_str());
  }
  std::printf("\n");
}

void print_text(const transport::Status& status) {
  std::printf("run %s: version %llu, epoch %llu", status.run.c_str(), static_cast<unsigned long long>(status.version),
              static_cast<unsigned long long>(status.epoch));
  if (status.loss) std::printf(", loss %.6g", *status.loss);
  std::printf(", %.1f samples/s, policy %s\n", status.samples_per_second, status.policy.c_str());
  if (status.policy != "sync" || status.staleness_max > 0) {
    std::printf("  units under way: %llu, largest staleness: %llu, idle at the gate: %.1f s\n",
                static_cast<unsigned long long>(status.units_in_flight),
                static_cast<unsigned long long>(status.staleness_max), status.gate_idle_seconds);
  }
  std::vector<Row> rows = {
      {"name", "node", "state", "slots", "samples/s", "share", "staleness", "gate idle", "last seen"}};
  for (const transport::NodeStatus& node : status.nodes) rows.push_back(row_of(node));
  std::array<std::size_t, kColumns> widths{};
  for (const Row& row : rows) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], row[column].size());
    }
  }
  for (const Row& row : rows) print_row(row, widths);
}

int run(const Options& options) {
  const Result<transport::Status> status = ask_as_told<transport::Status>(options.head, transport::StatusRequest{});
  if (!status) return report_failure(status.error());
  if (options.json) {
    std::printf("%s\n", to_json(*status).dump().c_str());
  } else {
    print_text(*status);
  }
  return kSuccess;
}

}  // namespace

Command add_status(CLI::App& program) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("status", "Show a running run and the nodes that take part");
  add_head_options(*command, options->head);
  command->add_flag("--json", options->json, "One JSON object on stdout");
  return [options] { return run(*options); };
}

}  // namespace fulmar::commands
