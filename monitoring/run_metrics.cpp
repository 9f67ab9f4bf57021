#include "monitoring/run_metrics.hpp"

#include <atomic>
#include <chrono>
#include <iterator>
#include <mutex>
#include <set>
#include <vector>

#include <prometheus/collectable.h>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "monitoring/momentary_families.hpp"

namespace fulmar::monitoring {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Gauge;
using prometheus::Histogram;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kDropReasonsMax = 16;
constexpr std::size_t kNodesMax = 1024;

// From a tiny model's round to one of a large model on a slow link.
const Histogram::BucketBoundaries kRoundSeconds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                0.1,    0.25,    0.5,    1,     2.5,    5,     10,   30,    60};
const Histogram::BucketBoundaries kCheckpointSeconds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                                     0.5,   1,      2.5,   5,    10,    30,   60,  300};
// From a process that is killed, which its kernel tells at once, to silence on a slow network.
const Histogram::BucketBoundaries kRecoverySeconds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                   0.25,   0.5,   0.75,   1,     2.5,  5,     10,   30};

// Each bound that is usual has its bucket, so that "no update was staler than the bound" can be read off.
const Histogram::BucketBoundaries kStaleness{0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64};

// From an update of a small vector to a frozen node that others wait for.
const Histogram::BucketBoundaries kPartSeconds{0.00001, 0.0001, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                               0.1,     0.25,   0.5,   1,      2.5,   10,   60};

Family<Counter>& counters(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Gauge>& gauges(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

Histogram& histogram(prometheus::Registry& registry, const char* name, const char* help,
                     const Histogram::BucketBoundaries& buckets) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry).Add({}, buckets);
}

}  // namespace

struct RunMetrics::Series final : prometheus::Collectable {
  prometheus::Registry registry;

  Counter& updates = counters(registry, "fulmar_updates_total", "Updates applied to the weights.").Add({});
  Counter& voided_rounds =
      counters(registry, "fulmar_voided_rounds_total", "Rounds that were voided because they were not finite.").Add({});
  Counter& samples =
      counters(registry, "fulmar_samples_total", "Samples whose gradients went into the weights.").Add({});
  Gauge& version = gauges(registry, "fulmar_version", "The newest version of the weights.").Add({});
  Gauge& epoch = gauges(registry, "fulmar_epoch", "The epoch that the run is in, from 0.").Add({});
  Family<Gauge>& loss = gauges(registry, "fulmar_loss", "The newest loss: of a round, or of a validated version.");
  Family<Gauge>& gradient_norm =
      gauges(registry, "fulmar_gradient_norm", "Norm of the newest mean gradient, before clipping.");
  Histogram& round_seconds =
      histogram(registry, "fulmar_round_duration_seconds", "Time from one version to the next.", kRoundSeconds);
  Family<Histogram>& parts = prometheus::BuildHistogram()
                                 .Name("fulmar_round_part_duration_seconds")
                                 .Help("Where the time of a round goes, as an average node sees it.")
                                 .Register(registry);
  Histogram& compute_seconds = parts.Add({{"part", "compute"}}, kPartSeconds);
  Histogram& exchange_seconds = parts.Add({{"part", "exchange"}}, kPartSeconds);
  Histogram& wait_seconds = parts.Add({{"part", "wait"}}, kPartSeconds);
  Histogram& apply_seconds = parts.Add({{"part", "apply"}}, kPartSeconds);

  Histogram& checkpoint_seconds =
      histogram(registry, "fulmar_checkpoint_duration_seconds",
                "Time to collect and write a checkpoint, or weights alone.", kCheckpointSeconds);
  Family<Gauge>& checkpoint_bytes = gauges(registry, "fulmar_checkpoint_bytes", "Size of the newest checkpoint.");
  Counter& checkpoint_failures =
      counters(registry, "fulmar_checkpoint_failures_total", "Checkpoints that could not be written.").Add({});
  Family<Gauge>& journal_bytes = gauges(registry, "fulmar_journal_bytes", "Size of the journal.");

