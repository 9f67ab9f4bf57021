#include "monitoring/run_board.hpp"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <utility>

#include "monitoring/board_state.hpp"

namespace fulmar::monitoring {
namespace {

// BOARD-1
constexpr std::size_t kNodesMax = 1024;
constexpr std::size_t kEventsMax = 200;

double seconds_since_1970(RunBoard::Time time) {
  return std::chrono::duration<double>(time.time_since_epoch()).count();
}

RoundParts difference(const RoundParts& now, const RoundParts& before) {
  return {.compute = now.compute - before.compute,
          .exchange = now.exchange - before.exchange,
          .wait = now.wait - before.wait,
          .apply = now.apply - before.apply};
}

bool is_shown(const RunEvent& event) {
  return event.severity != Severity::detail;
}

/// Of those shown, oldest first. Read from the end: a long run has many more than are wanted.
std::deque<RunEvent> newest_events(std::string_view lines) {
  std::deque<RunEvent> events;
  while (!lines.empty() && events.size() < kEventsMax) {
    const std::size_t end = lines.rfind('\n');
    const std::size_t begin = end == std::string_view::npos ? 0 : end + 1;
    const std::optional<RunEvent> event = parse_event(lines.substr(begin));
    if (event && is_shown(*event)) events.push_front(*event);
    lines = lines.substr(0, begin == 0 ? 0 : end);
  }
  return events;
}

/// What is known of a node's time, gone on with by its newest figures; of another incarnation nothing is.
NodeTime gone_on(const std::map<std::uint32_t, NodeTime>& known, const NodeFigures& node) {
  NodeTime time{.incarnation = node.incarnation, .seen = {}, .recent = {}};
  const auto found = known.find(node.node);
  if (found != known.end() && found->second.incarnation == node.incarnation) time = found->second;
  time.recent.add(difference(node.total, time.seen));
  time.seen = node.total;
  return time;
}

}  // namespace

class RunBoard::Locked {
 public:
  template <class Change>
  void change(const Change& change) {
    const std::lock_guard lock(mutex_);
    change(state_, history_);
  }
  BoardState state() const {
    const std::lock_guard lock(mutex_);
    return state_;
  }
  BoardHistory history() const {
    const std::lock_guard lock(mutex_);
    return history_;
  }

