#include "monitoring/momentary_families.hpp"

#include <cstdint>
#include <string>
#include <utility>

#include "monitoring/process_usage.hpp"

namespace fulmar::monitoring {
namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

class FamilyNow {
 public:
  FamilyNow(const char* name, const char* help, MetricType type) {
    family_.name = name;
    family_.help = help;
    family_.type = type;
  }

  using Labels = std::vector<prometheus::ClientMetric::Label>;
  FamilyNow& add(Labels labels, double value) {
    prometheus::ClientMetric metric;
    (family_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
    metric.label = std::move(labels);
    family_.metric.push_back(std::move(metric));
    return *this;
  }
  FamilyNow& add(Labels labels, std::uint64_t value) { return add(std::move(labels), static_cast<double>(value)); }

  MetricFamily take() { return std::move(family_); }

 private:
  MetricFamily family_;
};

FamilyNow gauge(const char* name, const char* help) {
  return {name, help, MetricType::Gauge};
}

FamilyNow counter(const char* name, const char* help) {
  return {name, help, MetricType::Counter};
}

/// A figure that every node has.
struct NodeGauge {
  const char* name;
  const char* help;
  MetricType type;
  double (*value)(const NodeFigures&);
  bool zero_is_unknown = false;  ///< a node's process has said nothing yet
};

constexpr NodeGauge kNodeFigures[] = {
    {"fulmar_node_slots", "Compute slots of a node.", MetricType::Gauge,
     [](const NodeFigures& node) { return static_cast<double>(node.slots); }},
    {"fulmar_node_incarnation", "Which life of a node this is: another one each time that it comes back.",
     MetricType::Gauge, [](const NodeFigures& node) { return static_cast<double>(node.incarnation); }},
    {"fulmar_node_samples_per_second", "What a node can compute, as it measured.", MetricType::Gauge,
     [](const NodeFigures& node) { return node.samples_per_second; }},
    {"fulmar_node_share", "A node's share of a round, from 0 to 1.", MetricType::Gauge,
     [](const NodeFigures& node) { return node.share; }},
    {"fulmar_node_staleness", "Versions that a node is behind.", MetricType::Gauge,
     [](const NodeFigures& node) { return static_cast<double>(node.staleness); }},
    {"fulmar_node_last_seen_seconds", "Time since a node was last heard of.", MetricType::Gauge,
     [](const NodeFigures& node) { return node.last_seen_seconds; }},
    {"fulmar_node_cpu_seconds_total", "CPU time of a node's process, user and system.", MetricType::Counter,
     [](const NodeFigures& node) { return node.cpu_seconds; }, true},
    {"fulmar_node_resident_memory_bytes", "Memory of a node's process that is resident.", MetricType::Gauge,
     [](const NodeFigures& node) { return node.resident_bytes; }, true},
};

FamilyNow::Labels labels_of(const NodeFigures& node) {
  return {{"node", std::to_string(node.node)}, {"name", node.name}};
}

FamilyNow::Labels labels_of(const NodeFigures& node, const char* key, const std::string& value) {
  FamilyNow::Labels labels = labels_of(node);
  labels.push_back({key, value});
  return labels;
}

}  // namespace

MetricFamily gauge_now(const char* name, const char* help, double value) {
  return gauge(name, help).add({}, value).take();
}

MetricFamilies families_of(const RunIdentity& run) {
  FamilyNow info = gauge("fulmar_run_info", "Which run this is; the value is always 1.");
  info.add({{"run", run.id}, {"name", run.name}}, std::uint64_t{1});
  MetricFamilies families = {
      info.take(), gauge_now("fulmar_term", "How often a head has taken the run up.", static_cast<double>(run.term)),
      gauge_now("fulmar_end_version", "The version at which the run ends.", static_cast<double>(run.end_version))};
  if (run.checkpoint_interval_seconds) {
    families.push_back(gauge_now("fulmar_checkpoint_interval_seconds", "How often a checkpoint is written.",
                                 *run.checkpoint_interval_seconds));
  }
  return families;
}

MetricFamilies families_of(const std::vector<NodeFigures>& nodes) {
  MetricFamilies families;
  for (const NodeGauge& figure : kNodeFigures) {
    FamilyNow family(figure.name, figure.help, figure.type);
    for (const NodeFigures& node : nodes) {
      const double value = figure.value(node);
      if (value != 0 || !figure.zero_is_unknown) family.add(labels_of(node), value);
    }
    families.push_back(family.take());
  }
  FamilyNow state = gauge("fulmar_node_state", "What a node is at; the value is always 1.");
  FamilyNow parts =
      counter("fulmar_node_round_seconds_total", "Where a node's time went in the rounds that it had a part in.");
  for (const NodeFigures& node : nodes) {
    state.add(labels_of(node, "state", node.state), std::uint64_t{1});
    parts.add(labels_of(node, "part", "compute"), node.total.compute)
        .add(labels_of(node, "part", "exchange"), node.total.exchange)
        .add(labels_of(node, "part", "wait"), node.total.wait);
  }
  families.push_back(state.take());
  families.push_back(parts.take());
  return families;
}

MetricFamilies families_of(const PolicyFigures& policy) {
  FamilyNow info = gauge("fulmar_policy_info", "The policy that the run works by; the value is always 1.");
  info.add({{"policy", policy.policy}}, std::uint64_t{1});
  FamilyNow idle =
      counter("fulmar_gate_idle_seconds_total", "Time that nodes waited because the policy let them begin nothing.");
  idle.add({}, policy.gate_idle_seconds);
  MetricFamilies families = {info.take(), idle.take(),
                             gauge_now("fulmar_units_in_flight", "Units that are leased, and not yet applied.",
                                       static_cast<double>(policy.units_in_flight))};
  if (policy.staleness_bound) {
    families.push_back(gauge_now("fulmar_staleness_bound", "No update may be staler than this.",
                                 static_cast<double>(*policy.staleness_bound)));
  }
  return families;
}

MetricFamilies families_of(const QueueLengths& queues) {
  FamilyNow lengths = gauge("fulmar_queue_length", "Messages that wait: for an actor, or for the network.");
  for (const auto& [queue, length] : queues) lengths.add({{"queue", queue}}, length);
  return {lengths.take()};
}

MetricFamilies families_of(const std::vector<SocketTraffic>& sockets) {
  FamilyNow bytes = counter("fulmar_network_bytes_total", "Bytes that went through a socket.");
  FamilyNow packets = counter("fulmar_network_packets_total", "Packets that went through a socket.");
  FamilyNow dropped =
      counter("fulmar_network_dropped_packets_total", "Packets that were not taken or not sent, by reason.");
  for (const SocketTraffic& traffic : sockets) {
    bytes.add({{"socket", traffic.socket}, {"direction", "sent"}}, traffic.bytes_sent)
        .add({{"socket", traffic.socket}, {"direction", "received"}}, traffic.bytes_received);
    packets.add({{"socket", traffic.socket}, {"direction", "sent"}}, traffic.packets_sent)
        .add({{"socket", traffic.socket}, {"direction", "received"}}, traffic.packets_received);
    for (const auto& [reason, count] : traffic.dropped) {
      dropped.add({{"socket", traffic.socket}, {"reason", reason}}, count);
    }
  }
  return {bytes.take(), packets.take(), dropped.take()};
}

MetricFamilies process_families() {
  static const double started = process_start_time();
  const core::ProcessUsage usage = process_usage();
  FamilyNow cpu = counter("fulmar_process_cpu_seconds_total", "CPU time of this process, user and system.");
  cpu.add({}, usage.cpu_seconds);
  return {cpu.take(),
          gauge_now("fulmar_process_resident_memory_bytes", "Memory of this process that is resident.",
                    usage.resident_bytes),
          gauge_now("fulmar_process_start_time_seconds", "When this process started, in seconds since 1970.", started)};
}

MetricFamilies families_of(const StorageSpace& space) {
  return {gauge_now("fulmar_storage_free_bytes", "Free space where the run directory is.", space.free_bytes),
          gauge_now("fulmar_storage_size_bytes", "Size of the file system that the run directory is in.",
                    space.size_bytes)};
}

}  // namespace fulmar::monitoring
