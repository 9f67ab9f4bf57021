#include "runtime/core/unit_leases.hpp"

#include <algorithm>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

UnitLeases::UnitLeases(Version version, std::shared_ptr<const PrescribedOrder> order)
    : version_(version), applied_(version), order_(std::move(order)) {}

std::optional<LeaseNumber> UnitLeases::of(Incarnation incarnation) const {
  const auto found = by_holder_.find(incarnation);
  return found == by_holder_.end() ? std::nullopt : std::optional(found->second);
}

Version UnitLeases::rest_version() const {
  Version rest = applied_.end();
  if (!units_.empty()) rest = std::max<Version>(rest, *units_.rbegin() + 1);
  if (replays()) rest = std::max(rest, order_->end());
  return rest;
}

// ---- what comes next

bool UnitLeases::was_taken_from(std::optional<NodeId> node, Unit unit) const {
  const auto found = taken_from_.find(unit);
  return node && found != taken_from_.end() && found->second == *node;
}

// The next version's base is always there, and is looked at first: where a node is free, it goes on.
UnitLeases::Next UnitLeases::next_prescribed(std::optional<NodeId> holder) const {
  const Version last = std::min(order_->end(), version_ + kReplayAheadMax);
  Refusal refusal = Refusal::order;
  for (Version version = version_ + 1; version <= last; ++version) {
    const PrescribedUpdate& update = order_->update_of(version);
    if (!is_free(update.unit) || update.base > version_) continue;
    if (!was_taken_from(holder, update.unit)) return {Refusal::none, update};
    refusal = Refusal::holder;
  }
  return {refusal, {}};
}

UnitLeases::Next UnitLeases::next(const Policy& policy, Version limit, std::optional<NodeId> holder) const {
  if (replays()) return next_prescribed(holder);
  if (version_ + leases_.size() >= limit) return {Refusal::limit, {}};
  if (!policy.admits({version_, bases_})) return {Refusal::bound, {}};
  for (Unit unit = applied_.cursor(); unit < limit; ++unit) {
    if (is_free(unit) && !was_taken_from(holder, unit)) return {Refusal::none, {unit, version_}};
  }
  return {Refusal::holder, {}};
}

std::optional<LeaseNumber> UnitLeases::to_revoke(const Policy& policy) const {
  if (replays() || !policy.revokes_oldest({version_, bases_})) return std::nullopt;
  const auto oldest = std::min_element(leases_.begin(), leases_.end(), [](const auto& a, const auto& b) {
    return a.second.attempt.base < b.second.attempt.base;
  });
  return oldest->second.ending || oldest->second.staged ? std::nullopt : std::optional(oldest->first);
}

// ---- leases

void UnitLeases::grant(const Attempt& attempt, Time now, Time deadline) {
  FULMAR_ASSERT(!applied_.contains(attempt.unit) && units_.insert(attempt.unit).second,
                "LEASE-3: unit " + std::to_string(attempt.unit) + " is leased a second time");
  leases_[attempt.lease] = {attempt, now, deadline, false, false};
  by_holder_[attempt.incarnation] = attempt.lease;
  bases_.insert(std::upper_bound(bases_.begin(), bases_.end(), attempt.base), attempt.base);
  ++grants_[attempt.unit];
}

OutstandingUnit UnitLeases::lease_of(const Attempt& attempt) const {
  const auto found = leases_.find(attempt.lease);
  return found == leases_.end() ? OutstandingUnit{} : found->second;
}

std::uint32_t UnitLeases::grants(Unit unit) const {
  const auto found = grants_.find(unit);
  return found == grants_.end() ? 0 : found->second;
}

void UnitLeases::remove(std::map<LeaseNumber, OutstandingUnit>::iterator lease) {
  const Attempt& attempt = lease->second.attempt;
  units_.erase(attempt.unit);
  const auto holder = by_holder_.find(attempt.incarnation);
  if (holder != by_holder_.end() && holder->second == lease->first) by_holder_.erase(holder);
  bases_.erase(std::lower_bound(bases_.begin(), bases_.end(), attempt.base));
  leases_.erase(lease);
}

void UnitLeases::mark_staged(LeaseNumber lease) {
  const auto found = leases_.find(lease);
  if (found == leases_.end()) return;
  found->second.staged = true;
  by_holder_.erase(found->second.attempt.incarnation);
}

void UnitLeases::apply(const Attempt& attempt) {
  if (const auto lease = leases_.find(attempt.lease); lease != leases_.end()) remove(lease);
  applied_.add(attempt.unit);
  grants_.erase(attempt.unit);
  taken_from_.erase(attempt.unit);
  ++version_;
}

std::optional<OutstandingUnit> UnitLeases::end_void(LeaseNumber lease) {
  const auto found = leases_.find(lease);
  if (found == leases_.end()) return std::nullopt;
  const OutstandingUnit ended = found->second;
  taken_from_[ended.attempt.unit] = ended.attempt.node;
  remove(found);
  return ended;
}

}  // namespace fulmar::core
