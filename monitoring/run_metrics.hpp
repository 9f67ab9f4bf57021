// The figures of a run under their Prometheus names: prefix fulmar_, base units, _total on counters, bounded labels.
//
// Counters count from the start of this process: a resumed run begins at 0 again, which is what rate() expects.
// Thread rule: thread-safe; a call costs less than a microsecond.
//
// METRICS-1: whatever is fed in, the number of time series is bounded.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace prometheus {
class Collectable;
}

namespace fulmar::monitoring {

/// A round that is out.
struct PublishedRound {
  std::uint64_t version = 0;  ///< that it made
  std::uint64_t epoch = 0;    ///< that the run is in now, from 0
  std::uint64_t samples = 0;  ///< in the round
  double seconds = 0;         ///< since the version before
  bool applied = true;        ///< false: voided, the weights are as before
  double loss = 0;            ///< per unit of weight
  double gradient_norm = 0;   ///< of the mean gradient, before clipping
  /// Of an asynchronous policy: updates that came between the weights and the gradient computed from them.
  std::optional<std::uint64_t> staleness{};
};

struct NodesByState {
  std::uint64_t fetching = 0;  ///< their weights are on their way
  std::uint64_t trying = 0;    ///< being measured
  std::uint64_t active = 0;
  std::uint64_t draining = 0;  ///< about to leave
};

/// A node that takes part.
struct NodeFigures {
  std::uint32_t node = 0;
  std::string name;
  double samples_per_second = 0;  ///< that it can do, as it measured
  double share = 0;               ///< of a round, 0 to 1
  std::uint64_t staleness = 0;    ///< versions that it is behind
  double last_seen_seconds = 0;
};

/// How the run works now; counts are of this term.
struct PolicyFigures {
  std::string policy;  ///< "bounded:4"
  std::uint64_t units_in_flight = 0;
  double gate_idle_seconds = 0;
};

/// What went through a socket since the start, and was not taken, by reason.
struct SocketTraffic {
  std::string socket;
  std::uint64_t bytes_sent = 0;
  std::uint64_t bytes_received = 0;
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_received = 0;
  std::vector<std::pair<std::string, std::uint64_t>> dropped;
};
using TrafficSource = std::function<std::vector<SocketTraffic>()>;

class RunMetrics {
 public:
  /// `build` is the program's version.
  explicit RunMetrics(const std::string& build);
  ~RunMetrics();
  RunMetrics(const RunMetrics&) = delete;
  RunMetrics& operator=(const RunMetrics&) = delete;

  void round_published(const PublishedRound& round);
  void version_validated(double loss);
  /// `bytes` of the files; of no meaning when it was not written.
  void checkpoint_done(bool written, double seconds, std::uint64_t bytes);
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
  void attempt_voided();
  void policy_is(PolicyFigures figures);
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
