// Metric families whose values are known only when they are asked for: of nodes that are here now, of the policy in
// force, of the process. Nothing is kept for a node that has left.
// Thread rule: pure functions, but for what they ask of the system.
#pragma once

#include <vector>

#include <prometheus/metric_family.h>

#include "monitoring/figures.hpp"
#include "monitoring/storage_space.hpp"

namespace fulmar::monitoring {

using MetricFamilies = std::vector<prometheus::MetricFamily>;

MetricFamilies families_of(const RunIdentity& run);
MetricFamilies families_of(const std::vector<NodeFigures>& nodes);
MetricFamilies families_of(const PolicyFigures& policy);
MetricFamilies families_of(const QueueLengths& queues);
/// Of the file system that the run directory is in.
MetricFamilies families_of(const StorageSpace& space);
MetricFamilies families_of(const std::vector<SocketTraffic>& sockets);
/// CPU time, memory and start of this process.
MetricFamilies process_families();
/// One gauge without labels.
prometheus::MetricFamily gauge_now(const char* name, const char* help, double value);

}  // namespace fulmar::monitoring
