// Which samples a leaf, a round and an epoch hold: pure functions of the manifest, so that nobody needs to be told.
//
// Round b computes version b+1 from version b. An epoch has ceil(samples / leaf_size) leaves in the epoch order; rounds
// take `leaves` of them at a time; the last round of an epoch takes what is left, and its last leaf may hold fewer
// samples than leaf_size (the rest of it is padding).
// Thread rule: plain value.
//
// SHAPE-1: over the rounds of an epoch, each sample is in exactly one leaf of exactly one round.
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
  std::uint64_t leaves = 1;  ///< of a round, a power of two

  std::uint64_t leaves_per_epoch() const;
  std::uint64_t rounds_per_epoch() const;
  std::uint64_t epoch_of(Version base) const { return base / rounds_per_epoch(); }

  std::uint64_t leaves_in_round(Version base) const;
  std::uint64_t samples_in_round(Version base) const;
  BlockTree tree(Version base) const { return {leaves, leaves_in_round(base)}; }
  /// The ids of the samples of leaf `leaf` of round `base`, at most leaf_size of them, in order.
  std::vector<std::uint64_t> leaf_samples(Version base, std::uint64_t leaf) const;

  bool has_validation() const { return validation_samples > 0; }
  std::uint64_t validation_leaves() const;
  BlockTree validation_tree() const;
  std::vector<std::uint64_t> validation_leaf_samples(std::uint64_t leaf) const;
  /// Versions that are validated: the end of every epoch.
  bool is_validated(Version version) const;
};

}  // namespace fulmar::core
