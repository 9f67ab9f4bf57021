// All that the status page's board knows at one moment, and the documents made of it.
// Thread rule: plain values, pure functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "monitoring/decimated_history.hpp"
#include "monitoring/figures.hpp"
#include "monitoring/recent.hpp"
#include "monitoring/run_board.hpp"
#include "monitoring/run_event.hpp"

namespace fulmar::monitoring {

struct HistoryPoint {
  std::uint64_t version = 0;
  double time = 0;  ///< seconds since 1970; not a number where it is not known
  double loss = 0;
  double samples_per_second = 0;
  std::uint64_t nodes = 0;
};

struct ValidationPoint {
  std::uint64_t version = 0;
  double loss = 0;
};

struct BoardHistory {
  DecimatedHistory<HistoryPoint> rounds;
  DecimatedHistory<ValidationPoint> validations;
};

struct NewestCheckpoint {
  std::uint64_t version = 0;  ///< 0: this head has written none
  std::chrono::system_clock::time_point written{};
  std::uint64_t bytes = 0;
  std::uint64_t failures = 0;
};

struct BoardCounters {
  std::uint64_t joins = 0, departures = 0, failures = 0, slot_failures = 0;
  std::uint64_t leaves_moved = 0, speculated = 0;
  std::uint64_t voided_rounds = 0, determinism_alarms = 0, dropped_messages = 0;
};

struct StalenessSoFar {
  std::uint64_t updates = 0, sum = 0, max = 0;
};

/// Where a node's time went lately; `seen` is what its figures said last.
struct NodeTime {
  std::uint64_t incarnation = 0;
  RoundParts seen;
  RecentParts recent;
};

struct BoardState {
  RunCard card;
  std::chrono::system_clock::time_point started{}, last_round{};
  bool ended = false;
  std::uint64_t version = 0, epoch = 0, samples = 0;
  std::optional<double> loss, gradient_norm;
  std::optional<ValidationPoint> validation, best;
  RecentRate sample_rate, update_rate;
  RecentParts parts;
  PolicyFigures policy;
  StalenessSoFar staleness;
  BoardCounters counters;
  std::optional<NewestCheckpoint> checkpoint;
  std::uint64_t journal_bytes = 0;
  std::optional<std::uint64_t> storage_free_bytes;
  std::vector<NodeFigures> nodes;
  std::map<std::uint32_t, NodeTime> node_times;
  std::deque<RunEvent> events;
};

/// /status.json and /history.json.
std::string status_document(const BoardState& state, std::chrono::system_clock::time_point now);
std::string history_document(const BoardHistory& history);

/// Adds to `history` what the lines of metrics.jsonl say of the versions up to `newest`.
void read_metrics_lines(std::string_view lines, std::uint64_t newest, BoardHistory& history);

}  // namespace fulmar::monitoring