  Family<Gauge>& nodes = gauges(registry, "fulmar_nodes", "Nodes that take part, by state.");
  Gauge& fetching_nodes = nodes.Add({{"state", "fetching"}});
  Gauge& trying_nodes = nodes.Add({{"state", "trying"}});
  Gauge& active_nodes = nodes.Add({{"state", "active"}});
  Gauge& draining_nodes = nodes.Add({{"state", "draining"}});
  Gauge& slots = gauges(registry, "fulmar_slots", "Compute slots of all nodes.").Add({});
  Counter& joins =
      counters(registry, "fulmar_joins_total", "Nodes that joined, those that came back included.").Add({});
  Counter& departures =
      counters(registry, "fulmar_departures_total", "Nodes that left because they wanted or were asked to.").Add({});
  Family<Counter>& leases = counters(registry, "fulmar_leases_total",
                                     "Leaves that were leased once more within their round, by what had happened.");
  Counter& lost_leases = leases.Add({{"kind", "lost"}});
  Counter& speculated_leases = leases.Add({{"kind", "speculated"}});
  Histogram& staleness = histogram(registry, "fulmar_update_staleness",
                                   "Updates between the weights that an asynchronous update was computed from and its "
                                   "own.",
                                   kStaleness);
  Counter& granted_leases =
      counters(registry, "fulmar_leases_granted_total", "Units that were leased to a node.").Add({});
  Counter& revoked_leases =
      counters(registry, "fulmar_leases_revoked_total", "Leases of units that were taken away from a living node.")
          .Add({});
  Counter& expired_leases = counters(registry, "fulmar_leases_expired_total",
                                     "Leases of units that were taken away because they took too long.")
                                .Add({});
  Counter& determinism_alarms =
      counters(registry, "fulmar_determinism_alarms_total", "Two nodes computed different bits for the same leaves.")
          .Add({});
  Counter& storage_failures =
      counters(registry, "fulmar_storage_failures_total",
               "Times that the journal or another file of the run directory could not be written.")
          .Add({});
  Counter& voided_attempts =
      counters(registry, "fulmar_attempts_voided_total", "Leased units that came to nothing, and were leased anew.")
          .Add({});
  Family<Counter>& failures = counters(registry, "fulmar_failures_total", "Nodes and slots that died, by kind.");
  Counter& node_failures = failures.Add({{"kind", "node"}});
  Counter& slot_failures = failures.Add({{"kind", "slot"}});
  Histogram& detection_seconds =
      histogram(registry, "fulmar_detection_duration_seconds",
                "Time from a lost node's last word until it was known to be lost.", kRecoverySeconds);
  Histogram& recovery_seconds =
      histogram(registry, "fulmar_recovery_duration_seconds",
                "Time from then until all that it had of a round was leased anew.", kRecoverySeconds);
  Family<Counter>& dropped =
      counters(registry, "fulmar_dropped_messages_total", "Messages of nodes that were not used, by reason.");

  std::atomic<Clock::rep> checkpoint_at{0};  ///< 0: there was none in this process
  mutable std::mutex sources_mutex;
  std::optional<RunIdentity> run;
  std::optional<StorageSpace> storage;
  std::vector<NodeFigures> node_figures;
  QueueLengths queue_lengths;
  std::optional<PolicyFigures> policy_figures;
  TrafficSource traffic_source;
  std::mutex drop_reasons_mutex;
  std::set<std::string> drop_reasons;

  /// METRICS-1: a reason too many is counted as "other".
  std::string bounded_reason(const std::string& reason) {
    const std::lock_guard lock(drop_reasons_mutex);
    if (drop_reasons.size() < kDropReasonsMax) drop_reasons.insert(reason);
    return drop_reasons.contains(reason) ? reason : "other";
  }

