// The figures of a run under their Prometheus names: prefix fulmar_, base units, _total on counters, bounded labels.
//
// Counters count from the start of this process: a resumed run begins at 0 again, which is what rate() expects.
// Thread rule: thread-safe; a call costs less than a microsecond.
//
// METRICS-1: whatever is fed in, the number of time series is bounded.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

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
};

struct NodesByState {
  std::uint64_t fetching = 0;  ///< their weights are on their way
  std::uint64_t trying = 0;    ///< being measured
  std::uint64_t active = 0;
  std::uint64_t draining = 0;  ///< about to leave
};

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
  void push_dropped(const std::string& reason);

  /// What an endpoint serves; it adds what is known only at the moment it is asked: CPU, memory, age of the checkpoint.
  std::shared_ptr<prometheus::Collectable> collectable() const;

 private:
  struct Series;
  std::shared_ptr<Series> series_;
};

}  // namespace fulmar::monitoring
