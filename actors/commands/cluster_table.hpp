// What `fulmar simulate` says of a simulated cluster, for people and for scripts.
// Thread rule: pure functions.
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "runtime/simulation/cluster_model.hpp"
#include "runtime/simulation/cluster_report.hpp"

namespace fulmar::commands {

std::string cluster_table(const planner::ClusterModel& model, const planner::ClusterReport& report);
nlohmann::json cluster_json(const planner::ClusterModel& model, const planner::ClusterReport& report);

}  // namespace fulmar::commands