  MetricFamilies Collect() const override {
    MetricFamilies families = registry.Collect();
    const auto append = [&](MetricFamilies more) {
      families.insert(families.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    };
    append(process_families());
    if (const Clock::rep at = checkpoint_at.load()) {
      const std::chrono::duration<double> age = Clock::now().time_since_epoch() - Clock::duration(at);
      families.push_back(
          gauge_now("fulmar_checkpoint_age_seconds", "Time since the newest checkpoint was written.", age.count()));
    }
    const std::lock_guard lock(sources_mutex);
    if (run) append(families_of(*run));
    if (storage) append(families_of(*storage));
    if (!node_figures.empty()) append(families_of(node_figures));
    if (policy_figures) append(families_of(*policy_figures));
    QueueLengths queues = queue_lengths;
    if (traffic_source) {
      const std::vector<SocketTraffic> sockets = traffic_source();
      for (const SocketTraffic& socket : sockets) queues.emplace_back(socket.socket, socket.messages_waiting);
      append(families_of(sockets));
    }
    if (!queues.empty()) append(families_of(queues));
    return families;
  }
};

RunMetrics::RunMetrics(const std::string& build) : series_(std::make_shared<Series>()) {
  gauges(series_->registry, "fulmar_build_info", "The program's version; the value is always 1.")
      .Add({{"version", build}})
      .Set(1);
}

RunMetrics::~RunMetrics() = default;

void RunMetrics::round_published(const PublishedRound& round) {
  if (round.applied) {
    series_->updates.Increment();
    series_->samples.Increment(static_cast<double>(round.samples));
  } else {
    series_->voided_rounds.Increment();
  }
  series_->version.Set(static_cast<double>(round.version));
  series_->epoch.Set(static_cast<double>(round.epoch));
  series_->loss.Add({{"split", "train"}}).Set(round.loss);
  series_->gradient_norm.Add({}).Set(round.gradient_norm);
  series_->round_seconds.Observe(round.seconds);
  if (round.staleness) series_->staleness.Observe(static_cast<double>(*round.staleness));
}

void RunMetrics::run_is(RunIdentity run) {
  series_->version.Set(static_cast<double>(run.version));
  series_->epoch.Set(static_cast<double>(run.epoch));
  const std::lock_guard lock(series_->sources_mutex);
  series_->run = std::move(run);
}

void RunMetrics::round_took(const RoundParts& parts) {
  series_->compute_seconds.Observe(parts.compute);
  series_->exchange_seconds.Observe(parts.exchange);
  series_->wait_seconds.Observe(parts.wait);
  series_->apply_seconds.Observe(parts.apply);
}

void RunMetrics::version_validated(double loss) {
  series_->loss.Add({{"split", "validation"}}).Set(loss);
}

void RunMetrics::checkpoint_done(bool is_full, bool written, double seconds, std::uint64_t bytes) {
  if (!written) return series_->checkpoint_failures.Increment();
  series_->checkpoint_seconds.Observe(seconds);
  if (!is_full) return;
  series_->checkpoint_bytes.Add({}).Set(static_cast<double>(bytes));
  series_->checkpoint_at.store(Clock::now().time_since_epoch().count());
}

void RunMetrics::storage_is(const StorageSpace& space) {
  const std::lock_guard lock(series_->sources_mutex);
  series_->storage = space;
}

void RunMetrics::journal_grew(std::uint64_t bytes) {
  series_->journal_bytes.Add({}).Set(static_cast<double>(bytes));
}

void RunMetrics::members_changed(const NodesByState& nodes, std::uint64_t slots) {
  series_->fetching_nodes.Set(static_cast<double>(nodes.fetching));
  series_->trying_nodes.Set(static_cast<double>(nodes.trying));
  series_->active_nodes.Set(static_cast<double>(nodes.active));
  series_->draining_nodes.Set(static_cast<double>(nodes.draining));
  series_->slots.Set(static_cast<double>(slots));
}

void RunMetrics::node_joined() {
  series_->joins.Increment();
}

void RunMetrics::node_left() {
  series_->departures.Increment();
}

void RunMetrics::leaves_leased_anew(std::uint64_t lost, std::uint64_t late) {
  series_->lost_leases.Increment(static_cast<double>(lost));
  series_->speculated_leases.Increment(static_cast<double>(late));
}

void RunMetrics::node_failed() {
  series_->node_failures.Increment();
}

void RunMetrics::slot_failed() {
  series_->slot_failures.Increment();
}

void RunMetrics::node_made_up_for(double detection_seconds, double recovery_seconds) {
  series_->detection_seconds.Observe(detection_seconds);
  series_->recovery_seconds.Observe(recovery_seconds);
}

void RunMetrics::lease_granted() {
  series_->granted_leases.Increment();
}

void RunMetrics::lease_revoked() {
  series_->revoked_leases.Increment();
}

void RunMetrics::lease_expired() {
  series_->expired_leases.Increment();
}

void RunMetrics::determinism_alarm() {
  series_->determinism_alarms.Increment();
}

void RunMetrics::storage_failed() {
  series_->storage_failures.Increment();
}

void RunMetrics::attempt_voided() {
  series_->voided_attempts.Increment();
}

void RunMetrics::policy_is(PolicyFigures figures) {
  const std::lock_guard lock(series_->sources_mutex);
  series_->policy_figures = std::move(figures);
}

void RunMetrics::queues_are(QueueLengths lengths) {
  const std::lock_guard lock(series_->sources_mutex);
  series_->queue_lengths = std::move(lengths);
}

void RunMetrics::message_dropped(const std::string& reason) {
  series_->dropped.Add({{"reason", series_->bounded_reason(reason)}}).Increment();
}

void RunMetrics::nodes_are(std::vector<NodeFigures> nodes) {
  if (nodes.size() > kNodesMax) nodes.resize(kNodesMax);  // METRICS-1
  const std::lock_guard lock(series_->sources_mutex);
  series_->node_figures = std::move(nodes);
}

void RunMetrics::traffic_from(TrafficSource source) {
  const std::lock_guard lock(series_->sources_mutex);
  series_->traffic_source = std::move(source);
}

std::shared_ptr<prometheus::Collectable> RunMetrics::collectable() const {
  return series_;
}

}  // namespace fulmar::monitoring
