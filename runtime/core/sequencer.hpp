// The sequencer gives attempts their place in the one global order of updates: the lead aggregator's part of an
// asynchronous policy.
//
// An attempt is *granted*; shards *stage* it and report; when every shard has, it is *complete* and waits for its turn.
// Complete attempts take their turn in the order in which they became complete, or in the order that a journal
// prescribes. An attempt whose lease ends before it is complete is void: no shard will ever be told to apply it.
// Thread rule: owned by one state machine.
//
// SEQ-1: an attempt has a place in the order only when every shard has staged it.
// SEQ-2: an attempt that was voided has no place, one that has a place is not voided, and of a unit at most one has
// one. SEQ-3: what is ordered as version v from base b is at most the policy's bound stale: v − 1 − b ≤ S.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "runtime/core/applied_units.hpp"
#include "runtime/core/prescribed_order.hpp"
#include "runtime/core/verdict.hpp"

namespace fulmar::core {

class Sequencer {
 public:
  /// An attempt whose turn it is, with the report of every shard.
  struct Turn {
    Attempt attempt;
    std::vector<RootReport> reports;
  };

  /// `applied`: the units that have an update as of the version that the run goes on from.
  Sequencer(std::uint32_t shards, AppliedUnits applied, std::shared_ptr<const PrescribedOrder> order);

  void granted(const Attempt& attempt);
  /// A shard has staged it. Reports on leases that are over are not heard. True: now every shard has.
  bool staged(RootReport report);
  /// True: it is void from now on. False: it is not known, or complete, and will have its turn.
  bool end_lease(LeaseNumber lease);
  /// Whose turn it is to make version base + 1; it has had it then. `bound`: S of the policy, where there is one.
  std::optional<Turn> take_turn(Version base, std::optional<std::uint64_t> bound);
  /// Whether it is complete and has not had its turn.
  bool waits(LeaseNumber lease) const { return attempts_.contains(lease); }
  /// The unit has an update by a synchronous round.
  void applied(Unit unit) { applied_.add(unit); }

 private:
  struct Pending {
    Attempt attempt;
    std::vector<RootReport> reports;
  };
  /// In complete_.
  std::deque<LeaseNumber>::iterator next_in_turn(Version base);

  std::uint32_t shards_;
  AppliedUnits applied_;
  std::shared_ptr<const PrescribedOrder> order_;
  std::map<LeaseNumber, Pending> attempts_;
  std::deque<LeaseNumber> complete_;
};

}  // namespace fulmar::core
