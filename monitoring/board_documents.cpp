// The board as JSON. What is not known is null; a number that is none (a voided round's loss) is null as well.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "monitoring/board_state.hpp"

namespace fulmar::monitoring {
namespace {

using nlohmann::ordered_json;
using Time = std::chrono::system_clock::time_point;

double seconds_between(Time earlier, Time later) {
  return std::max(0.0, std::chrono::duration<double>(later - earlier).count());
}

/// Names and reasons come from other machines: what is not UTF-8 in them must not end this one.
std::string text_of(const ordered_json& document) {
  return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

template <class Value>
ordered_json or_null(const std::optional<Value>& value) {
  return value ? ordered_json(*value) : ordered_json(nullptr);
}

ordered_json json_of(const std::optional<ValidationPoint>& point) {
  if (!point) return nullptr;
  return {{"version", point->version}, {"loss", point->loss}};
}

bool is_at_work(const NodeFigures& node) {
  return node.state == "active" || node.state == "draining";
}

const char* state_name(const BoardState& state) {
  if (state.ended) return "ended";
  if (std::none_of(state.nodes.begin(), state.nodes.end(), is_at_work)) return "waiting";
  return state.version < state.card.recomputes_to ? "recomputing" : "running";
}

double capacity(const BoardState& state) {
  double sum = 0;
  for (const NodeFigures& node : state.nodes) sum += is_at_work(node) ? node.samples_per_second : 0;
  return sum;
}

ordered_json time_left(const BoardState& state, double updates_per_second) {
  if (state.ended || state.version >= state.card.end_version || updates_per_second < 1e-9) return nullptr;
  return static_cast<double>(state.card.end_version - state.version) / updates_per_second;
}

ordered_json json_of(const StalenessSoFar& staleness) {
  if (staleness.updates == 0) return nullptr;
  return {{"mean", static_cast<double>(staleness.sum) / static_cast<double>(staleness.updates)},
          {"max", staleness.max}};
}

ordered_json round_parts(const RecentParts& recent) {
  const std::optional<RoundParts> parts = recent.fractions();
  if (!parts) return nullptr;
  return {{"compute", parts->compute}, {"wait", parts->wait}, {"exchange", parts->exchange}, {"apply", parts->apply}};
}

ordered_json json_of(const BoardCounters& counters) {
  return {{"joins", counters.joins},
          {"departures", counters.departures},
          {"failures", counters.failures},
          {"slot_failures", counters.slot_failures},
          {"leaves_moved", counters.leaves_moved},
          {"speculated", counters.speculated},
          {"voided_rounds", counters.voided_rounds},
          {"determinism_alarms", counters.determinism_alarms},
          {"dropped_messages", counters.dropped_messages}};
}

ordered_json json_of(const std::optional<NewestCheckpoint>& checkpoint, Time now) {
  if (!checkpoint) return nullptr;
  return {{"version", checkpoint->version},
          {"age_seconds", seconds_between(checkpoint->written, now)},
          {"bytes", checkpoint->bytes},
          {"failures", checkpoint->failures}};
}

/// A node's part in the update is none, so `apply` is not among its parts.
ordered_json node_parts(const NodeTime& time) {
  ordered_json parts = round_parts(time.recent);
  if (!parts.is_null()) parts.erase("apply");
  return parts;
}

ordered_json json_of(const NodeFigures& node, const NodeTime& time) {
  return {{"node", node.node},        {"name", node.name},           {"local", node.local},
          {"state", node.state},      {"slots", node.slots},         {"samples_per_second", node.samples_per_second},
          {"share", node.share},      {"staleness", node.staleness}, {"last_seen_seconds", node.last_seen_seconds},
          {"parts", node_parts(time)}};
}

ordered_json nodes_of(const BoardState& state) {
  ordered_json nodes = ordered_json::array();
  for (const NodeFigures& node : state.nodes) nodes.push_back(json_of(node, state.node_times.at(node.node)));
  return nodes;
}

void add_progress(ordered_json& out, const BoardState& state, Time now) {
  const double silence = seconds_between(state.last_round, now);
  const double updates_per_second = state.update_rate.per_second(silence);
  out["state"] = state_name(state);
  out["version"] = state.version;
  out["end_version"] = state.card.end_version;
  out["epoch"] = state.epoch;
  out["epochs"] = state.card.epochs;
  out["samples"] = state.samples;
  out["loss"] = or_null(state.loss);
  out["validation_loss"] = state.validation ? ordered_json(state.validation->loss) : ordered_json(nullptr);
  out["best"] = json_of(state.best);
  out["gradient_norm"] = or_null(state.gradient_norm);
  out["samples_per_second"] = state.sample_rate.per_second(silence);
  out["updates_per_second"] = updates_per_second;
  out["time_left_seconds"] = time_left(state, updates_per_second);
  out["capacity_samples_per_second"] = capacity(state);
}

void add_policy(ordered_json& out, const BoardState& state) {
  out["policy"] = state.policy.policy;
  out["staleness_bound"] = or_null(state.policy.staleness_bound);
  out["staleness"] = json_of(state.staleness);
  out["units_in_flight"] = state.policy.units_in_flight;
  out["gate_idle_seconds"] = state.policy.gate_idle_seconds;
}

}  // namespace

std::string status_document(const BoardState& state, Time now) {
  ordered_json out = {{"now", utc_text(now)}, {"program", state.card.program}};
  out["run"] = {{"id", state.card.id}, {"name", state.card.name}, {"directory", state.card.directory}};
  out["started"] = utc_text(state.started);
  out["term"] = state.card.term;
  add_progress(out, state, now);
  add_policy(out, state);
  out["parts"] = round_parts(state.parts);
  out["counters"] = json_of(state.counters);
  out["checkpoint"] = json_of(state.checkpoint, now);
  out["journal_bytes"] = state.journal_bytes;
  out["storage_free_bytes"] = or_null(state.storage_free_bytes);
  out["nodes"] = nodes_of(state);
  out["events"] = state.events;
  return text_of(out);
}

std::string history_document(const BoardHistory& history) {
  ordered_json version = ordered_json::array(), time = version, loss = version, rate = version, nodes = version;
  for (const HistoryPoint& point : history.rounds.points()) {
    version.push_back(point.version);
    time.push_back(point.time);
    loss.push_back(point.loss);
    rate.push_back(point.samples_per_second);
    nodes.push_back(point.nodes);
  }
  ordered_json validation = ordered_json::array();
  for (const ValidationPoint& point : history.validations.points()) {
    validation.push_back({{"version", point.version}, {"loss", point.loss}});
  }
  return text_of({{"version", std::move(version)},
                  {"time", std::move(time)},
                  {"loss", std::move(loss)},
                  {"samples_per_second", std::move(rate)},
                  {"nodes", std::move(nodes)},
                  {"validation", std::move(validation)}});
}

}  // namespace fulmar::monitoring
