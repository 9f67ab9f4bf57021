// Which units have an update: all before a cursor, and some beyond it. In an asynchronous policy units come in as nodes
// finish them; there are never more beyond the cursor than were under way at once.
// Thread rule: plain value.
//
// UNIT-1: a unit is applied at most once.
#pragma once

#include <set>
#include <string>

#include "runtime/core/attempt.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

class AppliedUnits {
 public:
  explicit AppliedUnits(Unit cursor) : cursor_(cursor) {}

  bool contains(Unit unit) const { return unit < cursor_ || beyond_.contains(unit); }
  /// All units before it are applied; it is not.
  Unit cursor() const { return cursor_; }
  /// No unit from this one on is applied.
  Unit end() const { return beyond_.empty() ? cursor_ : *beyond_.rbegin() + 1; }

  void add(Unit unit) {
    FULMAR_ASSERT(!contains(unit), "UNIT-1: unit " + std::to_string(unit) + " is applied a second time");
    beyond_.insert(unit);
    while (!beyond_.empty() && *beyond_.begin() == cursor_) {
      beyond_.erase(beyond_.begin());
      ++cursor_;
    }
  }

 private:
  Unit cursor_;
  std::set<Unit> beyond_;
};

}  // namespace fulmar::core
