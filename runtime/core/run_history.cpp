#include "runtime/core/run_history.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {
namespace {

Error refusal(const std::string& record, Version version, const std::string& what) {
  return Error{"the journal's " + record + " of version " + std::to_string(version) + " " + what +
               "; the journal is not that of this run alone, or was changed: restore it from a copy"};
}

template <class Value>
void forget_beyond(Version version, std::map<Version, Value>& by_version) {
  by_version.erase(by_version.upper_bound(version), by_version.end());
}

/// Takes the records in the order of the journal and keeps what counts.
class HistoryReader {
 public:
  explicit HistoryReader(const PolicySettings& configured) { history_.policies.emplace(0, configured); }

  Result<void> on(const TermStarted& term) {
    const bool is_first = !std::exchange(begun_, true) && history_.newest == 0;
    history_.begins = is_first ? term.version : std::min(history_.begins, term.version);
    go_back_to(term.version);
    history_.ended.reset();
    return {};
  }

  Result<void> on(const RunEnded& ended) {
    if (!counts(ended.version)) return {};
    if (!ended.completed) return see(ended.version);
    go_back_to(ended.version);
    history_.ended = ended.version;
    return {};
  }

  Result<void> on(const UpdateApplied& update) {
    if (!counts(update.version)) return {};
    if (history_.updates.contains(update.version)) return refusal("update", update.version, "is there twice");
    if (!history_.updates.empty() && update.version < history_.updates.rbegin()->first) {
      return refusal("update", update.version,
                     "stands behind that of version " + std::to_string(history_.updates.rbegin()->first));
    }
    history_.updates.emplace(update.version, update);
    return see(update.version);
  }

  Result<void> on(const PolicySwitched& switched) {
    if (!counts(switched.version)) return {};
    const auto& [since, policy] = *history_.policies.rbegin();
    if (switched.version < since) {
      return refusal("policy switch", switched.version, "stands behind that of version " + std::to_string(since));
    }
    const Result<PolicySettings> next = parse_policy(switched.policy, policy);
    if (!next) return refusal("policy switch", switched.version, "cannot be read: " + next.error().message);
    history_.policies.insert_or_assign(switched.version, *next);
    return see(switched.version);
  }

  Result<void> on(const CheckpointWritten& written) {
    return keep("checkpoint", history_.checkpoints, written.version, written.weights_sha256);
  }
  Result<void> on(const ValidationDone& done) {
    return keep("validation", history_.validations, done.version, done.loss);
  }
  Result<void> on(const RoundVoided& voided) {
    return keep("void round", history_.voided, voided.round.version, voided.round);
  }

  /// All others say nothing of updates.
  template <class Record>
  Result<void> on(const Record&) {
    return {};
  }

  RunHistory history() && { return std::move(history_); }

 private:
  /// Whether the run did not end before that version.
  bool counts(Version version) const { return !history_.ended || version <= *history_.ended; }

  Result<void> see(Version version) {
    history_.newest = std::max(history_.newest, version);
    return {};
  }

  void go_back_to(Version version) {
    forget_beyond(version, history_.updates);
    forget_beyond(version, history_.policies);
    forget_beyond(version, history_.checkpoints);
    forget_beyond(version, history_.validations);
    forget_beyond(version, history_.voided);
    history_.newest = version;
  }

  static bool same(double a, double b) { return same_figure(a, b); }
  template <class Value>
  static bool same(const Value& a, const Value& b) {
    return a == b;
  }

  /// What is made again of a version is the same again.
  template <class Value>
  Result<void> keep(const std::string& record, std::map<Version, Value>& by_version, Version version,
                    const Value& value) {
    if (!counts(version)) return {};
    const auto kept = by_version.emplace(version, value).first;
    if (!same(kept->second, value)) return refusal(record, version, "is there twice, and not the same");
    return see(version);
  }

