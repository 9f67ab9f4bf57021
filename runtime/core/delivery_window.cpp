#include "runtime/core/delivery_window.hpp"

#include <algorithm>
#include <string>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

DeliveryWindow::DeliveryWindow(const RunShape& shape, std::uint32_t shards, Version newest)
    : shape_(shape), shards_(shards), newest_(newest) {}

void DeliveryWindow::Member::acknowledge(Version version) {
  const auto end = versions.begin() + static_cast<std::ptrdiff_t>(under_way);
  const auto rest = std::upper_bound(versions.begin(), end, version);
  std::copy(rest, end, versions.begin());
  under_way = static_cast<std::size_t>(end - rest);
}

std::optional<CatchUp> DeliveryWindow::admitted(Incarnation incarnation) {
  Member& member = members_[incarnation];
  ++member.shards;
  FULMAR_ASSERT(member.shards <= shards_, "incarnation " + std::to_string(incarnation) + " was admitted twice");
  if (member.shards < shards_) return std::nullopt;
  if (member.lost) {
    members_.erase(incarnation);
    return std::nullopt;
  }
  if (!shape_.is_validated(newest_)) member.send(newest_);
  return CatchUp{incarnation, newest_};
}

void DeliveryWindow::lost(Incarnation incarnation) {
  Member& member = members_[incarnation];
  member.lost = true;
  if (member.shards == shards_) members_.erase(incarnation);
}

std::vector<Incarnation> DeliveryWindow::decide(Version version) {
  newest_ = version;
  const bool for_all = shape_.is_validated(version);
  std::vector<Incarnation> behind;
  for (auto& [incarnation, member] : members_) {
    if (member.shards < shards_) continue;
    member.passed_over = !for_all && member.full();
    if (member.passed_over) behind.push_back(incarnation);
    if (!for_all && !member.passed_over) member.send(version);
  }
  return behind;
}

std::optional<CatchUp> DeliveryWindow::held(Incarnation incarnation, Version version) {
  const auto found = members_.find(incarnation);
  if (found == members_.end()) return std::nullopt;
  Member& member = found->second;
  member.acknowledge(version);
  if (!member.passed_over || member.full()) return std::nullopt;
  member.passed_over = false;
  member.send(newest_);
  return CatchUp{incarnation, newest_};
}

}  // namespace fulmar::core
