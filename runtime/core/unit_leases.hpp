// The supervisor's account of asynchronous work: which units have an update, which are leased to whom from which base,
// and what may be leased next.
//
// A lease is *outstanding* until the lead has said what became of it: its unit has an update, or its attempt is void.
// It may be *ending* meanwhile: the supervisor has taken it away, and waits for that answer.
// Thread rule: owned by one state machine; `now` is an argument.
//
// LEASE-3: of a unit at most one lease is outstanding, and none once it has an update.
// LEASE-4: where version + outstanding never exceeded a version c before c was out, and no unit from c on was leased
//          before, nothing is outstanding at c, and exactly the units before c have an update.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "runtime/core/applied_units.hpp"
#include "runtime/core/liveness.hpp"
#include "runtime/core/policy.hpp"
#include "runtime/core/prescribed_order.hpp"

namespace fulmar::core {

struct OutstandingUnit {
  Attempt attempt;
  Time granted{};
  Time deadline{};
  bool ending = false;
  bool staged = false;
};

/// What is prescribed is leased at most so many versions ahead of the newest.
inline constexpr Version kReplayAheadMax = 256;

class UnitLeases {
 public:
  enum class Refusal {
    none,   ///< a unit may be leased
    limit,  ///< nothing may begin before the version at `limit` is out
    bound,  ///< the policy would let an update become too stale
    order,  ///< what is prescribed is all leased, or needs a version that is not out yet
    holder  ///< only units are free that were taken away from this very node
  };
  struct Next {
    Refusal refusal = Refusal::none;
    PrescribedUpdate update;  ///< what to lease, where nothing refuses it
  };

  /// Exactly the units before `version` have an update.
  UnitLeases(Version version, std::shared_ptr<const PrescribedOrder> order);

  Version version() const { return version_; }
  const AppliedUnits& applied() const { return applied_; }
  std::size_t outstanding() const { return leases_.size(); }
  const std::map<LeaseNumber, OutstandingUnit>& all() const { return leases_; }
  std::optional<LeaseNumber> of(Incarnation incarnation) const;
  /// Whether the next version is one that was prescribed.
  bool replays() const { return order_ && order_->makes(version_ + 1); }
  /// The first version at which nothing would be under way if nothing more were begun than what must be.
  Version rest_version() const;

  /// What `holder` may lease next, with nothing under way across version `limit`; what was taken away from it goes to
  /// others. Nothing: there are no others.
  Next next(const Policy& policy, Version limit, std::optional<NodeId> holder) const;
  /// The lease to take away so that another may begin, if the policy says so.
  std::optional<LeaseNumber> to_revoke(const Policy& policy) const;

  void grant(const Attempt& attempt, Time now, Time deadline);
  /// The outstanding lease of an attempt; an empty one where there is none.
  OutstandingUnit lease_of(const Attempt& attempt) const;
  /// How often the unit has been leased.
  std::uint32_t grants(Unit unit) const;
  void mark_ending(LeaseNumber lease) { leases_.at(lease).ending = true; }
  /// All shards have what its holder made of it: the holder is at it no longer.
  void mark_staged(LeaseNumber lease);
  void extend(LeaseNumber lease, Time deadline) { leases_.at(lease).deadline = deadline; }
  /// What became of an attempt. An update of a synchronous round has lease 0.
  void apply(const Attempt& attempt);
  /// Nothing where the lease is not outstanding.
  std::optional<OutstandingUnit> end_void(LeaseNumber lease);

 private:
  Next next_prescribed(std::optional<NodeId> holder) const;
  bool is_free(Unit unit) const { return !units_.contains(unit) && !applied_.contains(unit); }
  bool was_taken_from(std::optional<NodeId> node, Unit unit) const;
  void remove(std::map<LeaseNumber, OutstandingUnit>::iterator lease);

  Version version_;
  AppliedUnits applied_;
  std::shared_ptr<const PrescribedOrder> order_;
  std::map<LeaseNumber, OutstandingUnit> leases_;
  std::map<Incarnation, LeaseNumber> by_holder_;
  std::set<Unit> units_;                  // that are leased
  std::vector<Version> bases_;            // of outstanding leases, ascending
  std::map<Unit, std::uint32_t> grants_;  // of units without an update
  std::map<Unit, NodeId> taken_from_;     // of units without an update: who had it last, and to no avail
};

}  // namespace fulmar::core
