// What a journal says of a run's updates: which counted, in which order, under which policy; and of its checkpoints.
//
// Records of an earlier term beyond the version that a later term started from are void, and so is what was computed
// beyond the version at which a run ended early.
// Thread rule: plain values and pure functions.
//
// HISTORY-1: versions are made once each, in order, and none is missing between the first asynchronous update and the
//            last; a journal that says otherwise is refused, naming the version.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "runtime/core/journal_record.hpp"
#include "runtime/core/policy.hpp"
#include "runtime/core/prescribed_order.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::core {

/// Whether two figures of journals are the same: equal, or neither a number.
bool same_figure(double a, double b);

struct RunHistory {
  /// By version: updates of asynchronous policies. What is missing in between was made by synchronous rounds.
  std::map<Version, UpdateApplied> updates;
  /// By the version from which on each is in force; the first from 0.
  std::map<Version, PolicySettings> policies;
  /// By version: the SHA-256 of the weights, of each full or weights-only checkpoint that was written and counts.
  std::map<Version, std::string> checkpoints;
  /// By version, of those that count: the losses of validations.
  std::map<Version, double> validations;
  /// Void rounds that count, by the version that they made.
  std::map<Version, VoidedRound> voided;
  /// Where it ended for good.
  std::optional<Version> ended;
  /// The version that its first term started from: 0, unless the journal of what came before was taken away.
  Version begins = 0;
  /// The newest version that the journal knows of.
  Version newest = 0;

  const PolicySettings& policy_at(Version version) const;
  /// What makes the versions after `start` up to `end`: as recorded, or else by synchronous rounds.
  PrescribedOrder order(Version start, Version end) const;
  /// The newest version that a head which resumes from a checkpoint at `start` has to recompute to: the last
  /// asynchronous update, or policy switch; `start` where there is none beyond it.
  Version durable_end(Version start) const;
};

/// `configured`: the policy that the run began with. Errors name the version and the record.
Result<RunHistory> read_history(std::span<const JournalRecord> records, const PolicySettings& configured);

}  // namespace fulmar::core
