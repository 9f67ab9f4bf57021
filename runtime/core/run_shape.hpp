// Which samples a leaf, a round and an epoch hold: pure functions of the manifest, so that nobody needs to be told.
//
// An epoch has ceil(samples / leaf_size) leaves in the epoch order; units take `leaves` of them at a time; the last
// unit of an epoch takes what is left, and its last leaf may hold fewer samples than leaf_size (the rest of it is
// padding). Unit u is what synchronous round u computes, which makes version u+1 of version u. Thread rule: plain
// value.
//
// SHAPE-1: over the units of an epoch, each sample is in exactly one leaf of exactly one unit.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/core/block.hpp"
#include "runtime/core/run_state.hpp"

namespace fulmar::core {

struct RunShape {
  std::uint64_t seed = 0;
  std::uint64_t train_samples = 1;
  std::uint64_t validation_samples = 0;
  std::uint64_t leaf_size = 1;
  std::uint64_t leaves = 1;  ///< of a unit, a power of two

  std::uint64_t leaves_per_epoch() const;
  std::uint64_t rounds_per_epoch() const;
  std::uint64_t epoch_of(std::uint64_t unit) const { return unit / rounds_per_epoch(); }

  std::uint64_t leaves_in_round(std::uint64_t unit) const;
  std::uint64_t samples_in_round(std::uint64_t unit) const;
  /// Of the unit's first sample, in the epoch order.
  std::uint64_t first_position(std::uint64_t unit) const { return unit % rounds_per_epoch() * leaves * leaf_size; }
  BlockTree tree(std::uint64_t unit) const { return {leaves, leaves_in_round(unit)}; }
  /// The ids of the samples of leaf `leaf` of a unit, at most leaf_size of them, in order.
  std::vector<std::uint64_t> leaf_samples(std::uint64_t unit, std::uint64_t leaf) const;

  bool has_validation() const { return validation_samples > 0; }
  std::uint64_t validation_leaves() const;
  BlockTree validation_tree() const;
  std::vector<std::uint64_t> validation_leaf_samples(std::uint64_t leaf) const;
  /// Versions that are validated: the end of every epoch.
  bool is_validated(Version version) const;
};

}  // namespace fulmar::core
