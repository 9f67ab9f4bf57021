#include "runtime/core/membership.hpp"

#include <algorithm>

#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

const char* to_string(MemberState state) {
  switch (state) {
    case MemberState::fetching:
      return "fetching";
    case MemberState::trying:
      return "trying";
    case MemberState::active:
      return "active";
    case MemberState::draining:
      return "draining";
  }
  return "?";
}

// ---- sessions

std::optional<Sender> Membership::session_of(const Join& join) const {
  const auto known = known_.find(join.instance);
  if (join.instance == 0 || known == known_.end() || !members_.contains(known->second.node)) return std::nullopt;
  return sender(known->second.node);
}

bool Membership::is_outdated(const Join& join) const {
  const auto known = known_.find(join.instance);
  return join.instance != 0 && known != known_.end() && join.attempt < known->second.attempt;
}

Sender Membership::admit(const Join& join, Time now) {
  FULMAR_ASSERT(!session_of(join), "MEMBER-1: instance " + std::to_string(join.instance) + " is a member already");
  const auto known = known_.find(join.instance);
  const bool returns = join.instance != 0 && known != known_.end();
  const NodeId node = returns ? known->second.node : next_node_++;
  const Incarnation incarnation = next_incarnation_++;
  if (join.instance != 0) {
    if (known_.size() >= kKnownMax) {
      // Whoever was first and is gone: it would return as a new node.
      const auto gone = [&](const auto& entry) { return !members_.contains(entry.second.node); };
      if (const auto old = std::find_if(known_.begin(), known_.end(), gone); old != known_.end()) known_.erase(old);
    }
    known_[join.instance] = {node, join.attempt};
  }
  Member& member = members_[node];
  member.incarnation = incarnation;
  member.name = join.name;
  member.slots = std::max(1U, join.slots);
  member.local = join.local;
  member.instance = join.instance;
  member.attempt = join.attempt;
  member.heard = now;
  if (!member.local) by_word_.emplace(now, node);
  return {node, incarnation, term_};
}

void Membership::remove(NodeId node) {
  const auto found = members_.find(node);
  if (found == members_.end()) return;
  if (found->second.state == MemberState::active) --active_;
  by_word_.erase({found->second.heard, node});
  members_.erase(found);
}

const Member* Membership::find(const Sender& sender) const {
  const auto member = members_.find(sender.node);
  const bool same =
      sender.term == term_ && member != members_.end() && member->second.incarnation == sender.incarnation;
  return same ? &member->second : nullptr;
}

void Membership::set_state(NodeId node, MemberState state) {
  Member& member = members_.at(node);
  if (member.state == MemberState::active) --active_;
  member.state = state;
  if (member.state == MemberState::active) ++active_;
}

void Membership::start_draining(NodeId node, std::string reason) {
  set_state(node, MemberState::draining);
  members_.at(node).leaving = std::move(reason);
}

// ---- silence

void Membership::heard(NodeId node, Time now) {
  Member& member = members_.at(node);
  if (!member.local) {
    by_word_.erase({member.heard, node});
    by_word_.emplace(now, node);
  }
  member.heard = now;
}

std::vector<NodeId> Membership::lost(Time now) const {
  std::vector<NodeId> nodes;
  for (const auto& [heard, node] : by_word_) {
    if (heard + liveness_.lost_after() > now) break;
    nodes.push_back(node);
  }
  return nodes;
}

bool Membership::is_suspected(const Member& member, Time now) const {
  return !member.local && silence(member, now) >= liveness_.suspected_after();
}

// ---- speed

double Membership::speed_of_unmeasured_slot() const {
  double speed = 0, slots = 0;
  for (const auto& [node, member] : members_) {
    if (member.leaves_per_second <= 0) continue;
    speed += member.leaves_per_second;
    slots += member.slots;
  }
  return slots > 0 ? speed / slots : 0;
}

double Membership::assumed_speed(const Member& member) const {
  return member.leaves_per_second > 0 ? member.leaves_per_second : speed_of_unmeasured_slot() * member.slots;
}

double Membership::speed_share(const Member& member) const {
  double all = 0, own = 0;
  for (const Capacity& capacity : capacities()) {
    all += capacity.pace.leaves_per_second;
    if (capacity.incarnation == member.incarnation) own = capacity.pace.leaves_per_second;
  }
  return all > 0 ? own / all : 0;
}

std::vector<Capacity> Membership::capacities() const {
  const double measured = speed_of_unmeasured_slot();
  const double unmeasured = measured > 0 ? measured : 1;
  std::vector<Capacity> capacities;
  for (const auto& [node, member] : members_) {
    if (member.state != MemberState::active) continue;
    const double speed = member.leaves_per_second > 0 ? member.leaves_per_second : unmeasured * member.slots;
    capacities.push_back({node, member.incarnation, {speed, member.slots}});
  }
  return capacities;
}

}  // namespace fulmar::core
