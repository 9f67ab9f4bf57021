#include "runtime/core/round_leases.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace fulmar::core {
namespace {

using Leaves = std::vector<std::uint64_t>;

/// How much of `count` leaves a late node keeps for itself when others of speed `help` join in.
std::uint64_t kept(std::uint64_t count, double speed, double help) {
  return static_cast<std::uint64_t>(static_cast<double>(count) * (speed / (speed + help)));
}

}  // namespace

RoundLeases::RoundLeases(Version base, BlockTree tree, const std::vector<Holding>& plan) : base_(base), tree_(tree) {
  for (const Holding& holding : plan) {
    Hold& hold = holds_[holding.node];
    hold.incarnation = holding.incarnation;
    for (const Block& block : holding.blocks) {
      if (!tree_.contains(block)) continue;
      const Block present = tree_.canonical(block);
      for (std::uint64_t leaf = tree_.first_leaf(present); leaf < tree_.end_leaf(present); ++leaf) {
        hold.first.insert(hold.first.end(), leaf);
      }
    }
  }
}

void RoundLeases::report(ShardId shard, const std::vector<Block>& missing) {
  std::set<std::uint64_t>& leaves = missing_[shard];
  leaves.clear();
  for (const Block& block : missing) {
    for (std::uint64_t leaf = tree_.first_leaf(block); leaf < tree_.end_leaf(block); ++leaf) leaves.insert(leaf);
  }
}

Leaves RoundLeases::missing() const {
  std::set<std::uint64_t> all;
  for (const auto& [shard, leaves] : missing_) all.insert(leaves.begin(), leaves.end());
  return {all.begin(), all.end()};
}

std::vector<Incarnation> RoundLeases::holders(std::uint64_t leaf) const {
  std::vector<Incarnation> incarnations;
  for (const auto& [node, hold] : holds_) {
    if (hold.holds(leaf)) incarnations.push_back(hold.incarnation);
  }
  return incarnations;
}

Leaves RoundLeases::end_incarnation(Incarnation incarnation) {
  const auto is_it = [&](const auto& entry) { return entry.second.incarnation == incarnation; };
  const auto found = std::find_if(holds_.begin(), holds_.end(), is_it);
  if (found == holds_.end()) return {};
  Leaves unfinished;
  for (const std::uint64_t leaf : missing()) {
    if (found->second.holds(leaf)) unfinished.push_back(leaf);
  }
  holds_.erase(found);
  return unfinished;
}

void RoundLeases::revoke(NodeId node, std::uint64_t leaf) {
  const auto found = holds_.find(node);
  if (found == holds_.end()) return;
  found->second.first.erase(leaf);
  found->second.shared.erase(leaf);
  missing_[0].insert(leaf);
  failed_at_[leaf].insert(node);
  revoked_.insert(node);
}

std::vector<Block> RoundLeases::blocks_of(const Hold& hold) const {
  std::vector<Block> blocks;
  for (const std::set<std::uint64_t>* leaves : hold.parts()) {
    for (auto leaf = leaves->begin(); leaf != leaves->end();) {
      const std::uint64_t begin = *leaf;
      std::uint64_t end = begin;
      while (leaf != leaves->end() && *leaf == end) ++leaf, ++end;
      const std::vector<Block> run = tree_.decompose(begin, end);
      blocks.insert(blocks.end(), run.begin(), run.end());
    }
  }
  return blocks;
}

// ---- relief

/// One decision on who takes what: looks at the round once, then leases orphans, then duplicates what is late.
class RoundLeases::Decision {
 public:
  Decision(RoundLeases& round, const std::vector<Hand>& hands, const std::set<std::uint64_t>& isolated)
      : round_(round), hands_(hands), isolated_(isolated), missing_(round.missing()), changed_(round.revoked_) {
    round_.revoked_.clear();
    std::erase_if(round_.holds_, [&](const auto& entry) { return hand_of(entry.first, entry.second) == nullptr; });
    for (std::size_t i = 0; i < missing_.size(); ++i) place_[missing_[i]] = i;
    sure_.resize(missing_.size());
    any_.resize(missing_.size());
    for (const auto& [node, hold] : round_.holds_) look_at(node, hold);
    for (const Hand& hand : hands_) {
      if (hand.takes_more && !hand.suspected && !busy_.contains(hand.node)) idle_.push_back(&hand);
    }
  }

