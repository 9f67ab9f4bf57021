#include "tests/simulation/reference.hpp"

#include <algorithm>
#include <cmath>
#include <span>
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
  if (std::isfinite(loss) && (!validation.best || loss < validation.best->loss)) {
    validation.best = validation.latest;
    validation.checks_without_better = 0;
  } else {
    ++validation.checks_without_better;
  }
}

const ReferenceVersion& ancestor(const ReferenceVersion& of, core::Version version) {
  const ReferenceVersion* found = &of;
  while (found->version() > version) found = found->before;
  return *found;
}

}  // namespace

Reference::Reference(const Scenario& scenario, const Problem& problem) : scenario_(scenario), problem_(problem) {
  beginning_.weights = problem.initial_weights();
  beginning_.optimizer.assign(core::state_vectors(scenario.optimizer.kind), Vector(problem.parameters(), 0.0F));
  if (scenario.is_synchronous()) run_synchronously();
}

const ReferenceVersion& Reference::after(const ReferenceVersion& before, const core::PrescribedUpdate& update) {
  std::unique_ptr<const ReferenceVersion>& made = made_[{&before, update.unit, update.base}];
  if (!made) made = std::make_unique<const ReferenceVersion>(make(before, update));
  return *made;
}

ReferenceVersion Reference::make(const ReferenceVersion& before, const core::PrescribedUpdate& update) const {
  const core::RunShape& shape = scenario_.shape;
  const Vector& base = ancestor(before, update.base).weights;
  const Gradient gradient = problem_.block(base, update.unit, shape.tree(update.unit).root());
  ReferenceVersion next = before;
  next.before = &before;
  next.update = update;
  next.loss_sum = gradient.loss_sum;
  next.weight_sum = gradient.weight_sum;
  next.squared_norm = squared_norm_by_chunk(gradient.values, scenario_.chunk_floats);
  const core::Version version = ++next.state.version;
  const std::uint64_t first = shape.first_position(update.unit);
  const std::uint64_t samples = shape.samples_in_round(update.unit);
  if (gradient.finite && std::isfinite(gradient.loss_sum) && std::isfinite(next.squared_norm)) {
    const core::StepConstants constants =
        core::step_constants(scenario_.optimizer, before.state.updates_applied, gradient.weight_sum, next.squared_norm,
                             before.version() - update.base);
    std::vector<std::span<const float>> in(next.optimizer.begin(), next.optimizer.end());
    std::vector<std::span<float>> out(next.optimizer.begin(), next.optimizer.end());
    core::optimizer_step(scenario_.optimizer.kind, constants, gradient.values, next.weights, next.weights, in, out,
                         base);
    next.action = core::Action::apply;
    next.state.ledger.count(first, samples, shape.train_samples);
    next.state.train_loss = gradient.loss_sum / gradient.weight_sum;
    ++next.state.updates_applied;
    next.state.voided_in_a_row = 0;
  } else if (scenario_.not_finite == core::NotFinitePolicy::stop ||
             before.state.voided_in_a_row + 1 >= core::VerdictRule{}.voided_in_a_row_max) {
    next.action = core::Action::stop;
    return next;
  } else {
    next.action = core::Action::skip;
    next.state.ledger.void_round(version, first, samples, shape.train_samples);
    ++next.state.voided_in_a_row;
  }
  if (shape.is_validated(version)) {
    validate(next.state.validation, version, validation_loss(scenario_, problem_, next.weights));
  }
  return next;
}

const ReferenceVersion* Reference::known_after(const ReferenceVersion& before,
                                               const core::PrescribedUpdate& update) const {
  const auto made = made_.find({&before, update.unit, update.base});
  return made == made_.end() ? nullptr : made->second.get();
}

const ReferenceVersion* Reference::known(core::Version version, const Vector& weights,
                                         const std::vector<Vector>& optimizer) const {
  const auto is_it = [&](const ReferenceVersion& other) {
    return other.version() == version && other.weights == weights && other.optimizer == optimizer;
  };
  if (is_it(beginning_)) return &beginning_;
  const auto found = std::ranges::find_if(made_, [&](const auto& made) { return is_it(*made.second); });
  return found == made_.end() ? nullptr : found->second.get();
}

std::optional<core::Version> Reference::end_up_to(const ReferenceVersion& version) const {
  std::optional<core::Version> end;
  for (const ReferenceVersion* at = &version; at != nullptr; at = at->before) {
    const bool impatient = scenario_.patience > 0 && at->state.validation.checks_without_better >= scenario_.patience;
    if (impatient || at->version() == scenario_.end_version) end = at->version();
  }
  return end;
}

void Reference::run_synchronously() {
  const ReferenceVersion* newest = &beginning_;
  std::optional<core::Version> end;
  while (!end && newest->action != core::Action::stop) {
    newest = &after(*newest, {newest->version(), newest->version()});
    if (newest->action != core::Action::stop) end = end_up_to(*newest);
  }
  stopped_ = !end;
  end_ = end.value_or(newest->version() - 1);
}

}  // namespace fulmar::simulation
