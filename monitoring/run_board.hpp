// What the status page shows of a run: its state now, its nodes, its last events, and its history in a few hundred
// points. The head tells the board what happens; the page asks it for JSON (run_board_test.cpp shows it whole).
//
// Counters are of this head; version, epoch and samples are of the run.
// Thread rule: thread-safe. Telling costs microseconds, however long the run is; asking copies, and builds the JSON
// while others go on telling.
//
// BOARD-1: whatever is told, the board's size is bounded.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "monitoring/figures.hpp"
#include "monitoring/run_event.hpp"

namespace fulmar::monitoring {

/// What a run is, and where this head takes it up.
struct RunCard {
  std::string program;  ///< its version
  std::string id;       ///< 32 hex digits
  std::string name;
  std::string directory;
  std::uint64_t term = 0;
  std::uint64_t end_version = 0;
  std::uint64_t epochs = 0;         ///< that it will have
  std::uint64_t version = 0;        ///< this head's first
  std::uint64_t epoch = 0;          ///< then, from 0
  std::uint64_t samples = 0;        ///< counted until then
  std::uint64_t recomputes_to = 0;  ///< versions up to this one were out before, and are computed once more

  /// The newest version that an earlier head published and this one does not publish otherwise.
  std::uint64_t published_to() const { return std::max(version, recomputes_to); }
};

class RunBoard {
 public:
  using Time = std::chrono::system_clock::time_point;
  using Clock = std::function<Time()>;

  /// The head has started now. `clock` must be thread-safe.
  explicit RunBoard(Clock clock = &std::chrono::system_clock::now);
  ~RunBoard();
  RunBoard(const RunBoard&) = delete;
  RunBoard& operator=(const RunBoard&) = delete;

  void run_is(const RunCard& card);
  /// The history that earlier heads left, up to where this one, told by run_is(), goes on: the text of metrics.jsonl.
  /// Of a long one, lines are read here and there; what cannot be read is passed over.
  void history_was(std::string_view metrics_lines);
  /// What happened under earlier heads, shown before all that happens under this one: the text of events.jsonl, or the
  /// end of it. What cannot be read, such as a first line without its beginning, is passed over.
  void events_were(std::string_view event_lines);

  void round_published(const PublishedRound& round);
  /// Where the time of the last round went.
  void round_took(const RoundParts& parts);
  void version_validated(std::uint64_t version, double loss);
  /// Of all versions validated so far, those of earlier heads included.
  void best_is(std::uint64_t version, double loss);
  void checkpoint_written(std::uint64_t version, std::uint64_t bytes);
  void checkpoint_failed();
  void journal_grew(std::uint64_t bytes);                 ///< to so many bytes
  void storage_has(std::uint64_t free_bytes);             ///< where the run directory is
  void nodes_are(const std::vector<NodeFigures>& nodes);  ///< all that take part now
  void policy_is(const PolicyFigures& figures);
  /// Shown from Severity::note on.
  void event(const RunEvent& event);
  void ended();

  void node_joined();
  void node_left();
  void node_failed();
  void slot_failed();
  /// In a round under way: `lost` had lost their holder, `late` were duplicated.
  void leaves_leased_anew(std::uint64_t lost, std::uint64_t late);
  void determinism_alarm();
  void message_dropped();

  std::string status_json() const;
  std::string history_json() const;

 private:
  class Locked;
  Clock clock_;
  std::unique_ptr<Locked> board_;
};

}  // namespace fulmar::monitoring
