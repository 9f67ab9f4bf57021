#include "tests/simulation/reference.hpp"

#include <algorithm>
#include <cmath>
#include <span>
#include <tuple>
#include <utility>

#include "runtime/core/vector_arithmetic.hpp"

namespace fulmar::simulation {
namespace {

double squared_norm_by_chunk(const Vector& values, std::size_t chunk_floats) {
  std::vector<double> norms;
  const core::ShardMap chunks(values.size(), 1, chunk_floats);
  for (std::size_t chunk = 0; chunk < chunks.chunks(); ++chunk) {
    const core::Extent extent = chunks.chunk(chunk);
    norms.push_back(core::squared_norm(std::span(values).subspan(extent.begin, extent.size())));
  }
  return core::tree_sum(norms);
}

double validation_loss(const Scenario& scenario, const Problem& problem, const Vector& weights) {
  std::vector<double> losses, sums;
  for (std::uint64_t leaf = 0; leaf < scenario.shape.validation_leaves(); ++leaf) {
    const core::LeafLoss loss = problem.validation_leaf(weights, leaf);
    losses.push_back(loss.loss_sum);
    sums.push_back(loss.weight_sum);
  }
  return core::tree_sum(losses) / core::tree_sum(sums);
}

void validate(core::ValidationState& validation, core::Version version, double loss) {
  validation.latest = core::ValidationRecord{version, loss};
  if (!validation.best || loss < validation.best->loss) {
    validation.best = validation.latest;
    validation.checks_without_better = 0;
  } else {
    ++validation.checks_without_better;
  }
}

}  // namespace

Reference compute_reference(const Scenario& scenario, const Problem& problem) {
  const core::RunShape& shape = scenario.shape;
  Reference reference{{{problem.initial_weights(), {}}}, scenario.end_version, false};
  std::vector<Vector> state(core::state_vectors(scenario.optimizer.kind), Vector(problem.parameters(), 0.0F));
  bool ended = false;
  for (core::Version base = 0; base < scenario.end_version; ++base) {
    ReferenceVersion next = reference.versions.back();
    const Gradient gradient = problem.block(next.weights, base, shape.tree(base).root());
    const std::uint64_t samples = shape.samples_in_round(base);
    next.state.version = base + 1;
    if (gradient.finite) {
      const core::StepConstants constants =
          core::step_constants(scenario.optimizer, next.state.updates_applied, gradient.weight_sum,
                               squared_norm_by_chunk(gradient.values, scenario.chunk_floats));
      std::vector<std::span<const float>> in(state.begin(), state.end());
      std::vector<std::span<float>> out(state.begin(), state.end());
      core::optimizer_step(scenario.optimizer.kind, constants, gradient.values, next.weights, next.weights, in, out);
      next.state.ledger.count(samples, shape.train_samples);
      next.state.train_loss = gradient.loss_sum / gradient.weight_sum;
      ++next.state.updates_applied;
      next.state.voided_in_a_row = 0;
    } else if (scenario.not_finite == core::NotFinitePolicy::stop) {
      if (!ended) std::tie(reference.end, reference.stopped) = std::pair(base, true);
      return reference;
    } else {
      next.state.ledger.void_round(base + 1, samples, shape.train_samples);
      ++next.state.voided_in_a_row;
    }
    if (shape.is_validated(base + 1)) {
      validate(next.state.validation, base + 1, validation_loss(scenario, problem, next.weights));
    }
    const bool impatient = scenario.patience > 0 && next.state.validation.checks_without_better >= scenario.patience;
    if (impatient && !ended) std::tie(reference.end, ended) = std::pair(base + 1, true);
    reference.versions.push_back(std::move(next));
  }
  return reference;
}

}  // namespace fulmar::simulation