  RunHistory history_;
  bool begun_ = false;  // by a term
};

Result<void> check_update(const UpdateApplied& update, const PolicySettings& policy) {
  const Version version = update.version;
  const Version base = update.attempt.base;
  if (base >= version) {
    return refusal("update", version, "is from version " + std::to_string(base) + ", which did not exist before it");
  }
  if (policy.kind == PolicyKind::bounded && version - 1 - base > policy.staleness) {
    return refusal("update", version,
                   "is from version " + std::to_string(base) + ", staler than " + to_string(policy) + " allows");
  }
  return {};
}

/// HISTORY-1, from one policy switch to the next.
Result<void> check_policy(const RunHistory& history, Version begin, Version end, const PolicySettings& policy) {
  auto update = history.updates.upper_bound(begin);
  if (policy.kind == PolicyKind::sync) {
    if (update == history.updates.end() || update->first > end) return {};
    return refusal("update", update->first, "is there, although the policy was sync then");
  }
  for (Version version = begin + 1; version <= end; ++version, ++update) {
    if (update == history.updates.end() || update->first != version) {
      return refusal("update", version,
                     "is missing, although the policy was " + to_string(policy) + " and version " +
                         std::to_string(end) + " was made");
    }
    if (auto checked = check_update(update->second, policy); !checked) return checked;
  }
  return {};
}

Result<void> check_policies(const RunHistory& history) {
  for (auto policy = history.policies.begin(); policy != history.policies.end(); ++policy) {
    const auto next = std::next(policy);
    const Version begin = std::max(policy->first, history.begins);
    const Version end = next == history.policies.end() ? history.newest : next->first;
    if (auto checked = check_policy(history, begin, end, policy->second); !checked) return checked;
  }
  return {};
}

/// At a policy switch, at a checkpoint and at the end nothing is under way: units before that version went into
/// versions up to it, and nothing later is made from an earlier base.
Result<void> check_boundaries(const RunHistory& history) {
  std::set<Version> boundaries{history.begins};
  for (const auto& [version, policy] : history.policies) boundaries.insert(version);
  for (const auto& [version, sha256] : history.checkpoints) boundaries.insert(version);
  if (history.ended) boundaries.insert(*history.ended);
  const auto boundary_before = [&](std::uint64_t place) { return *std::prev(boundaries.upper_bound(place)); };
  for (const auto& [version, update] : history.updates) {
    const Version boundary = boundary_before(version - 1);
    if (update.attempt.base < boundary) {
      return refusal("update", version,
                     "is from version " + std::to_string(update.attempt.base) + ", before version " +
                         std::to_string(boundary) + ", at which nothing was under way");
    }
    if (boundary_before(update.attempt.unit) != boundary) {
      return refusal("update", version,
                     "is of unit " + std::to_string(update.attempt.unit) +
                         ", which has its place elsewhere: nothing was under way at version " +
                         std::to_string(std::max(boundary, boundary_before(update.attempt.unit))));
    }
  }
  return {};
}

/// Each unit at most once; those of synchronous rounds lie behind boundaries, where no update reaches.
Result<void> check_units(const RunHistory& history) {
  std::vector<std::pair<Unit, Version>> units;
  units.reserve(history.updates.size());
  for (const auto& [version, update] : history.updates) units.emplace_back(update.attempt.unit, version);
  std::sort(units.begin(), units.end());
  const auto twice =
      std::adjacent_find(units.begin(), units.end(), [](const auto& a, const auto& b) { return a.first == b.first; });
  if (twice == units.end()) return {};
  return refusal("update", std::next(twice)->second,
                 "is of unit " + std::to_string(twice->first) + ", which version " + std::to_string(twice->second) +
                     " is made of already");
}

}  // namespace

bool same_figure(double a, double b) {
  return a == b || (std::isnan(a) && std::isnan(b));
}

const PolicySettings& RunHistory::policy_at(Version version) const {
  FULMAR_ASSERT(!policies.empty() && policies.begin()->first == 0, "a history without the policy that it began with");
  return std::prev(policies.upper_bound(version))->second;
}

PrescribedOrder RunHistory::order(Version start, Version end) const {
  FULMAR_ASSERT(start <= end, "an order from version " + std::to_string(start) + " to " + std::to_string(end));
  std::vector<PrescribedUpdate> order;
  order.reserve(end - start);
  auto update = updates.upper_bound(start);
  for (Version version = start + 1; version <= end; ++version) {
    if (update != updates.end() && update->first == version) {
      order.push_back({update->second.attempt.unit, update->second.attempt.base});
      ++update;
    } else {
      order.push_back({version - 1, version - 1});
    }
  }
  return {start, std::move(order)};
}

Version RunHistory::durable_end(Version start) const {
  Version end = start;
  if (!updates.empty()) end = std::max(end, updates.rbegin()->first);
  if (!policies.empty()) end = std::max(end, policies.rbegin()->first);
  return end;
}

Result<RunHistory> read_history(std::span<const JournalRecord> records, const PolicySettings& configured) {
  HistoryReader reader(configured);
  for (const JournalRecord& record : records) {
    const Result<void> taken = std::visit([&](const auto& kind) { return reader.on(kind); }, record);
    if (!taken) return taken.error();
  }
  RunHistory history = std::move(reader).history();
  for (const auto check : {check_policies, check_boundaries, check_units}) {
    if (const Result<void> checked = check(history); !checked) return checked.error();
  }
  return history;
}

}  // namespace fulmar::core
