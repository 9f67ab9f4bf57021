#include "runtime/core/run_shape.hpp"

#include <algorithm>
#include <bit>

#include "runtime/core/epoch_order.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {
namespace {

std::uint64_t divide_up(std::uint64_t value, std::uint64_t by) {
  return (value + by - 1) / by;
}

}  // namespace

std::uint64_t RunShape::leaves_per_epoch() const {
  return divide_up(train_samples, leaf_size);
}

std::uint64_t RunShape::rounds_per_epoch() const {
  return divide_up(leaves_per_epoch(), leaves);
}

std::uint64_t RunShape::leaves_in_round(std::uint64_t unit) const {
  const std::uint64_t first = unit % rounds_per_epoch() * leaves;
  return std::min(leaves, leaves_per_epoch() - first);
}

std::uint64_t RunShape::samples_in_round(std::uint64_t unit) const {
  return std::min(leaves * leaf_size, train_samples - first_position(unit));
}

std::vector<std::uint64_t> RunShape::leaf_samples(std::uint64_t unit, std::uint64_t leaf) const {
  FULMAR_ASSERT(leaf < leaves_in_round(unit),
                "SHAPE-1: leaf " + std::to_string(leaf) + " of a unit of " + std::to_string(leaves_in_round(unit)));
  const EpochOrder order(seed, epoch_of(unit), train_samples);
  const std::uint64_t begin = first_position(unit) + leaf * leaf_size;
  const std::uint64_t end = std::min(begin + leaf_size, train_samples);
  std::vector<std::uint64_t> samples;
  for (std::uint64_t position = begin; position < end; ++position) samples.push_back(order.sample_at(position));
  return samples;
}

std::uint64_t RunShape::validation_leaves() const {
  return divide_up(validation_samples, leaf_size);
}

BlockTree RunShape::validation_tree() const {
  return {std::bit_ceil(validation_leaves()), validation_leaves()};
}

std::vector<std::uint64_t> RunShape::validation_leaf_samples(std::uint64_t leaf) const {
  FULMAR_ASSERT(leaf < validation_leaves(), "validation leaf " + std::to_string(leaf));
  std::vector<std::uint64_t> samples;
  const std::uint64_t end = std::min((leaf + 1) * leaf_size, validation_samples);
  for (std::uint64_t sample = leaf * leaf_size; sample < end; ++sample) samples.push_back(sample);
  return samples;
}

bool RunShape::is_validated(Version version) const {
  return has_validation() && version > 0 && version % rounds_per_epoch() == 0;
}

}  // namespace fulmar::core
