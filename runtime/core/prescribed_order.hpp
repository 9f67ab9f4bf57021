// The order of updates that a journal prescribes: what a head recomputes that resumes beyond its newest checkpoint, and
// what `fulmar replay` recomputes from the beginning.
// Thread rule: immutable.
//
// REPLAY-1: version v is made of exactly the unit and the base that the journal names for it.
#pragma once

#include <vector>

#include "runtime/core/attempt.hpp"

namespace fulmar::core {

/// What made a version.
struct PrescribedUpdate {
  Unit unit = 0;
  Version base = 0;
  bool operator==(const PrescribedUpdate&) const = default;
};

class PrescribedOrder {
 public:
  PrescribedOrder() = default;
  /// `updates[i]` makes version start + i + 1. No base is before `start`, or not before the version that it makes.
  PrescribedOrder(Version start, std::vector<PrescribedUpdate> updates);

  Version start() const { return start_; }
  /// The last version that it makes.
  Version end() const { return start_ + updates_.size(); }
  /// Whether it says what makes `version`.
  bool makes(Version version) const { return version > start_ && version <= end(); }
  const PrescribedUpdate& update_of(Version version) const { return updates_.at(version - start_ - 1); }
  /// Whether a version after `version` is made from base `base`.
  bool needs(Version base, Version version) const;
  /// Whether no version after `version` is made from a base before it: whoever has its state can go on from it.
  bool is_clean(Version version) const;

 private:
  Version start_ = 0;
  std::vector<PrescribedUpdate> updates_;
  std::vector<Version> last_use_;            // of base start_ + i: the last version that is made from it; 0: none
  std::vector<Version> oldest_base_beyond_;  // of all versions after start_ + i
};

}  // namespace fulmar::core
