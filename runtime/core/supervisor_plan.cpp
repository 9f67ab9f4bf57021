// The plan, and the leases of a round in which the plan does not hold any longer.
#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "runtime/core/supervisor.hpp"

namespace fulmar::core {
namespace effect = supervisor_effect;
namespace {

std::string describe_holdings(const std::vector<Holding>& holdings) {
  std::string text;
  for (const Holding& holding : holdings) {
    text += (text.empty() ? "" : "; ") + std::to_string(holding.node) + "/" + std::to_string(holding.incarnation) + ":";
    for (const Block& block : holding.blocks) text += " " + to_string(block);
  }
  return text;
}

}  // namespace

// ---- the plan

const std::vector<Holding>& Supervisor::plan_for(Version base) const {
  static const std::vector<Holding> nobody;
  const auto later = plans_.upper_bound(base);
  return later == plans_.begin() ? nobody : std::prev(later)->second;
}

// From the next round on; from the one under way only where nobody alive has anything of it. A round that has leases of
// its own keeps them to its end, also where the shards have reached it before this supervisor knows.
Version Supervisor::version_for_new_plan() const {
  if (round_ && round_->base() >= state_.version) return round_->base() + 1;
  const auto works = [&](const Holding& holding) {
    return !holding.blocks.empty() && members_.knows({holding.node, holding.incarnation, settings_.term});
  };
  const std::vector<Holding>& now = plan_for(state_.version);
  return std::any_of(now.begin(), now.end(), works) ? state_.version + 1 : state_.version;
}

double Supervisor::share_of(NodeId node) const {
  const Member& member = members_.at(node);
  if (!works_in_rounds()) return members_.speed_share(member);
  if (plans_.empty()) return 0;
  for (const Holding& holding : plans_.rbegin()->second) {
    if (holding.incarnation != member.incarnation) continue;
    return static_cast<double>(leaves_of(holding, full_tree())) / static_cast<double>(settings_.shape.leaves);
  }
  return 0;
}

void Supervisor::change_wanted_plan() {
  if (!plan_wanted_.empty()) change_plan(plan_wanted_);
}

void Supervisor::change_plan(std::string reason) {
  plan_wanted_.clear();
  plan_stale_ = false;
  if (!works_in_rounds()) return;
  const BlockTree tree = full_tree();
  const std::vector<Capacity> capacities = members_.capacities();
  std::vector<Holding> holdings = plan_sync_round(capacities, tree);
  const Version from = version_for_new_plan();
  // What is as it was needs no word, but only where it counts already at `from`.
  const bool continues = !plans_.empty() && plans_.rbegin()->first <= from;
  const std::vector<Holding> before = continues ? plans_.rbegin()->second : std::vector<Holding>{};

  ++plan_number_;
  planned_seconds_ = predicted_seconds(holdings, capacities, tree);
  auto old = before.begin();
  for (std::size_t i = 0; i < holdings.size(); ++i) {  // both by node
    const Holding& holding = holdings[i];
    Member& member = members_.at(holding.node);
    member.planned_leaves = leaves_of(holding, tree);
    member.planned_speed = capacities[i].pace.leaves_per_second;
    const bool tries = holding.blocks.empty() && members_.active() <= settings_.shape.leaves;
    if (tries) {
      member.trial = first_lease(member);
      member.share_from.reset();
    } else if (!member.share_from) {
      member.share_from = from;
    }
    while (old != before.end() && old->node < holding.node) ++old;
    if (old != before.end() && *old == holding) continue;  // it goes on as before
    // Who is too slow for a share goes on trying: otherwise nobody would see that it is quicker again.
    emit(effect::SendToWorker{
        holding.node, PlanChanged{plan_number_, from, tries ? std::vector<Block>{*member.trial} : holding.blocks}});
  }
  record(PlanRecorded{settings_.term, plan_number_, from, describe_holdings(holdings), std::move(reason)});
  plans_.erase(plans_.lower_bound(from), plans_.end());
  plans_[from] = std::move(holdings);
  const auto in_force = plans_.upper_bound(state_.version);
  if (in_force != plans_.begin()) plans_.erase(plans_.begin(), std::prev(in_force));
}

void Supervisor::change_plan_if_it_pays() {
  if (!plan_stale_ || repriced_at_ == state_.version) return;  // a plan counts from the next version: once is enough
  plan_stale_ = false;
  repriced_at_ = state_.version;
  if (plans_.empty() || !members_.has_active()) return;
  const BlockTree tree = full_tree();
  const std::vector<Capacity> capacities = members_.capacities();
  const double present = predicted_seconds(plans_.rbegin()->second, capacities, tree);
  const double possible = predicted_seconds(plan_sync_round(capacities, tree), capacities, tree);
  if (possible > present * (1 - kPlanGainMin)) {
    planned_seconds_ = present;
    for (const Capacity& capacity : capacities)
      members_.at(capacity.node).planned_speed = capacity.pace.leaves_per_second;
    return;
  }
  const auto gain = static_cast<int>(100 * (1 - possible / present));
  change_plan("speeds have changed: rounds should take " + std::to_string(gain) + " % less");
}

// ---- a round in trouble

RoundLeases& Supervisor::leases_of(Version base) {
  if (!round_ || round_->base() < base) round_.emplace(base, settings_.shape.tree(base), plan_for(base));
  return *round_;
}

void Supervisor::on(const Late& late) {
  if (late.base < state_.version) return;
  if (late.base >= told_end_ || !works_in_rounds()) return blame_the_dead(nullptr);  // nobody computes that round
  if (round_ && round_->base() > late.base) return;
  if (late.missing.empty() && (!round_ || round_->base() < late.base)) return;
  RoundLeases& round = leases_of(late.base);
  round.report(late.shard, late.missing);
  if (!late.missing.empty()) blame_the_dead(&round);  // who has all does not know what they were at
  const char* lost = late.missing.empty() ? "a shard has all of the round" : "a member was lost";
  if (!ending_) relieve(late.by_time ? "the round is late" : lost, late.by_time);
}

std::vector<LeafId> Supervisor::unfinished(const Gone& gone, RoundLeases* round) const {
  std::vector<LeafId> leaves = gone.validating;
  if (round == nullptr) return leaves;
  std::set<std::uint64_t> of_round;
  for (const std::uint64_t leaf : round->end_incarnation(gone.incarnation)) of_round.insert(leaf);
  if (gone.trial && (!gone.share_from || round->base() < *gone.share_from)) {
    const BlockTree tree = full_tree();
    for (const std::uint64_t leaf : round->missing()) {
      if (tree.has_leaf(*gone.trial, leaf)) of_round.insert(leaf);
    }
  }
  for (const std::uint64_t leaf : of_round) leaves.push_back({round->base(), false, leaf});
  return leaves;
}

void Supervisor::blame_the_dead(RoundLeases* round) {
  for (const Gone& gone : std::exchange(gone_, {})) {
    const std::vector<LeafId> leaves = unfinished(gone, round);
    if (!gone.failed) continue;
    if (round != nullptr) {
      recovering_.push_back(gone);
      recovering_.back().leaves = leaves.size() - gone.validating.size();
    }
    std::optional<LeafId> leaf = blame_.died(gone.node, leaves);
    if (!leaf && gone.unit) leaf = unit_blame_.died(gone.node, {{*gone.unit, false, 0}});
    if (leaf && !accused_) accused_ = {*leaf, now_ + settings_.liveness.rejoin_max()};
  }
  for (auto& [version, validation] : validations_) {
    for (const std::uint64_t leaf : blame_.isolated(version, true)) validation.isolate(leaf);
  }
  grant_free_validation();
}

// Nodes that were cut off or frozen return within this time, and a leaf that is none's death is finished by somebody.
void Supervisor::judge_accused_leaf() {
  if (!accused_ || now_ < accused_->second) return;
  const LeafId leaf = std::exchange(accused_, std::nullopt)->first;
  const LeafBlame& blame = blame_for(leaf);
  if (!blame.is_convicted(leaf)) return;
  std::string nodes;
  for (const NodeId node : blame.nodes(leaf)) nodes += (nodes.empty() ? "" : ", ") + std::to_string(node);
  const std::string what = is_leased_unit(leaf) ? describe_unit(leaf.version) : describe(leaf);
  const std::string reason = what + " is quarantined: nodes " + nodes + " died while they computed it";
  record(DecisionMade{leaf.version, "quarantine", reason});
  fail(reason);
}

std::vector<Hand> Supervisor::hands() const {
  std::map<NodeId, Pace> paces;
  for (const Capacity& capacity : members_.capacities()) paces[capacity.node] = capacity.pace;
  std::vector<Hand> hands;
  for (const auto& [node, member] : members_.all()) {
    const bool active = member.state == MemberState::active;
    if (!active && member.state != MemberState::draining) continue;
    hands.push_back(
        {node, member.incarnation, active ? paces.at(node) : Pace{}, active, members_.is_suspected(member, now_)});
  }
  return hands;
}

void Supervisor::relieve(const std::string& reason, bool late) {
  if (!round_ || round_->base() < state_.version) return;
  const Version base = round_->base();
  const Relief relief = round_->relieve(hands(), blame_.isolated(base, false), late);
  for (const RoundAssignment& assignment : relief.changed) {
    takers_.insert(assignment.node);
    emit(effect::SendToWorker{assignment.node, RoundLease{base, assignment.blocks}});
  }
  if (relief.leased + relief.duplicated > 0) {
    emit(effect::Relieved{base, relief.leased, relief.duplicated, reason});
  }
  if (relief.orphans > 0) return;
  const std::set<NodeId> takers = std::exchange(takers_, {});
  for (const Gone& gone : std::exchange(recovering_, {})) {
    emit(effect::Recovered{
        gone.member, gone.detection, now_ - gone.at, gone.leaves, false, {takers.begin(), takers.end()}});
  }
}

void Supervisor::try_leaf_elsewhere(NodeId node, const LeafId& leaf) {
  if (members_.active() < 2) return;
  if (!works_in_rounds()) {
    const auto lease = leases_.of(members_.at(node).incarnation);
    if (lease && leases_.all().at(*lease).attempt.unit == leaf.version) revoke(*lease);
    return;
  }
  if (leaf.version < state_.version || leaf.version >= told_end_) return;
  if (round_ && round_->base() > leaf.version) return;
  if (!settings_.shape.tree(leaf.version).contains({0, leaf.leaf})) return;
  leases_of(leaf.version).revoke(node, leaf.leaf);
  relieve("a slot died at a leaf", false);
}

std::vector<Incarnation> Supervisor::holders(Unit base, std::uint64_t leaf) const {
  std::vector<Incarnation> found;
  if (!works_in_rounds()) {
    for (const auto& [lease, unit] : leases_.all()) {
      if (unit.attempt.unit == base) found.push_back(unit.attempt.incarnation);
    }
  } else if (round_ && round_->base() == base) {
    found = round_->holders(leaf);
  } else {
    const BlockTree tree = full_tree();
    for (const Holding& holding : plan_for(base)) {
      for (const Block& block : holding.blocks) {
        if (tree.has_leaf(block, leaf)) found.push_back(holding.incarnation);
      }
    }
  }
  const auto is_gone = [&](Incarnation incarnation) {
    return std::none_of(members_.all().begin(), members_.all().end(),
                        [&](const auto& member) { return member.second.incarnation == incarnation; });
  };
  std::erase_if(found, is_gone);
  return found;
}

}  // namespace fulmar::core
