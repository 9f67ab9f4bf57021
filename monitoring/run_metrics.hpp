// The figures of a run under their Prometheus names: prefix fulmar_, base units, _total on counters, bounded labels.
//
// Counters count from the start of this process: a resumed run begins at 0 again, which is what rate() expects.
// Thread rule: thread-safe; a call costs less than a microsecond.
//
// METRICS-1: whatever is fed in, the number of time series is bounded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "monitoring/figures.hpp"
#include "monitoring/storage_space.hpp"

namespace prometheus {
class Collectable;
}

namespace fulmar::monitoring {

class RunMetrics {
 public:
  /// `build` is the program's version.
  explicit RunMetrics(const std::string& build);
  ~RunMetrics();
  RunMetrics(const RunMetrics&) = delete;
  RunMetrics& operator=(const RunMetrics&) = delete;

  void run_is(RunIdentity run);
  void round_published(const PublishedRound& round);
  void round_took(const RoundParts& parts);
  void version_validated(double loss);
  /// `is_full`: a run can resume from it; otherwise weights alone, which have no age. `bytes` of the files; of no
  /// meaning when it was not written.
  void checkpoint_done(bool is_full, bool written, double seconds, std::uint64_t bytes);
  void journal_grew(std::uint64_t bytes);  ///< to so many bytes
  void members_changed(const NodesByState& nodes, std::uint64_t slots);
  void node_joined();
  void node_left();
  void node_failed();
  void slot_failed();
  /// In a round under way: `lost` had lost their holder, `late` were duplicated.
  void leaves_leased_anew(std::uint64_t lost, std::uint64_t late);
  /// What a lost node had has holders again: so long after its last word it was known to be lost, and so long after
  /// that.
  void node_made_up_for(double detection_seconds, double recovery_seconds);
  void lease_granted();
  void lease_revoked();
  void lease_expired();
  void attempt_voided();
  void policy_is(PolicyFigures figures);
  void storage_is(const StorageSpace& space);  ///< where the run directory is
  void queues_are(QueueLengths lengths);
  void determinism_alarm();
  /// The journal, metrics.jsonl or events.jsonl could not be written.
  void storage_failed();
  void message_dropped(const std::string& reason);
  /// All that take part now: what is known of any other is forgotten.
  void nodes_are(std::vector<NodeFigures> nodes);
  /// Asked at each scrape, on the scraper's thread; the sockets and reasons must be few. Empty: there is no network.
  void traffic_from(TrafficSource source);

  /// What an endpoint serves; it adds what is known only at the moment it is asked: CPU, memory, age of the checkpoint,
  /// traffic.
  std::shared_ptr<prometheus::Collectable> collectable() const;

 private:
  struct Series;
  std::shared_ptr<Series> series_;
};

}  // namespace fulmar::monitoring
