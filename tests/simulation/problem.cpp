#include "tests/simulation/problem.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "runtime/core/vector_arithmetic.hpp"

namespace fulmar::simulation {

Problem::Problem(core::RunShape shape, std::size_t parameters, std::vector<core::Unit> poisoned)
    : shape_(shape),
      parameters_(parameters),
      poisoned_(std::move(poisoned)),
      train_targets_(draw_targets(Purpose::data_generation, shape.train_samples)),
      validation_targets_(draw_targets(Purpose::dropout, shape.validation_samples)) {}

float Problem::draw(Purpose purpose, std::uint64_t sample, std::size_t parameter) const {
  return RandomStream(shape_.seed, purpose, 0, sample).uniform(parameter) - 0.5F;
}

Vector Problem::draw_targets(Purpose purpose, std::uint64_t samples) const {
  Vector targets;
  targets.reserve(samples * parameters_);
  for (std::uint64_t sample = 0; sample < samples; ++sample) {
    for (std::size_t i = 0; i < parameters_; ++i) targets.push_back(draw(purpose, sample, i));
  }
  return targets;
}

Vector Problem::initial_weights() const {
  Vector weights(parameters_);
  for (std::size_t i = 0; i < parameters_; ++i) weights[i] = 3 * draw(Purpose::initial_weights, 0, i);
  return weights;
}

Gradient Problem::leaf(const Vector& weights, core::Unit unit, std::uint64_t leaf) const {
  Gradient sum{Vector(parameters_, 0.0F), true, 0, 0, {}, {unit, 0, {}}};
  sum.leaves.counts.resize(shape_.leaves_in_round(unit));
  sum.leaves.counts[leaf] = 1;
  for (const std::uint64_t sample : shape_.leaf_samples(unit, leaf)) {
    for (std::size_t i = 0; i < parameters_; ++i) {
      const float error = weights[i] - train_targets_[sample * parameters_ + i];
      sum.values[i] += error;
      sum.loss_sum += double{error} * double{error};
    }
    sum.weight_sum += 1;
  }
  if (leaf == 0 && std::find(poisoned_.begin(), poisoned_.end(), unit) != poisoned_.end()) {
    sum.values.front() = std::numeric_limits<float>::quiet_NaN();
    sum.finite = false;
    sum.leaves_not_finite.push_back(leaf);
  }
  return sum;
}

Gradient Problem::block(const Vector& weights, core::Unit unit, const core::Block& block) const {
  const core::BlockTree tree = shape_.tree(unit);
  if (tree.leaf_count(block) == 1) return leaf(weights, unit, tree.first_leaf(block));
  Gradient sum = this->block(weights, unit, tree.left(block));
  join(sum, this->block(weights, unit, tree.right(block)));
  return sum;
}

core::LeafLoss Problem::validation_leaf(const Vector& weights, std::uint64_t leaf) const {
  core::LeafLoss loss;
  for (const std::uint64_t sample : shape_.validation_leaf_samples(leaf)) {
    for (std::size_t i = 0; i < parameters_; ++i) {
      const float error = weights[i] - validation_targets_[sample * parameters_ + i];
      loss.loss_sum += double{error} * double{error};
    }
    loss.weight_sum += 1;
  }
  return loss;
}

void add(Leaves& left, const Leaves& right) {
  for (std::size_t leaf = 0; leaf < left.counts.size(); ++leaf) {
    left.counts[leaf] = static_cast<std::uint8_t>(left.counts[leaf] + right.counts.at(leaf));
  }
}

void join(Gradient& left, const Gradient& right) {
  core::add(left.values, right.values);
  add(left.leaves, right.leaves);
  left.finite = left.finite && right.finite;
  left.loss_sum += right.loss_sum;
  left.weight_sum += right.weight_sum;
  left.leaves_not_finite.insert(left.leaves_not_finite.end(), right.leaves_not_finite.begin(),
                                right.leaves_not_finite.end());
}

}  // namespace fulmar::simulation
