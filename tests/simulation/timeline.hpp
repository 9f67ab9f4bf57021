// What one head makes of the run: which update made which version, under which policy. It begins as what its journal
// and its checkpoint say, and grows as its shards apply verdicts. What an earlier head made beyond that is another
// timeline, which is void.
// Thread rule: one simulation, one thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "runtime/core/policy.hpp"
#include "tests/simulation/reference.hpp"

namespace fulmar::simulation {

class Timeline {
 public:
  /// `start`: the version that the head goes on from. `policies`: by the version from which each is in force.
  Timeline(const ReferenceVersion& start, std::map<core::Version, core::PolicySettings> policies);

  core::Version newest() const { return path_.size() - 1; }
  /// None: it is not made yet.
  const ReferenceVersion* at(core::Version version) const { return version < path_.size() ? path_[version] : nullptr; }
  const ReferenceVersion& back() const { return *path_.back(); }
  void add(const ReferenceVersion& next);
  bool has(core::Unit unit) const { return units_.contains(unit); }

  /// By which version base + 1 of `base` is made.
  const core::PolicySettings& policy_at(core::Version base) const;
  /// Which one a switch at `version` has ended.
  const core::PolicySettings& policy_before(core::Version version) const;
  void begin_policy(core::Version version, const core::PolicySettings& policy);

  /// Nothing may be under way across `version`.
  void add_barrier(core::Version version) { barriers_.insert(version); }
  /// The last one that is not after `version`.
  core::Version barrier_before(core::Version version) const { return *std::prev(barriers_.upper_bound(version)); }
  /// Exactly the units before `version` have made the versions up to it, and no later one is from an earlier base.
  bool is_clean(core::Version version) const;

 private:
  std::vector<const ReferenceVersion*> path_;  // by version
  std::set<core::Unit> units_;                 // that are in it
  std::map<core::Version, core::PolicySettings> policies_;
  std::map<core::Version, core::PolicySettings> ended_;  // by a switch at this version
  std::set<core::Version> barriers_{0};
};

}  // namespace fulmar::simulation
