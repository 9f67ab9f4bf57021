// The capacity planner: a whole cluster on virtual time, run by the production state machines (core::Supervisor,
// core::Aggregator, core::Worker), which here move counts instead of tensors.
//
// What is modelled: slots that take a time for each leaf; links with bandwidth and latency, of which the head's is
// shared by all; the memory's bandwidth where vectors are added and weights updated; the time that the supervisor and
// each aggregator take for each message; nodes that fail, return, join and change their speed. What is not: the head's
// own failures, lost messages, validation, checkpoints, the time to open the data.
// Thread rule: pure; one simulation, one thread.
//
// PLAN-SIM-1: a report is a function of the model alone, the seed included.
#pragma once

#include "runtime/simulation/cluster_model.hpp"
#include "runtime/simulation/cluster_report.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::planner {

Result<ClusterReport> simulate(const ClusterModel& model);

}  // namespace fulmar::planner
