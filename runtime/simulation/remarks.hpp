// What somebody who plans a cluster should notice in a report, each with a remedy. Thread rule: a pure function.
#pragma once

#include <string>
#include <vector>

#include "runtime/simulation/cluster_model.hpp"
#include "runtime/simulation/cluster_report.hpp"

namespace fulmar::planner {

/// One sentence or two each; empty where nothing stands out.
std::vector<std::string> remarks(const ClusterModel& model, const ClusterReport& report);

}  // namespace fulmar::planner
