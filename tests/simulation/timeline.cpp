#include "tests/simulation/timeline.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace fulmar::simulation {

Timeline::Timeline(const ReferenceVersion& start, std::map<core::Version, core::PolicySettings> policies)
    : policies_(std::move(policies)) {
  std::vector<const ReferenceVersion*> path;
  for (const ReferenceVersion* at = &start; at != nullptr; at = at->before) path.push_back(at);
  path_.push_back(path.back());
  for (auto next = std::next(path.rbegin()); next != path.rend(); ++next) add(**next);
  for (const auto& [version, policy] : policies_) barriers_.insert(version);
}

void Timeline::add(const ReferenceVersion& next) {
  path_.push_back(&next);
  units_.insert(next.update.unit);
}

const core::PolicySettings& Timeline::policy_at(core::Version base) const {
  return std::prev(policies_.upper_bound(base))->second;
}

const core::PolicySettings& Timeline::policy_before(core::Version version) const {
  return ended_.at(version);
}

void Timeline::begin_policy(core::Version version, const core::PolicySettings& policy) {
  ended_[version] = policy_at(version);
  policies_[version] = policy;
  barriers_.insert(version);
}

bool Timeline::is_clean(core::Version version) const {
  for (core::Version made = 1; made < path_.size(); ++made) {
    const core::PrescribedUpdate& update = path_[made]->update;
    if (made <= version ? update.unit >= version : update.base < version || update.unit < version) return false;
  }
  return version < path_.size();
}

}  // namespace fulmar::simulation
