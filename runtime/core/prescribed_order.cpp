#include "runtime/core/prescribed_order.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

PrescribedOrder::PrescribedOrder(Version start, std::vector<PrescribedUpdate> updates)
    : start_(start), updates_(std::move(updates)), last_use_(updates_.size()), oldest_base_beyond_(updates_.size()) {
  for (Version version = start_ + 1; version <= end(); ++version) {
    const Version base = update_of(version).base;
    FULMAR_ASSERT(base >= start_ && base < version, "REPLAY-1: version " + std::to_string(version) + " from base " +
                                                        std::to_string(base) + " in an order that starts at " +
                                                        std::to_string(start_));
    last_use_[base - start_] = version;
  }
  Version oldest = end();
  for (std::size_t i = updates_.size(); i-- > 0;) {
    oldest = std::min(oldest, updates_[i].base);
    oldest_base_beyond_[i] = oldest;
  }
}

bool PrescribedOrder::needs(Version base, Version version) const {
  return base >= start_ && base < end() && last_use_[base - start_] > version;
}

bool PrescribedOrder::is_clean(Version version) const {
  return version <= start_ || version >= end() || oldest_base_beyond_[version - start_] >= version;
}

}  // namespace fulmar::core
