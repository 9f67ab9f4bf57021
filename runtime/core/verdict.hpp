// One verdict an update: what becomes of its gradient, decided once, the same for every shard.
//
// Each shard measures its root (finite, squared norm per chunk); the lead shard joins the measures in a fixed tree over
// the chunks of the whole vector. An overflow in the upper tree is seen by one shard alone, so every round has a
// verdict, with clipping or without; no shard applies before it.
// Thread rule: plain values and pure functions.
//
// VERDICT-1: the verdict does not depend on the number of shards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/core/attempt.hpp"

namespace fulmar::core {

enum class NotFinitePolicy { stop, skip };

/// What a shard measured of its root.
struct RootReport {
  ShardId shard = 0;
  Version base = 0;  ///< of a synchronous round; of an attempt its lease says all
  bool finite = true;
  double loss_sum = 0;              ///< of the whole update: the same from every shard
  double weight_sum = 0;            ///< likewise
  std::vector<double> chunk_norms;  ///< squared, in chunk order
  LeaseNumber lease = 0;            ///< of the attempt that the shard has staged; 0: the root of round `base`
};

enum class Action {
  apply,  ///< scale, clip, step
  skip,   ///< void the round: the version advances, weights and optimizer state stay
  stop    ///< end the run at `base`
};

struct Verdict {
  Version base = 0;  ///< the update makes version base + 1, …
  Action action = Action::apply;
  bool finite = true;
  double loss_sum = 0;
  double weight_sum = 0;
  double squared_norm = 0;           ///< of the gradient sum
  std::uint64_t updates_before = 0;  ///< applied before this one
  std::string reason;
  Attempt attempt;  ///< … of this unit, computed from attempt.base

  /// How many updates were applied since the version that it was computed from.
  std::uint64_t staleness() const { return base - attempt.base; }
};

struct VerdictRule {
  NotFinitePolicy not_finite = NotFinitePolicy::stop;
  std::uint64_t voided_in_a_row_max = 10;  ///< this many in a row stop the run
};

/// The update that makes version base + 1. `reports`: one of every shard, any order. `voided_in_a_row`: before it.
Verdict reach_verdict(Version base, const Attempt& attempt, std::vector<RootReport> reports, const VerdictRule& rule,
                      std::uint64_t updates_before, std::uint64_t voided_in_a_row);

/// The norm of the round's mean gradient, before clipping; 0 for a round without targets.
double mean_gradient_norm(const Verdict& verdict);

}  // namespace fulmar::core
