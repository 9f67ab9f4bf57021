#include "tests/simulation/scenario.hpp"

#include <algorithm>
#include <chrono>

namespace fulmar::simulation {
namespace {

using std::chrono::microseconds;

constexpr std::uint64_t kFaultHorizonUs = 20000;

std::vector<Time> moments(Dice& dice, std::uint64_t count_max) {
  std::vector<Time> times;
  for (std::uint64_t count = dice.between(0, count_max); count > 0; --count) {
    times.emplace_back(microseconds(dice.below(dice.one_in(2) ? kFaultHorizonUs : kFaultHorizonUs / 8)));
  }
  return times;
}

void draw_run(Scenario& scenario, Dice& dice) {
  core::RunShape& shape = scenario.shape;
  shape.seed = scenario.seed;
  shape.train_samples = dice.between(1, 60);
  shape.validation_samples = dice.one_in(5) ? 0 : dice.between(1, 14);
  shape.leaf_size = dice.between(1, 4);
  shape.leaves = std::uint64_t{1} << dice.below(5);
  scenario.end_version = dice.between(1, 6) * shape.rounds_per_epoch();
  scenario.patience = dice.below(3);
  scenario.checkpoint_every_rounds = dice.one_in(3) ? 0 : dice.between(1, 5);
  if (dice.one_in(3)) scenario.checkpoint_every = microseconds(dice.between(200, 4000));
  if (dice.one_in(4)) {
    for (std::uint64_t count = dice.between(1, 3); count > 0; --count) {
      scenario.poisoned.push_back(dice.below(scenario.end_version));
    }
  }
  if (dice.one_in(2)) scenario.not_finite = core::NotFinitePolicy::stop;
  core::OptimizerSettings& optimizer = scenario.optimizer;
  optimizer.kind = static_cast<core::OptimizerKind>(dice.below(4));
  optimizer.schedule.learning_rate = static_cast<double>(dice.between(1, 120)) / 100;
  optimizer.clip_norm = dice.one_in(2) ? 0.5 : 0;
}

void draw_machines(Scenario& scenario, Dice& dice) {
  scenario.shards = static_cast<std::uint32_t>(dice.between(1, 3));
  scenario.parameters = 16 * dice.between(1, 4) + (dice.one_in(2) ? 5 : 0);
  for (std::uint64_t workers = dice.between(1, 5); workers > 0; --workers) {
    scenario.worker_slots.push_back(static_cast<std::uint32_t>(dice.between(1, 3)));
  }
  scenario.latency_max = microseconds(dice.between(1, 60));
  scenario.leaf_time_max = microseconds(dice.between(1, 60));
}

void draw_faults(Scenario& scenario, Dice& dice) {
  Faults& faults = scenario.faults;
  if (dice.one_in(8)) return;  // a quiet day
  faults.slot_death_one_in = dice.one_in(2) ? dice.between(10, 100) : 0;
  faults.write_failure_one_in = dice.one_in(3) ? dice.between(2, 8) : 0;
  faults.duplicate_one_in = dice.between(3, 30);
  faults.worker_kills = moments(dice, 6);
  faults.late_joins = moments(dice, 3);
  faults.head_kills = moments(dice, 4);
  faults.stop_requests = moments(dice, 3);
  if (dice.one_in(10)) {
    const core::Version base = dice.below(scenario.end_version);
    faults.killer = core::LeafId{base, false, dice.below(scenario.shape.leaves_in_round(base))};
    const core::Version next = base + 1;
    if (scenario.shape.is_validated(next) && dice.one_in(2)) {
      faults.killer = core::LeafId{next, true, dice.below(scenario.shape.validation_leaves())};
    }
  }
}

}  // namespace

Scenario draw_scenario(std::uint64_t seed) {
  Dice dice(seed, 0);
  Scenario scenario;
  scenario.seed = seed;
  draw_run(scenario, dice);
  draw_machines(scenario, dice);
  draw_faults(scenario, dice);
  return scenario;
}

std::string describe(const Scenario& scenario) {
  const core::RunShape& shape = scenario.shape;
  const Faults& faults = scenario.faults;
  std::string text = "seed " + std::to_string(scenario.seed) + ": " + std::to_string(scenario.end_version) +
                     " rounds of " + std::to_string(shape.leaves) + " leaves of " + std::to_string(shape.leaf_size) +
                     ", " + std::to_string(shape.rounds_per_epoch()) + " an epoch, " + std::to_string(scenario.shards) +
                     " shards, slots of workers";
  for (const std::uint32_t slots : scenario.worker_slots) text += " " + std::to_string(slots);
  text += "; kills of workers " + std::to_string(faults.worker_kills.size()) + ", of the head " +
          std::to_string(faults.head_kills.size()) + ", stops " + std::to_string(faults.stop_requests.size());
  if (faults.killer) {
    text += ", a killer: " + std::string(faults.killer->validation ? "validation of version " : "round ") +
            std::to_string(faults.killer->version) + " leaf " + std::to_string(faults.killer->leaf);
  }
  return text;
}

}  // namespace fulmar::simulation
