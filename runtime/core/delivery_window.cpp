#include "runtime/core/delivery_window.hpp"

#include <algorithm>
#include <string>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

DeliveryWindow::DeliveryWindow(const RunShape& shape, std::uint32_t shards, Version newest, bool in_rounds)
    : shape_(shape), shards_(shards), newest_(newest), in_rounds_(in_rounds) {}

void DeliveryWindow::Member::acknowledge(Version version) {
  const auto end = versions.begin() + static_cast<std::ptrdiff_t>(under_way);
  const auto rest = std::upper_bound(versions.begin(), end, version);
  std::copy(rest, end, versions.begin());
  under_way = static_cast<std::size_t>(end - rest);
}

// ---- who comes and goes

DeliveryWindow::CatchUps DeliveryWindow::admitted(Incarnation incarnation) {
  Member& member = members_[incarnation];
  ++member.shards;
  FULMAR_ASSERT(member.shards <= shards_, "incarnation " + std::to_string(incarnation) + " was admitted twice");
  CatchUps catch_ups;
  if (member.shards < shards_) return catch_ups;
  if (member.lost) {
    members_.erase(incarnation);
    return catch_ups;
  }
  waiting_.insert(incarnation);
  take_turns(catch_ups);
  return catch_ups;
}

DeliveryWindow::CatchUps DeliveryWindow::lost(Incarnation incarnation) {
  Member& member = members_[incarnation];
  member.lost = true;
  if (member.shards == shards_) members_.erase(incarnation);
  waiting_.erase(incarnation);
  newcomers_.erase(incarnation);
  CatchUps catch_ups;
  take_turns(catch_ups);
  return catch_ups;
}

void DeliveryWindow::take_turns(CatchUps& catch_ups) {
  while (!waiting_.empty() && newcomers_.size() < kNewcomersMax) {
    const Incarnation next = *waiting_.begin();
    waiting_.erase(waiting_.begin());
    newcomers_[next] = newest_;
    Member& member = members_.at(next);
    member.had_turn = true;
    catch_ups.push_back(send_newest(next, member));
  }
}

CatchUp DeliveryWindow::send_newest(Incarnation incarnation, Member& member) {
  if (!shape_.is_validated(newest_)) member.send(newest_);
  return {incarnation, newest_};
}

// ---- what is under way

DeliveryWindow::CatchUps DeliveryWindow::work_in_rounds(bool in_rounds) {
  in_rounds_ = in_rounds;
  CatchUps catch_ups;
  for (auto& [incarnation, member] : members_) {
    if (in_rounds && member.had_turn) catch_up(incarnation, member, catch_ups);
  }
  return catch_ups;
}

void DeliveryWindow::catch_up(Incarnation incarnation, Member& member, CatchUps& catch_ups) {
  if (!in_rounds_ || !member.passed_over || member.full()) return;
  member.passed_over = false;
  catch_ups.push_back(send_newest(incarnation, member));
}

std::vector<Incarnation> DeliveryWindow::decide(Version version, bool in_rounds) {
  newest_ = version;
  in_rounds_ = in_rounds;
  const bool for_all = shape_.is_validated(version);
  std::vector<Incarnation> behind;
  for (auto& [incarnation, member] : members_) {
    if (!member.had_turn) continue;
    member.passed_over = !for_all && (!in_rounds || member.full());
    if (in_rounds && member.passed_over) behind.push_back(incarnation);
    if (!for_all && !member.passed_over) member.send(version);
  }
  return behind;
}

DeliveryWindow::CatchUps DeliveryWindow::held(Incarnation incarnation, Version version) {
  CatchUps catch_ups;
  const auto found = members_.find(incarnation);
  if (found == members_.end()) return catch_ups;
  Member& member = found->second;
  member.acknowledge(version);
  catch_up(incarnation, member, catch_ups);
  const auto newcomer = newcomers_.find(incarnation);
  if (newcomer != newcomers_.end() && version >= newcomer->second) {
    newcomers_.erase(newcomer);
    take_turns(catch_ups);
  }
  return catch_ups;
}

}  // namespace fulmar::core
