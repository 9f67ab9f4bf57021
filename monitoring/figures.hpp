// What is measured of a run and its nodes, for metrics and the status page.
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace fulmar::monitoring {

/// Which run it is, and where it is to end.
struct RunIdentity {
  std::string id;  ///< 32 hex digits
  std::string name;
  std::string directory;
  std::uint64_t term = 0;
  std::uint64_t end_version = 0;
  std::uint64_t version = 0;                            ///< from which this head goes on
  std::uint64_t epoch = 0;                              ///< then, from 0
  std::optional<double> checkpoint_interval_seconds{};  ///< nothing where rounds decide
};

/// How many messages wait, by queue; the queues must be few.
using QueueLengths = std::vector<std::pair<std::string, std::uint64_t>>;

/// Where the time of a round goes: an average node's view of it, in seconds. The parts add up to the round.
struct RoundParts {
  double compute = 0;   ///< the node computes its blocks
  double exchange = 0;  ///< weights to it, blocks from it
  double wait = 0;      ///< it has finished, others have not
  double apply = 0;     ///< the verdict and the update
};

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
  std::uint64_t incarnation = 0;
  std::string name;
  std::string state{};  ///< as in NodesByState
  bool local = false;   ///< in the head's own process
  std::uint32_t slots = 0;
  double samples_per_second = 0;  ///< that it can do, as it measured
  double share = 0;               ///< of a round, 0 to 1
  std::uint64_t staleness = 0;    ///< versions that it is behind
  double last_seen_seconds = 0;
  RoundParts total{};         ///< of all rounds that it had a part in, since it joined; `apply` is not a node's
  double cpu_seconds = 0;     ///< of its process, since that started
  double resident_bytes = 0;  ///< of its process, now
};

/// How the run works now; counts are of this term.
struct PolicyFigures {
  std::string policy;  ///< "bounded:4"
  std::optional<std::uint64_t> staleness_bound{};
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
  std::uint64_t messages_waiting = 0;  ///< now: not sent, or not acknowledged
};
using TrafficSource = std::function<std::vector<SocketTraffic>()>;

}  // namespace fulmar::monitoring
