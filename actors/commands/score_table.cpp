#include "actors/commands/score_table.hpp"

#include <algorithm>
#include <cstdio>

#include <nlohmann/json.hpp>

namespace fulmar::commands {
namespace {

nlohmann::json to_json(const data::Score& score) {
  nlohmann::json json = {{"rmse", score.rmse}};
  json["acc"] = score.acc ? nlohmann::json(*score.acc) : nlohmann::json(nullptr);
  return json;
}

nlohmann::json to_json(const std::vector<data::VariableScore>& scores) {
  nlohmann::json list = nlohmann::json::array();
  for (const data::VariableScore& entry : scores) {
    nlohmann::json row = to_json(entry.score);
    row["variable"] = entry.variable;
    row["lead"] = entry.lead;
    list.push_back(std::move(row));
  }
  return list;
}

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

nlohmann::json score_json(const actors::Evaluation& evaluation) {
  nlohmann::json json = {{"split", data::name(evaluation.split)},
                         {"weights", evaluation.which},
                         {"version", evaluation.version},
                         {"unit", evaluation.unit},
                         {"overall", to_json(evaluation.scores.overall)},
                         {"scores", to_json(evaluation.scores.by_variable)}};
  nlohmann::json baselines = nlohmann::json::object();
  for (const auto& [name, scores] : evaluation.baselines) {
    baselines[name] = {{"overall", to_json(scores.overall)}, {"scores", to_json(scores.by_variable)}};
  }
  json["baselines"] = std::move(baselines);
  return json;
}

}  // namespace fulmar::commands
