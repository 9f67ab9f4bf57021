// Policies: whether nodes work in rounds or lease whole units, and how stale an update may be.
//
// A policy sees only what is under way: the version and the bases of the outstanding leases. Who computes what, when
// a checkpoint is due and where an epoch ends, is the supervisor's; what an update is (`leaves` leaves of the epoch
// order) is the same in every policy.
// Source of the bound: stale synchronous parallel (Ho et al., "More effective distributed ML via a stale synchronous
// parallel parameter server", NIPS 2013); here it is a bound on each update, not on the distance between workers.
// Thread rule: immutable.
//
// POLICY-1: where `admits` was true for every lease that was granted, each update of base b that becomes version v has
//           v − 1 − b ≤ S, in whatever order the leases come in, and whichever of them never do.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "runtime/core/run_state.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::core {

enum class PolicyKind {
  sync,     ///< rounds: all nodes compute parts of one update
  bounded,  ///< units, none staler than `staleness`
  async     ///< units, without a bound
};

/// What happens when the bound lets nobody begin another unit.
enum class OnStale {
  wait,   ///< nodes wait until the oldest lease is in
  revoke  ///< the oldest lease is taken away, and its unit given to another node
};

struct PolicySettings {
  PolicyKind kind = PolicyKind::sync;
  std::uint64_t staleness = 4;  ///< S, of bounded
  OnStale on_stale = OnStale::wait;
  /// Whether both ask for the same order of things; S counts only where there is a bound.
  bool same_as(const PolicySettings& other) const;
};

inline constexpr std::uint64_t kStalenessMax = 65536;

/// "sync", "bounded:4", "async".
std::string to_string(const PolicySettings& policy);
/// Of that form. `on_stale` stays as in `before`, which is also where S comes from when `text` is "bounded".
Result<PolicySettings> parse_policy(std::string_view text, const PolicySettings& before);

/// The outstanding leases, as a policy sees them.
struct InFlight {
  Version version = 0;             ///< the newest
  std::span<const Version> bases;  ///< of the outstanding leases, in ascending order; none is above `version`
};

class Policy {
 public:
  virtual ~Policy() = default;
  /// Nodes lease whole units; otherwise they work in rounds.
  virtual bool is_asynchronous() const = 0;
  /// Whether one more unit may be leased, with base `in_flight.version`.
  virtual bool admits(const InFlight& in_flight) const = 0;
  /// Where it may not: whether that would be otherwise without those of the oldest base, and one of them is to be taken
  /// away.
  virtual bool revokes_oldest(const InFlight& in_flight) const = 0;
  /// S; nothing where there is no bound.
  virtual std::optional<std::uint64_t> bound() const = 0;
  /// How many units may be under way at once; nothing: as many as there are nodes.
  virtual std::optional<std::uint64_t> units_in_flight_max() const = 0;
};

std::unique_ptr<const Policy> make_policy(const PolicySettings& settings);

}  // namespace fulmar::core
