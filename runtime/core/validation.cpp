#include "runtime/core/validation.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/core/vector_arithmetic.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

Validation::Validation(BlockTree tree, const std::vector<Block>& blocks)
    : tree_(tree), blocks_(blocks), losses_(tree.present()), leases_(blocks) {}

bool Validation::take(const Block& block, const std::vector<LeafLoss>& losses) {
  if (!tree_.contains(block) || losses.size() != tree_.leaf_count(block)) return false;
  const std::uint64_t first = tree_.first_leaf(block);
  for (std::uint64_t i = 0; i < losses.size(); ++i) {
    std::optional<LeafLoss>& known = losses_[first + i];
    const bool both_nan = known && std::isnan(known->loss_sum) && std::isnan(losses[i].loss_sum);
    if (known && *known != losses[i] && !both_nan) return false;
    known = losses[i];
  }
  const auto is_there = [](const std::optional<LeafLoss>& loss) { return loss.has_value(); };
  for (const Block& leased : blocks_) {
    const auto begin = losses_.begin() + static_cast<std::ptrdiff_t>(tree_.first_leaf(leased));
    const auto end = losses_.begin() + static_cast<std::ptrdiff_t>(tree_.end_leaf(leased));
    if (std::all_of(begin, end, is_there)) leases_.finish(leased);
  }
  return true;
}

void Validation::grant(const Block& block, const Lease& lease) {
  leases_.grant(block, lease);
  given_[lease.incarnation].insert(block);
}

void Validation::end_incarnation(Incarnation incarnation) {
  leases_.end_incarnation(incarnation);
  given_.erase(incarnation);
}

std::vector<std::uint64_t> Validation::unfinished(Incarnation incarnation) const {
  const auto given = given_.find(incarnation);
  if (given == given_.end()) return {};
  std::set<std::uint64_t> leaves;  // a block may have been given whole, and then a part of it
  for (const Block& block : given->second) {
    for (std::uint64_t leaf = tree_.first_leaf(block); leaf < tree_.end_leaf(block); ++leaf) {
      if (!losses_[leaf]) leaves.insert(leaf);
    }
  }
  return {leaves.begin(), leaves.end()};
}

void Validation::isolate(std::uint64_t leaf) {
  for (const Block& block : leases_.free_blocks()) {
    if (!tree_.has_leaf(block, leaf) || tree_.leaf_count(block) == 1) continue;
    std::vector<Block> parts = tree_.decompose(tree_.first_leaf(block), leaf);
    for (const std::vector<Block>& more :
         {tree_.decompose(leaf, leaf + 1), tree_.decompose(leaf + 1, tree_.end_leaf(block))}) {
      parts.insert(parts.end(), more.begin(), more.end());
    }
    leases_.split(block, parts);
    std::erase(blocks_, block);
    blocks_.insert(blocks_.end(), parts.begin(), parts.end());
    return;
  }
}

std::optional<double> Validation::loss() const {
  std::vector<double> losses, weights;
  for (const std::optional<LeafLoss>& leaf : losses_) {
    if (!leaf) return std::nullopt;
    losses.push_back(leaf->loss_sum);
    weights.push_back(leaf->weight_sum);
  }
  return tree_sum(losses) / tree_sum(weights);
}

const ValidationState& ValidationHistory::add(Version version, double loss) {
  FULMAR_ASSERT(states_.empty() || states_.rbegin()->first < version,
                "VALID-2: the validation of version " + std::to_string(version) + " came out of order");
  ValidationState state = as_of(version);
  state.latest = ValidationRecord{version, loss};
  if (std::isfinite(loss) && (!state.best || loss < state.best->loss)) {
    state.best = state.latest;
    state.checks_without_better = 0;
  } else {
    ++state.checks_without_better;
  }
  return states_[version] = state;
}

ValidationState ValidationHistory::as_of(Version version) const {
  const auto later = states_.upper_bound(version);
  return later == states_.begin() ? before_ : std::prev(later)->second;
}

bool ValidationHistory::is_best(Version version) const {
  const ValidationState state = as_of(version);
  return state.best && state.best->version == version;
}

void ValidationHistory::forget_before(Version version) {
  before_ = as_of(version);
  states_.erase(states_.begin(), states_.upper_bound(version));
}

bool out_of_patience(const ValidationState& validation, std::uint64_t patience) {
  return patience > 0 && validation.checks_without_better >= patience;
}

std::optional<std::string> reason_to_complete(const RunState& state, Version end_version, std::uint64_t patience) {
  const ValidationState& validation = state.validation;
  if (out_of_patience(validation, patience)) {
    return "no better validation in " + std::to_string(validation.checks_without_better) +
           " epochs; the best is version " + std::to_string(validation.best ? validation.best->version : 0);
  }
  if (state.version < end_version) return std::nullopt;
  return "reached version " + std::to_string(state.version);
}

}  // namespace fulmar::core
