#include "runtime/transport/message_rules.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace fulmar::transport {
namespace {

using Refused = std::optional<std::string>;
constexpr std::nullopt_t kFine = std::nullopt;

// ---- what messages are made of

/// `value` is to be less than `end`.
Refused check_number(const char* what, std::uint64_t value, std::uint64_t end) {
  if (value < end) return kFine;
  return std::string(what) + " " + std::to_string(value) + " of " + std::to_string(end);
}

/// `newest` is a bound of who speaks, and perhaps no bound at all.
Refused check_newest(const char* what, std::uint64_t value, std::uint64_t newest) {
  newest = std::min(newest, kVersionMax);
  if (value <= newest) return kFine;
  return std::string(what) + " " + std::to_string(value) + ", where the newest can be " + std::to_string(newest);
}

Refused check_weight(double weight) {
  if (std::isfinite(weight) && weight >= 0) return kFine;
  return "a sum of weights of " + std::to_string(weight);
}

/// Figures that are shown, and decide nothing.
Refused check_figure(const char* what, double value) {
  if (std::isfinite(value) && value >= 0) return kFine;
  return std::string(what) + " of " + std::to_string(value);
}

/// Blocks are named canonically (TREE-2).
Refused check_block(const core::Block& block, const core::BlockTree& tree) {
  if (tree.contains(block) && tree.canonical(block) == block) return kFine;
  return "block " + to_string(block) + " of a tree with " + std::to_string(tree.present()) + " leaves";
}

Refused check_blocks(std::vector<core::Block> blocks, const core::BlockTree& tree) {
  for (const core::Block& block : blocks) {
    if (Refused refused = check_block(block, tree)) return refused;
  }
  std::sort(blocks.begin(), blocks.end(),
            [&](const core::Block& a, const core::Block& b) { return tree.first_leaf(a) < tree.first_leaf(b); });
  const auto overlap = std::adjacent_find(
      blocks.begin(), blocks.end(),
      [&](const core::Block& a, const core::Block& b) { return tree.end_leaf(a) > tree.first_leaf(b); });
  if (overlap == blocks.end()) return kFine;
  return "block " + to_string(*overlap) + " overlaps another";
}

/// To be visited with.
struct Rules {
  Refused operator()(const core::Beat& beat) const {
    const double speed = beat.leaves_per_second;
    const bool is_speed = speed == 0 || (speed >= kLeavesPerSecondMin && speed <= kLeavesPerSecondMax);
    if (!is_speed) return "a speed of " + std::to_string(speed) + " leaves a second";
    if (Refused refused = check_figure("a CPU time", beat.usage.cpu_seconds)) return refused;
    if (Refused refused = check_figure("a memory size", beat.usage.resident_bytes)) return refused;
    return beat.holds ? check_version(*beat.holds) : kFine;
  }
  Refused operator()(const core::Leave&) const { return kFine; }
  Refused operator()(const core::Drained&) const { return kFine; }
  Refused operator()(const core::SlotFailed& failed) const {
    if (Refused refused = check_number("slot", failed.slot, bounds.slots)) return refused;
    return failed.at_leaf ? check_leaf(failed.leaf) : kFine;
  }
  Refused operator()(const core::LeafNotFinite& found) const { return check_leaf(found.leaf); }
  Refused operator()(const core::BlockValidated& validated) const {
    if (Refused refused = check_validated(validated.version)) return refused;
    const core::BlockTree tree = shape().validation_tree();
    if (Refused refused = check_block(validated.block, tree)) return refused;
    if (validated.losses.size() != tree.leaf_count(validated.block)) {
      return std::to_string(validated.losses.size()) + " losses of block " + to_string(validated.block);
    }
    for (const core::LeafLoss& loss : validated.losses) {
      if (Refused refused = check_weight(loss.weight_sum)) return refused;
    }
    return kFine;
  }
  Refused operator()(const core::BlockPushed& pushed) const {
    if (Refused refused = check_version(pushed.base)) return refused;
    if (Refused refused = pushed.lease == 0 ? check_round(pushed) : check_attempt(pushed)) return refused;
    if (Refused refused = check_figure("a computing time", pushed.compute_seconds)) return refused;
    return check_weight(pushed.weight_sum);
  }
  Refused operator()(const core::VersionHeld& held) const { return check_version(held.version); }

