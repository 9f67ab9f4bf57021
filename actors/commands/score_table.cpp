#include "actors/commands/score_table.hpp"

#include <algorithm>
#include <cstdio>

namespace fulmar::commands {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%10.4f", value);
  return text;
}

std::string row(const std::string& name, std::size_t width, const data::Scores& scores) {
  std::string line = "  " + name + std::string(width - name.size(), ' ') + number(scores.overall.rmse);
  for (const data::VariableScore& entry : scores.by_variable) line += number(entry.score.rmse);
  line += scores.overall.acc ? number(*scores.overall.acc) : "         –";
  return line + "\n";
}

std::string padded(const std::string& text) {
  constexpr std::size_t kColumn = 10;
  return (text.size() < kColumn ? std::string(kColumn - text.size(), ' ') : " ") + text;
}

}  // namespace

std::string score_table(const actors::Evaluation& evaluation) {
  const std::string model =
      "model (" +
      (evaluation.which == "best" || evaluation.which == "latest" ? evaluation.which + ", version "
                                                                  : std::string("version ")) +
      std::to_string(evaluation.version) + ")";
  std::size_t width = model.size();
  for (const auto& [name, scores] : evaluation.baselines) width = std::max(width, name.size());

  const std::string title = std::string(data::name(evaluation.split)) + " RMSE, " + evaluation.unit;
  width = std::max(width, title.size());
  std::string table = "  " + title + std::string(width - title.size(), ' ') + padded("overall");
  for (const data::VariableScore& entry : evaluation.scores.by_variable) {
    table += padded(entry.lead > 0 ? entry.variable + "+" + std::to_string(entry.lead) : entry.variable);
  }
  table += padded("ACC") + "\n";
  for (const auto& [name, scores] : evaluation.baselines) table += row(name, width, scores);
  return table + row(model, width, evaluation.scores);
}

}  // namespace fulmar::commands
