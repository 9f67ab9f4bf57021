// Clusters that planner tests start from. Thread rule: pure functions.
#pragma once

#include <string>

#include <boost/test/unit_test.hpp>

#include "runtime/simulation/cluster.hpp"

namespace fulmar::planner {

/// Nodes that compute, and nothing else takes any time.
inline ClusterModel weightless(std::vector<NodeGroup> nodes, std::uint64_t leaves) {
  ClusterModel model;
  model.nodes = std::move(nodes);
  model.leaves = leaves;
  model.samples = leaves * 1000;  // so that no round of an epoch is short
  model.model_bytes = 4;
  model.link_bytes_per_second = model.head_bytes_per_second = model.memory_bytes_per_second = 1e15;
  model.latency = model.message_cost = Time(0);
  return model;
}

inline ClusterReport report_on(const ClusterModel& model) {
  const Result<ClusterReport> report = simulate(model);
  BOOST_REQUIRE_MESSAGE(report.ok(), (report.ok() ? std::string() : report.error().message));
  BOOST_TEST_REQUIRE(report->ended == "");
  return *report;
}

}  // namespace fulmar::planner
