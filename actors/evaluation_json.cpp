#include <nlohmann/json.hpp>

#include "actors/evaluation.hpp"

namespace fulmar::actors {
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

}  // namespace

nlohmann::json score_json(const Evaluation& evaluation) {
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

}  // namespace fulmar::actors