  void lease_orphans(Relief& relief) {
    Leaves orphans;
    for (std::size_t i = 0; i < missing_.size(); ++i) {
      if (any_[i] > 0) continue;
      if (round_.failed_at_.contains(missing_[i])) {
        relief.leased += lease_elsewhere(missing_[i]);
      } else if (!isolated_.contains(missing_[i])) {
        orphans.push_back(missing_[i]);
      } else if (!idle_.empty()) {
        give({missing_[i]}, {take_fastest_idle()});
        ++relief.leased;
      } else {
        ++relief.orphans;
      }
    }
    const std::vector<const Hand*> takers = idle_.empty() ? able_hands() : idle_;
    if (takers.empty()) {
      relief.orphans += orphans.size();
      return;
    }
    give(orphans, takers);
    relief.leased += orphans.size();
    std::erase_if(idle_, [&](const Hand* hand) { return changed_.contains(hand->node); });
  }

  void duplicate_late(Relief& relief) {
    if (idle_.empty()) return;
    double help = 0;
    for (const Hand* hand : idle_) help += hand->pace.leaves_per_second;
    Leaves duplicates;
    const double late_ones = static_cast<double>(std::max<std::size_t>(1, busy_.size()));
    for (const NodeId node : busy_) share(node, help / late_ones, duplicates);
    std::sort(duplicates.begin(), duplicates.end());
    duplicates.erase(std::unique(duplicates.begin(), duplicates.end()), duplicates.end());
    relief.duplicated += std::erase_if(duplicates, [this](std::uint64_t leaf) {
      if (!isolated_.contains(leaf) || idle_.empty()) return false;
      give({leaf}, {take_fastest_idle()});  // alone there, too
      return true;
    });
    std::erase_if(duplicates, [this](std::uint64_t leaf) { return isolated_.contains(leaf); });
    if (idle_.empty()) return;
    give(duplicates, idle_);
    relief.duplicated += duplicates.size();
  }

  void finish(Relief& relief) const {
    for (const NodeId node : changed_) {
      const auto hold = round_.holds_.find(node);
      if (hold == round_.holds_.end()) continue;
      relief.changed.push_back({node, hold->second.incarnation, round_.blocks_of(hold->second)});
    }
  }

 private:
  const Hand* hand_of(NodeId node, const Hold& hold) const {
    const auto found = std::lower_bound(hands_.begin(), hands_.end(), node,
                                        [](const Hand& hand, NodeId wanted) { return hand.node < wanted; });
    const bool same = found != hands_.end() && found->node == node && found->incarnation == hold.incarnation;
    return same ? &*found : nullptr;
  }

  void look_at(NodeId node, const Hold& hold) {
    const bool suspected = hand_of(node, hold)->suspected;
    for (const std::set<std::uint64_t>* leaves : hold.parts()) {
      for (const std::uint64_t leaf : *leaves) {
        const auto place = place_.find(leaf);
        if (place == place_.end()) continue;
        busy_.insert(node);
        ++any_[place->second];
        if (!suspected) ++sure_[place->second];
      }
    }
  }

  std::vector<const Hand*> able_hands() const {
    std::vector<const Hand*> able, suspected;
    for (const Hand& hand : hands_) {
      if (hand.takes_more) (hand.suspected ? suspected : able).push_back(&hand);
    }
    return able.empty() ? suspected : able;
  }

  const Hand* take_fastest_idle() {
    const auto slower = [](const Hand* a, const Hand* b) {
      return a->pace.leaves_per_second < b->pace.leaves_per_second;
    };
    const auto fastest = std::max_element(idle_.begin(), idle_.end(), slower);
    const Hand* hand = *fastest;
    idle_.erase(fastest);
    return hand;
  }