 private:
  mutable std::mutex mutex_;
  BoardState state_;
  BoardHistory history_;
};

RunBoard::RunBoard(Clock clock) : clock_(std::move(clock)), board_(std::make_unique<Locked>()) {
  board_->change([now = clock_()](BoardState& state, BoardHistory&) { state.started = state.last_round = now; });
}

RunBoard::~RunBoard() = default;

void RunBoard::run_is(const RunCard& card) {
  board_->change([&](BoardState& state, BoardHistory&) {
    state.card = card;
    state.version = card.version;
    state.epoch = card.epoch;
    state.samples = card.samples;
  });
}

void RunBoard::history_was(std::string_view metrics_lines) {
  BoardHistory read;
  read_metrics_lines(metrics_lines, board_->state().card.published_to(), read);
  board_->change([&](BoardState&, BoardHistory& history) { history = std::move(read); });
}

void RunBoard::events_were(std::string_view event_lines) {
  std::deque<RunEvent> events = newest_events(event_lines);
  board_->change([&](BoardState& state, BoardHistory&) {
    events.insert(events.end(), state.events.begin(), state.events.end());
    while (events.size() > kEventsMax) events.pop_front();
    state.events = std::move(events);
  });
}

void RunBoard::round_published(const PublishedRound& round) {
  board_->change([&, now = clock_()](BoardState& state, BoardHistory& history) {
    if (round.applied) {
      state.samples += round.samples;
    } else {
      ++state.counters.voided_rounds;
    }
    state.version = round.version;
    state.epoch = round.epoch;
    state.loss = round.loss;
    state.gradient_norm = round.gradient_norm;
    state.last_round = now;
    state.sample_rate.add(static_cast<double>(round.samples), round.seconds);
    state.update_rate.add(1, round.seconds);
    if (round.staleness) {
      ++state.staleness.updates;
      state.staleness.sum += *round.staleness;
      state.staleness.max = std::max(state.staleness.max, *round.staleness);
    }
    // What is computed once more is in the history of the head that computed it first.
    if (round.version <= state.card.recomputes_to) return;
    history.rounds.add({.version = round.version,
                        .time = seconds_since_1970(now),
                        .loss = round.loss,
                        .samples_per_second = state.sample_rate.per_second(0),
                        .nodes = state.nodes.size()});
  });
}

void RunBoard::round_took(const RoundParts& parts) {
  board_->change([&](BoardState& state, BoardHistory&) { state.parts.add(parts); });
}

void RunBoard::version_validated(std::uint64_t version, double loss) {
  board_->change([&](BoardState& state, BoardHistory& history) {
    state.validation = {version, loss};
    history.validations.add({version, loss});
  });
}

void RunBoard::best_is(std::uint64_t version, double loss) {
  if (!std::isfinite(loss)) return;
  board_->change([&](BoardState& state, BoardHistory&) { state.best = {version, loss}; });
}

void RunBoard::checkpoint_written(std::uint64_t version, std::uint64_t bytes) {
  board_->change([&, now = clock_()](BoardState& state, BoardHistory&) {
    const std::uint64_t failures = state.checkpoint ? state.checkpoint->failures : 0;
    state.checkpoint = {.version = version, .written = now, .bytes = bytes, .failures = failures};
  });
}

void RunBoard::checkpoint_failed() {
  board_->change([](BoardState& state, BoardHistory&) {
    if (!state.checkpoint) state.checkpoint = {.version = 0, .written = state.started, .bytes = 0, .failures = 0};
    ++state.checkpoint->failures;
  });
}

void RunBoard::journal_grew(std::uint64_t bytes) {
  board_->change([&](BoardState& state, BoardHistory&) { state.journal_bytes = bytes; });
}

void RunBoard::storage_has(std::uint64_t free_bytes) {
  board_->change([&](BoardState& state, BoardHistory&) { state.storage_free_bytes = free_bytes; });
}

void RunBoard::nodes_are(const std::vector<NodeFigures>& nodes) {
  const auto end = nodes.begin() + static_cast<std::ptrdiff_t>(std::min(nodes.size(), kNodesMax));
  board_->change([&](BoardState& state, BoardHistory&) {
    state.nodes.assign(nodes.begin(), end);
    std::map<std::uint32_t, NodeTime> times;
    for (const NodeFigures& node : state.nodes) times.emplace(node.node, gone_on(state.node_times, node));
    state.node_times = std::move(times);
  });
}

void RunBoard::policy_is(const PolicyFigures& figures) {
  board_->change([&](BoardState& state, BoardHistory&) { state.policy = figures; });
}

void RunBoard::event(const RunEvent& event) {
  if (!is_shown(event)) return;
  board_->change([&](BoardState& state, BoardHistory&) {
    state.events.push_back(event);
    if (state.events.size() > kEventsMax) state.events.pop_front();
  });
}

void RunBoard::ended() {
  board_->change([](BoardState& state, BoardHistory&) { state.ended = true; });
}

void RunBoard::node_joined() {
  board_->change([](BoardState& state, BoardHistory&) { ++state.counters.joins; });
}

void RunBoard::node_left() {
  board_->change([](BoardState& state, BoardHistory&) { ++state.counters.departures; });
}

void RunBoard::node_failed() {
  board_->change([](BoardState& state, BoardHistory&) { ++state.counters.failures; });
}

void RunBoard::slot_failed() {
  board_->change([](BoardState& state, BoardHistory&) { ++state.counters.slot_failures; });
}

void RunBoard::leaves_leased_anew(std::uint64_t lost, std::uint64_t late) {
  board_->change([&](BoardState& state, BoardHistory&) {
    state.counters.leaves_moved += lost;
    state.counters.speculated += late;
  });
}

void RunBoard::determinism_alarm() {
  board_->change([](BoardState& state, BoardHistory&) { ++state.counters.determinism_alarms; });
}

void RunBoard::message_dropped() {
  board_->change([](BoardState& state, BoardHistory&) { ++state.counters.dropped_messages; });
}

std::string RunBoard::status_json() const {
  return status_document(board_->state(), clock_());
}

std::string RunBoard::history_json() const {
  return history_document(board_->history());
}

}  // namespace fulmar::monitoring
