// A learning problem small enough to be solved a thousand times a second: each parameter is pulled towards targets that
// each sample draws from the seed. Real float32 arithmetic, so that another order of summation shows in the bits.
// Thread rule: immutable.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/core/messages.hpp"
#include "runtime/core/optimizer.hpp"
#include "runtime/core/run_shape.hpp"
#include "runtime/core/shard_map.hpp"
#include "runtime/vocabulary/random.hpp"

namespace fulmar::simulation {

using Vector = std::vector<float>;

/// How often each leaf of a unit is in a sum: what a reduction must not get wrong.
struct Leaves {
  core::Unit unit = 0;
  core::Version base = 0;            ///< whose weights were used, as the shell knows it
  std::vector<std::uint8_t> counts;  ///< by leaf, of those that are there
  bool operator==(const Leaves&) const = default;
};
void add(Leaves& left, const Leaves& right);

/// The gradient sum of a block of leaves.
struct Gradient {
  Vector values;
  bool finite = true;  ///< of each leaf
  double loss_sum = 0;
  double weight_sum = 0;
  std::vector<std::uint64_t> leaves_not_finite;
  Leaves leaves;
};

class Problem {
 public:
  /// `poisoned`: units whose leaf 0 has a gradient that is not finite.
  Problem(core::RunShape shape, std::size_t parameters, std::vector<core::Unit> poisoned);

  std::size_t parameters() const { return parameters_; }
  Vector initial_weights() const;
  Gradient leaf(const Vector& weights, core::Unit unit, std::uint64_t leaf) const;
  /// The leaves of `block`, reduced by the fixed tree.
  Gradient block(const Vector& weights, core::Unit unit, const core::Block& block) const;
  core::LeafLoss validation_leaf(const Vector& weights, std::uint64_t leaf) const;

 private:
  float draw(Purpose purpose, std::uint64_t sample, std::size_t parameter) const;
  Vector draw_targets(Purpose purpose, std::uint64_t samples) const;

  core::RunShape shape_;
  std::size_t parameters_;
  std::vector<core::Unit> poisoned_;
  Vector train_targets_, validation_targets_;  // of each sample, one after the other
};

/// left += right, with all that belongs to it.
void join(Gradient& left, const Gradient& right);

}  // namespace fulmar::simulation