  Refused operator()(const core::PlanChanged& plan) const {
    if (Refused refused = check_version(plan.from_version)) return refused;
    return check_blocks(plan.blocks, {shape().leaves, shape().leaves});
  }
  Refused operator()(const core::RoundLease& lease) const {
    if (Refused refused = check_version(lease.base)) return refused;
    return check_blocks(lease.blocks, shape().tree(lease.base));
  }
  Refused operator()(const core::ValidationLease& lease) const {
    if (Refused refused = check_validated(lease.version)) return refused;
    return check_blocks(lease.blocks, shape().validation_tree());
  }
  Refused operator()(const core::RestartSlot& restart) const {
    return check_number("slot", restart.slot, bounds.slots);
  }
  Refused operator()(const core::EndAt& end) const { return check_version(end.version); }
  Refused operator()(const core::Drain&) const { return kFine; }
  Refused operator()(const core::ReleaseVersion& release) const { return check_version(release.version); }
  Refused operator()(const core::VersionSlice& slice) const {
    if (Refused refused = check_number("shard", slice.shard, bounds.shards)) return refused;
    if (Refused refused = check_version(slice.version)) return refused;
    return slice.lease == 0 ? kFine : check_lease(slice.lease);
  }
  Refused operator()(const core::UnitLease& lease) const {
    if (Refused refused = check_lease(lease.lease)) return refused;
    if (Refused refused = check_unit(lease.unit)) return refused;
    return check_version(lease.base);
  }
  Refused operator()(const core::LeaseRevoked& revoked) const { return check_lease(revoked.lease); }

  const core::RunShape& shape() const { return bounds.shape; }

  Refused check_version(core::Version version) const { return check_newest("version", version, bounds.newest); }
  Refused check_unit(core::Unit unit) const { return check_newest("unit", unit, bounds.newest_unit); }
  Refused check_lease(core::LeaseNumber lease) const {
    if (lease == 0) return "a lease without a number";
    return check_newest("lease", lease, bounds.newest_lease);
  }
  Refused check_round(const core::BlockPushed& pushed) const {
    if (pushed.unit != pushed.base) {
      return "unit " + std::to_string(pushed.unit) + " as round " + std::to_string(pushed.base);
    }
    return check_block(pushed.block, shape().tree(pushed.unit));
  }
  /// A leased unit is pushed whole.
  Refused check_attempt(const core::BlockPushed& pushed) const {
    if (Refused refused = check_lease(pushed.lease)) return refused;
    if (Refused refused = check_unit(pushed.unit)) return refused;
    if (pushed.block == shape().tree(pushed.unit).root()) return kFine;
    return "block " + to_string(pushed.block) + " of a leased unit, which is pushed whole";
  }
  Refused check_validated(core::Version version) const {
    if (Refused refused = check_version(version)) return refused;
    return shape().is_validated(version) ? kFine : Refused("a validation of version " + std::to_string(version));
  }
  Refused check_leaf(const core::LeafId& leaf) const {
    if (Refused refused = leaf.validation ? check_validated(leaf.version) : check_unit(leaf.version)) return refused;
    return check_number("leaf", leaf.leaf,
                        leaf.validation ? shape().validation_leaves() : shape().leaves_in_round(leaf.version));
  }

  const MessageBounds& bounds;
};

}  // namespace

std::optional<std::string> reason_to_refuse(const core::SessionMessage& message, const MessageBounds& bounds) {
  return std::visit(Rules{bounds}, message);
}

std::optional<std::string> reason_to_refuse(const core::Join& join) {
  if (join.name.empty()) return "a node without a name";
  if (join.slots == 0 || join.slots > kNodeSlotsMax) {
    return std::to_string(join.slots) + " slots, where 1 to " + std::to_string(kNodeSlotsMax) + " are possible";
  }
  if (join.instance == 0 || join.attempt == 0) return "a node that does not say which process and attempt it is";
  return std::nullopt;
}

}  // namespace fulmar::transport