  /// To the fastest node that has not failed at the leaf.
  std::uint64_t lease_elsewhere(std::uint64_t leaf) {
    const std::set<NodeId>& failed = round_.failed_at_.at(leaf);
    const Hand* best = nullptr;
    for (const Hand* hand : able_hands()) {
      const bool better = best == nullptr || (failed.contains(best->node) && !failed.contains(hand->node)) ||
                          (!failed.contains(hand->node) && hand->pace.leaves_per_second > best->pace.leaves_per_second);
      if (better) best = hand;
    }
    if (best == nullptr) return 0;
    give({leaf}, {best});
    return 1;
  }

  /// What others may do of a late node's leaves: those at the end of its list that nobody else surely holds.
  void share(NodeId node, double help, Leaves& duplicates) {
    Hold& hold = round_.holds_.at(node);
    const Hand& hand = *hand_of(node, hold);
    Leaves late;
    for (const std::set<std::uint64_t>* leaves : hold.parts()) {
      for (const std::uint64_t leaf : *leaves) {
        const auto place = place_.find(leaf);
        const std::uint64_t enough = hand.suspected ? 1 : round_.holders_max();
        const bool failed = round_.failed_at_.contains(leaf) && round_.stalls_ < kStallsMax;
        if (place != place_.end() && sure_[place->second] < enough && !failed) late.push_back(leaf);
      }
    }
    const std::uint64_t keeps = hand.suspected ? 0 : kept(late.size(), hand.pace.leaves_per_second, help);
    for (std::size_t i = keeps; i < late.size(); ++i) {
      duplicates.push_back(late[i]);
      if (hold.first.erase(late[i]) > 0) {
        hold.shared.insert(late[i]);
        changed_.insert(node);
      }
    }
  }

  void give(const Leaves& leaves, const std::vector<const Hand*>& takers) {
    std::vector<Pace> paces;
    for (const Hand* taker : takers) paces.push_back(taker->pace);
    const std::vector<std::uint64_t> counts = apportion(leaves.size(), paces);
    std::size_t next = 0;
    for (std::size_t i = 0; i < takers.size(); ++i) {
      for (std::uint64_t n = 0; n < counts[i]; ++n)
        round_.lease(takers[i]->node, takers[i]->incarnation, leaves[next++]);
      if (counts[i] > 0) changed_.insert(takers[i]->node);
    }
  }

  RoundLeases& round_;
  const std::vector<Hand>& hands_;
  const std::set<std::uint64_t>& isolated_;
  Leaves missing_;
  std::map<std::uint64_t, std::size_t> place_;  // of a leaf among the missing
  std::vector<unsigned> sure_, any_;            // holders of each: not suspected, all
  std::set<NodeId> busy_;                       // with something that is missing
  std::vector<const Hand*> idle_;
  std::set<NodeId> changed_;
};

Relief RoundLeases::relieve(const std::vector<Hand>& hands, const std::set<std::uint64_t>& isolated, bool duplicate) {
  Relief relief;
  if (duplicate) {
    Leaves now = missing();
    stalls_ = now == stalled_at_ ? stalls_ + 1 : 0;
    stalled_at_ = std::move(now);
  }
  Decision decision(*this, hands, isolated);
  decision.lease_orphans(relief);
  if (duplicate) decision.duplicate_late(relief);
  decision.finish(relief);
  return relief;
}

// Two may both hang: the longer nothing comes, the more may try.
std::uint64_t RoundLeases::holders_max() const {
  return 1 + static_cast<std::uint64_t>(std::bit_width(1 + stalls_ / kStallsMax));
}

void RoundLeases::lease(NodeId node, Incarnation incarnation, std::uint64_t leaf) {
  Hold& hold = holds_[node];
  hold.incarnation = incarnation;
  if (!hold.shared.contains(leaf)) hold.first.insert(leaf);
}

}  // namespace fulmar::core
